package org.anabranch.node.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Text to YAML nodes, with the parser's complaints as problems. */
final class YamlText {

    private static final int DEPTH_MAX = 32;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    // What follows these words in the parser's message is text of the file: an unquoted password may begin with * ! or
    // &.
    private static final Pattern QUOTES_THE_FILE =
            Pattern.compile("(undefined alias|tag handle|anchor)\\b.*", Pattern.DOTALL);

    private YamlText() {}

    /** The document's outermost node; null after a problem. */
    static @Nullable Node compose(Source source, String text) {
        String withoutMark = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source.file())
                .setUseMarks(true)
                .setAllowNonScalarKeys(true)
                .build();
        try {
            if (isTooDeep(source, withoutMark, settings)) {
                return null;
            }
            Optional<Node> node = new Compose(settings).composeString(withoutMark);
            if (node.isPresent()) {
                return node.get();
            }
            source.problems().error(Position.wholeFile(source.file()), "the file is empty", "write a pipeline into it");
        } catch (MarkedYamlEngineException e) {
            source.problems().error(position(source, e), "not YAML: " + reason(e), "correct it here or just before");
        } catch (ReaderException e) {
            source.problems()
                    .error(
                            positionOf(source, withoutMark, e.getPosition()),
                            String.format("character U+%04X is not allowed", e.getCodePoint()),
                            "remove it");
        } catch (YamlEngineException e) {
            source.problems()
                    .error(
                            Position.wholeFile(source.file()),
                            "too many aliases of lists and mappings",
                            "write them out");
        }
        return null;
    }

    /** The composer calls itself for each level, so a hostile file would end in a stack overflow. */
    private static boolean isTooDeep(Source source, String text, LoadSettings settings) {
        int depth = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            depth += switch (event.getEventId()) {
                case MappingStart, SequenceStart -> 1;
                case MappingEnd, SequenceEnd -> -1;
                default -> 0;
            };
            if (depth > DEPTH_MAX) {
                Position at = event.getStartMark().map(source::position).orElse(Position.wholeFile(source.file()));
                source.problems().error(at, "more than " + DEPTH_MAX + " levels", "a pipeline needs 5");
                return true;
            }
        }
        return false;
    }

    private static Position position(Source source, MarkedYamlEngineException e) {
        return e.getProblemMark().or(e::getContextMark).map(source::position).orElse(Position.wholeFile(source.file()));
    }

    private static String reason(MarkedYamlEngineException e) {
        String problem = String.valueOf(e.getProblem());
        Matcher matcher = QUOTES_THE_FILE.matcher(problem);
        if (matcher.find()) {
            return "a value that begins with * & or ! and is not in quotes";
        }
        return e.getContext() == null ? problem : problem + " " + e.getContext();
    }

    private static Position positionOf(Source source, String text, int codePoints) {
        int end = text.offsetByCodePoints(0, Math.min(codePoints, text.codePointCount(0, text.length())));
        String before = text.substring(0, end);
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.codePointCount(before.lastIndexOf('\n') + 1, before.length()) + 1;
        return new Position(source.file(), line, column);
    }
}
