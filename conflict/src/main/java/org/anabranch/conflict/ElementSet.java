package org.anabranch.conflict;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.anabranch.conflict.CellParts.SetParts;
import org.jspecify.annotations.Nullable;

/**
 * An array as a set: of each element the last that was done to it, adding or removing, since the newest insert. Elements are read
 * in the order of their texts. SQL's NULL is the empty set; NULL as an element is one like others.
 */
public final class ElementSet implements Cell {

    /** What was done to an element last. */
    private record Mark(Stamp stamp, boolean present) {}

    private final @Nullable Stamp inserted;
    private final SortedMap<Element, Mark> marks;

    private ElementSet(@Nullable Stamp inserted, SortedMap<Element, Mark> marks) {
        this.inserted = inserted;
        this.marks = marks;
    }

    /** An element's text, of which NULL is the least. */
    private record Element(@Nullable String text) implements Comparable<Element> {
        @Override
        public int compareTo(Element other) {
            if (text == null || other.text == null) {
                return Boolean.compare(text != null, other.text != null);
            }
            return text.compareTo(other.text);
        }
    }

    /** After one change; null if it left the column alone. */
    static @Nullable ElementSet of(RowChange change, int column) {
        Values after = change.after();
        if (after == null) {
            return null;
        }
        Set<Element> now = elements(after.get(column));
        TreeMap<Element, Mark> marks = new TreeMap<>();
        Values before = change.before();
        Set<Element> was = before == null ? Set.of() : elements(before.get(column));
        now.stream()
                .filter(element -> !was.contains(element))
                .forEach(element -> marks.put(element, new Mark(change.stamp(), true)));
        was.stream()
                .filter(element -> !now.contains(element))
                .forEach(element -> marks.put(element, new Mark(change.stamp(), false)));
        if (before != null && marks.isEmpty()) {
            return null;
        }
        return new ElementSet(before == null ? change.stamp() : null, marks);
    }

    private static Set<Element> elements(@Nullable String array) {
        Set<Element> elements = new HashSet<>();
        if (array != null) {
            ArrayText.parse(array).forEach(text -> elements.add(new Element(text)));
        }
        return elements;
    }

    static ElementSet of(SetParts parts) {
        TreeMap<Element, Mark> marks = new TreeMap<>();
        for (SetParts.Mark mark : parts.marks()) {
            marks.put(new Element(mark.element()), new Mark(mark.stamp(), mark.present()));
        }
        return new ElementSet(parts.inserted(), marks);
    }

    @Override
    public SetParts parts() {
        List<SetParts.Mark> parts = new ArrayList<>(marks.size());
        for (Map.Entry<Element, Mark> marked : marks.entrySet()) {
            Mark mark = marked.getValue();
            parts.add(new SetParts.Mark(marked.getKey().text(), mark.stamp(), mark.present()));
        }
        return new SetParts(inserted, parts);
    }

    @Override
    public ElementSet merge(Cell cell) {
        ElementSet other = (ElementSet) cell;
        Stamp since = later(inserted, other.inserted);
        TreeMap<Element, Mark> merged = new TreeMap<>(marks);
        other.marks.forEach((element, mark) -> merged.merge(
                element, mark, (one, theirs) -> one.stamp().compareTo(theirs.stamp()) >= 0 ? one : theirs));
        if (since != null) {
            merged.values().removeIf(mark -> mark.stamp().compareTo(since) < 0);
        }
        return new ElementSet(since, merged);
    }

    private static @Nullable Stamp later(@Nullable Stamp one, @Nullable Stamp other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** A removal is remembered against an adding that is earlier and comes later. */
    @Override
    public ElementSet settle(Context stable, long pastMicros) {
        TreeMap<Element, Mark> left = new TreeMap<>(marks);
        left.values().removeIf(mark -> !mark.present() && stable.covers(mark.stamp()));
        return new ElementSet(inserted, left);
    }

    @Override
    public Optional<Values> read() {
        if (inserted == null) {
            return Optional.empty();
        }
        List<@Nullable String> present = new ArrayList<>();
        for (Map.Entry<Element, Mark> marked : marks.entrySet()) {
            if (marked.getValue().present()) {
                present.add(marked.getKey().text());
            }
        }
        return Optional.of(Values.of(ArrayText.format(present)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ElementSet set && Objects.equals(inserted, set.inserted) && marks.equals(set.marks);
    }

    @Override
    public int hashCode() {
        return Objects.hash(inserted, marks);
    }

    @Override
    public String toString() {
        return marks + " since " + inserted;
    }
}
