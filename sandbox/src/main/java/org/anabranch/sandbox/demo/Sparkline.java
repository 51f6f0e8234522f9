package org.anabranch.sandbox.demo;

import java.util.List;

/** Numbers as a line of little bars. */
final class Sparkline {

    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final String BARS_IN_ASCII = "_.-~=+*#";

    private Sparkline() {}

    /**
     * The newest values at the right, as many as fit into the width.
     *
     * @param values 0 or more; negative for none, which is a blank
     * @param full the value of a full bar; more is shown as full too
     * @param unicode whether block characters can be shown
     */
    static String of(List<Long> values, long full, int width, boolean unicode) {
        String bars = unicode ? BARS : BARS_IN_ASCII;
        StringBuilder line = new StringBuilder(" ".repeat(Math.max(0, width - values.size())));
        for (long value : values.subList(Math.max(0, values.size() - width), values.size())) {
            line.append(value < 0 ? ' ' : bars.charAt((int) Math.min(bars.length() - 1, value * bars.length() / full)));
        }
        return line.toString();
    }
}
