package org.anabranch.node.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One mapping of the file. What is asked for and is not there, or is of the wrong kind, is noted as a problem and answered
 * with null, so that the reading goes on to the next problem.
 */
final class Section {

    private final Source source;
    private final String path;
    private final Position at;
    private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

    private Section(Source source, String path, MappingNode node) {
        this.source = source;
        this.path = path;
        this.at = source.position(node);
        for (NodeTuple tuple : node.getValue()) {
            add(tuple);
        }
    }

    /** The mapping at a node, or null if it is something else. */
    static @Nullable Section of(Source source, String path, Node node) {
        if (node instanceof MappingNode mapping) {
            return new Section(source, path, mapping);
        }
        // Not the value itself: a mapping without a space after its colon is a text, and may hold a password.
        source.problems().error(source.position(node), path + " is " + kind(node), "write it as 'key: value' lines");
        return null;
    }

    private void add(NodeTuple tuple) {
        Position keyAt = source.position(tuple.getKeyNode());
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            source.problems().error(keyAt, "a key in " + path + " is " + kind(tuple.getKeyNode()), "use a plain word");
            return;
        }
        Entry first = entries.get(key.getValue());
        if (first != null) {
            source.problems()
                    .error(
                            keyAt,
                            "key '" + shownKey(key.getValue()) + "' is in " + path + " twice, first in line "
                                    + first.at().line(),
                            "remove one of the two");
            return;
        }
        entries.put(key.getValue(), new Entry(keyAt, tuple.getValueNode()));
    }

    /** Notes every key that is not among the known ones. */
    Section known(String... keys) {
        List<String> known = List.of(keys);
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                // In {password:secret} all of it is the key, for want of a space.
                boolean noSpace = key.contains(":");
                Optional<String> meant = Nearest.to(key.split(":", 2)[0], known);
                source.problems()
                        .error(
                                entry.at(),
                                "unknown key '" + shownKey(key) + "' in " + path,
                                meant.map(nearest ->
                                                "did you mean '" + nearest + (noSpace ? ": ' with a space?" : "'?"))
                                        .orElse("known keys here: " + String.join(", ", known)));
            }
        });
        return this;
    }

    Position at() {
        return at;
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** The keys in the order of the file, each with its place. */
    SequencedMap<String, Position> keys() {
        SequencedMap<String, Position> keys = new LinkedHashMap<>();
        entries.forEach((key, entry) -> keys.put(key, entry.at()));
        return keys;
    }

    /** Where the key's value stands, or else the section. */
    Position at(String key) {
        Entry entry = entries.get(key);
        return entry == null ? at : source.position(entry.value());
    }

    /** Where the key itself stands, or else the section. */
    Position keyAt(String key) {
        Entry entry = entries.get(key);
        return entry == null ? at : entry.at();
    }

    boolean isList(String key) {
        Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof SequenceNode;
    }

    boolean isMapping(String key) {
        Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof MappingNode;
    }

    private void missing(String key, String example) {
        source.problems().error(at, "key '" + key + "' is missing in " + path, "add '" + example + "'");
    }

    /** A text that has to be there. */
    @Nullable
    Scalar requiredText(String key, String example) {
        if (!has(key)) {
            missing(key, example);
            return null;
        }
        return text(key, example);
    }

    /** A text: null if it is not there, or after a problem. */
    @Nullable
    Scalar text(String key, String example) {
        Entry entry = entries.get(key);
        return entry == null ? null : text(key, entry.value(), example);
    }

    private @Nullable Scalar text(String key, Node node, String example) {
        Position valueAt = source.position(node);
        if (!(node instanceof ScalarNode scalar)) {
            source.problems().error(valueAt, key + " is " + kind(node), "write a text, as in '" + example + "'");
            return null;
        }
        if (isNull(scalar) || scalar.getValue().isEmpty()) {
            source.problems().error(valueAt, key + " has no value", "write one, as in '" + example + "'");
            return null;
        }
        return source.placeholders().resolve(scalar.getValue(), valueAt);
    }

    /** A section below, null if it is not there, or after a problem. */
    @Nullable
    Section section(String key) {
        Entry entry = entries.get(key);
        return entry == null ? null : of(source, below(key), entry.value());
    }

    @Nullable
    Section requiredSection(String key, String example) {
        if (!has(key)) {
            missing(key, example);
            return null;
        }
        return section(key);
    }

    /** The items of a list; null if it is not there, or after a problem. */
    @Nullable
    List<Node> requiredList(String key, String example) {
        Entry entry = entries.get(key);
        if (entry == null) {
            missing(key, example);
            return null;
        }
        if (entry.value() instanceof SequenceNode list) {
            return list.getValue();
        }
        source.problems()
                .error(
                        source.position(entry.value()),
                        key + " is " + kind(entry.value()),
                        "write a list: lines that begin with '- ', as in '" + example + "'");
        return null;
    }

    /** True or false, the given value if the key is not there or after a problem. */
    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        String example = key + ": " + otherwise;
        if (entryIs(key, Tag.BOOL)) {
            Scalar value = text(key, example);
            return value == null ? otherwise : Boolean.parseBoolean(value.value());
        }
        wrongKind(key, "true or false", example);
        return otherwise;
    }

    /** A whole number within bounds, the given value if the key is not there or after a problem. */
    int number(String key, int otherwise, int least, int most) {
        if (!has(key)) {
            return otherwise;
        }
        String example = key + ": " + otherwise;
        if (entryIs(key, Tag.INT)) {
            Scalar value = text(key, example);
            try {
                int number = value == null ? otherwise : Integer.parseInt(value.value());
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException tooLarge) {
                // Told below, with the bounds.
            }
        }
        wrongKind(key, "a whole number from " + least + " to " + most, example);
        return otherwise;
    }

    private boolean entryIs(String key, Tag tag) {
        Entry entry = entries.get(key);
        return entry != null && entry.value().getTag().equals(tag);
    }

    private void wrongKind(String key, String wanted, String example) {
        Entry entry = entries.get(key);
        String given = entry != null && entry.value() instanceof ScalarNode scalar
                ? "'" + Scalar.shorten(scalar.getValue()) + "'"
                : entry == null ? "missing" : kind(entry.value());
        source.problems().error(at(key), key + " is " + given, "write " + wanted + ", as in '" + example + "'");
    }

    /** The values of a section of texts, whatever its keys. */
    Map<String, Scalar> texts() {
        Map<String, Scalar> texts = new LinkedHashMap<>();
        for (String key : entries.keySet()) {
            Scalar value = text(key, key + ": value");
            if (value != null) {
                texts.put(key, value);
            }
        }
        return texts;
    }

    /** The items of a list of texts that is there; those with problems are left out. */
    List<Scalar> texts(String key, String example) {
        List<Scalar> texts = new ArrayList<>();
        List<Node> items = requiredList(key, example);
        for (Node item : items == null ? List.<Node>of() : items) {
            Scalar value = text("an item of " + key, item, example);
            if (value != null) {
                texts.add(value);
            }
        }
        return texts;
    }

    private String below(String key) {
        boolean isPath = !path.contains(" "); // and not a phrase: the file, a table
        return isPath ? path + "." + key : key;
    }

    private static String shownKey(String key) {
        return key.contains(":") ? Scalar.shorten(key.split(":", 2)[0]) + ":..." : Scalar.shorten(key);
    }

    private static boolean isNull(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.NULL);
    }

    private static String kind(Node node) {
        return switch (node) {
            case MappingNode mapping -> "a mapping";
            case SequenceNode sequence -> "a list";
            case ScalarNode scalar when isNull(scalar) -> "empty";
            default -> "a single value";
        };
    }

    private record Entry(Position at, Node value) {}
}
