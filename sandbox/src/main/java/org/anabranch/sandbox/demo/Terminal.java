package org.anabranch.sandbox.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A picture that is drawn in place, on the terminal's second screen, and what puts the terminal back as it was. */
final class Terminal implements AutoCloseable {

    private static final String ESCAPE = "\u001B[";

    /** Second screen, no cursor, no wrapping of long lines. */
    private static final String OPEN = ESCAPE + "?1049h" + ESCAPE + "?25l" + ESCAPE + "?7l" + ESCAPE + "2J";

    private static final String CLOSE = ESCAPE + "?7h" + ESCAPE + "?25h" + ESCAPE + "?1049l";
    private static final String REST_OF_LINE = ESCAPE + "K";
    private static final String REST_OF_SCREEN = ESCAPE + "J";

    private final PrintStream out;
    private boolean open;
    private boolean closed;

    Terminal(PrintStream out) {
        this.out = out;
    }

    /** Whether standard output is a terminal that can be drawn on. Linux only, as the sandbox is. */
    static boolean isStandardOutput() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.matches("/dev/(pts/|tty|console).*") && !"dumb".equals(System.getenv("TERM"));
        } catch (IOException noLink) {
            return false;
        }
    }

    /** Whether block characters can be written to standard output. */
    static boolean hasUnicode() {
        return System.out.charset().newEncoder().canEncode('▁');
    }

    /** Draws over the last picture. Does nothing once it is closed. */
    synchronized void draw(List<String> lines) {
        if (closed) {
            return;
        }
        StringBuilder picture = new StringBuilder(open ? "" : OPEN);
        open = true;
        int row = 1;
        for (String line : lines) {
            picture.append(ESCAPE).append(row++).append(";1H").append(line).append(REST_OF_LINE);
        }
        // From the next row on: a shorter picture leaves nothing of a longer one.
        out.print(picture.append(ESCAPE).append(row).append(";1H").append(REST_OF_SCREEN));
        out.flush();
    }

    @Override
    public synchronized void close() {
        if (open && !closed) {
            out.print(CLOSE);
            out.flush();
        }
        closed = true;
    }
}
