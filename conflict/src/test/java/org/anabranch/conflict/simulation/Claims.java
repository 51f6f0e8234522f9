package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.anabranch.conflict.Answer;
import org.anabranch.conflict.ClaimOrder;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.anabranch.conflict.simulation.Database.Version;
import org.jspecify.annotations.Nullable;

/** What an applier knows of the rows of a table with unique columns: since when they have their values, and which had to go. */
final class Claims {

    /**
     * Of a row in the database.
     *
     * @param merged up to where in the region's WAL its changes are merged into it
     */
    private record Claim(@Nullable Stamp stamp, long seenMicros, int merged) {}

    /** What its transaction takes back if it does not commit. */
    record Snapshot(Map<String, Claim> placed, Map<String, Resolved.Row> displaced, Map<String, Integer> known) {}

    private final Region region;
    private final World world;
    private final Applier applier;
    private final Map<String, Claim> placed = new HashMap<>();
    private final Map<String, Resolved.Row> displaced = new TreeMap<>();

    /** By row the version that holds nothing unseen, though it was not so when it was written: a table was rewritten. */
    private final Map<String, Integer> known = new HashMap<>();

    Claims(Region region, Applier applier) {
        this.region = region;
        this.applier = applier;
        world = region.world;
    }

    Snapshot snapshot() {
        return new Snapshot(Map.copyOf(placed), Map.copyOf(displaced), Map.copyOf(known));
    }

    void rollBack(Snapshot before) {
        placed.clear();
        placed.putAll(before.placed());
        displaced.clear();
        displaced.putAll(before.displaced());
        known.clear();
        known.putAll(before.known());
    }

    /**
     * Of a row that had to go nobody asks why it is not there, unless the region has written it since. Gives whether that is so: an
     * answer that has not seen more of the region than the row had when it went.
     */
    boolean forgetDisplaced(String key, Answer answer) {
        Resolved.Row row = displaced.remove(key);
        return row != null && (answer.seenMicros() <= row.answer().seenMicros());
    }

    /** By their claims, the earliest first. */
    List<Resolved.Row> displaced() {
        List<Resolved.Row> rows = new ArrayList<>(displaced.values());
        rows.sort(Comparator.comparing(row -> row.answer().claim()));
        return rows;
    }

    /** These were looked at before all came through that the region had written then. */
    void know(Map<String, Version> looked) {
        if (world.has(Bug.UNIQUE_VALUES_OF_REWRITTEN_ROWS_WAIT_FOR_EVER)) {
            return;
        }
        looked.forEach((holder, version) -> known.put(holder, version.serial()));
    }

    ClaimOrder.Verdict verdict(Resolved.Row row) {
        Optional<Values> values = row.answer().row();
        if (values.isEmpty() || !world.table.isUnique()) {
            return ClaimOrder.Verdict.TAKES;
        }
        List<@Nullable Stamp> holders = new ArrayList<>();
        for (String holder : region.database.holders(row.key(), values.get())) {
            holders.add(claimOf(holder));
        }
        if (world.has(Bug.UNIQUE_VALUES_GO_TO_THE_FIRST_TO_COME) && !holders.isEmpty()) {
            return ClaimOrder.Verdict.YIELDS;
        }
        return ClaimOrder.of(row.answer().claim(), holders);
    }

    private @Nullable Stamp claimOf(String holder) {
        Resolved.Row next = applier.waitsForOthers(holder);
        if (next != null && !world.has(Bug.ROWS_WAIT_FOR_ONE_ANOTHER) && !region.database.isLocked(holder)) {
            return next.answer().claim();
        }
        Claim claim = placed.get(holder);
        Version present = region.database.get(holder);
        if (claim == null || present == null || region.database.isLocked(holder)) {
            return null;
        }
        boolean isSeen = present.byApplier()
                || present.commitMicros() == null
                || present.commitMicros() <= claim.seenMicros()
                || known.getOrDefault(holder, -1) == present.serial()
                || world.has(Bug.DISPLACED_WITHOUT_A_LOOK);
        return isSeen ? claim.stamp() : null;
    }

    /** Those in the way of a row. */
    Map<String, Version> look(Resolved.Row row) {
        if (!world.table.isUnique()) {
            return Map.of();
        }
        Map<String, Version> looked = new HashMap<>();
        row.answer().row().ifPresent(values -> region.database
                .holders(row.key(), values)
                .forEach(holder -> looked.put(holder, region.database.get(holder))));
        return looked;
    }

    /** The row is about to be written. */
    void take(Resolved.Row row) {
        if (!world.table.isUnique()) {
            return;
        }
        displaced.remove(row.key());
        Answer answer = row.answer();
        if (answer.row().isEmpty()) {
            placed.remove(row.key());
            return;
        }
        for (String holder : region.database.holders(row.key(), answer.row().get())) {
            displace(holder);
        }
        placed.put(row.key(), new Claim(answer.claim(), answer.seenMicros(), row.merged()));
    }

    private void displace(String holder) {
        Resolved.Row next = applier.waitsForOthers(holder);
        if (next != null) {
            applier.waitsNoLonger(holder);
            giveWay(next);
            return;
        }
        Claim claim = placed.remove(holder);
        Version present = region.database.get(holder);
        int merged = Math.max(claim.merged(), applier.merged(holder));
        if (!present.byApplier() && present.wal() >= merged && present.commitMicros() != claim.seenMicros()) {
            throw new AssertionError(
                    region.name + " displaced " + Telling.of(present) + ", which its resolver has not seen");
        }
        world.tell(region, () -> "displaces " + holder + ", " + Telling.of(present));
        Answer answer =
                new Answer(Optional.of(present.row()), claim.seenMicros(), false, present.shown(), claim.stamp());
        displaced.put(holder, new Resolved.Row(0, holder, answer, claim.merged()));
        region.database.apply(holder, Optional.empty(), present.shown());
    }

    /** The row is not to be written, and what is there of it has to go. */
    void giveWay(Resolved.Row row) {
        world.tell(region, () -> "has no room for " + row.key());
        placed.remove(row.key());
        displaced.put(row.key(), row);
        region.database.apply(row.key(), Optional.empty(), row.answer().context());
    }
}
