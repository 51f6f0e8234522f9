package org.anabranch.replicator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.anabranch.conflict.Answer;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RowChange;
import org.anabranch.conflict.RowEntry;
import org.anabranch.conflict.RowResolver;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.UnmergeableException;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.Bundle.KeyedChange;
import org.anabranch.schemas.BundleWriter;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.RowEntryCodec;
import org.anabranch.schemas.StreamRecord;
import org.anabranch.schemas.UnreadableRecordException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A region's resolver for one partition, around {@link RowResolver}: takes the records of all origins and gives what the applier is
 * to read instead. Changes to tables with one writer are passed on; those to tables with several become the merged row, where the
 * database may hold another. What it remembers stands in a {@link RowStore}, under keys that begin with a letter for their kind.
 */
final class PartitionResolver {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionResolver.class);

    /** Rows, by their record keys. */
    private static final byte ROW = 'r';

    /** Additions to the counters of rows, by record keys and more. */
    private static final byte ADDITIONS = 'a';

    /** By origin, what every later change of it has seen. */
    private static final byte SHOWN = 's';

    /** Of each origin, up to where all its changes are resolved. */
    private static final byte[] READ = {'p'};

    /** Rows that are deleted and still remembered. */
    private static final byte TOMBSTONE = 't';

    private static final int SWEPT_MAX = 2_000;

    private final String region;
    private final List<String> origins;
    private final ContestedTables tables;
    private final RowStore store;
    private final RecordCodec codec;
    private final RowEntryCodec entries = new RowEntryCodec();
    private final BundleWriter writer = new BundleWriter();
    private final Map<String, Context> shown = new HashMap<>();
    private Context stable;
    private Context read;
    private long pastMicros;
    private byte[] sweptTo = {TOMBSTONE};

    /**
     * @param origins all regions that write
     * @param codec which the tables' schemas are read with
     */
    PartitionResolver(String region, List<String> origins, ContestedTables tables, RowStore store, RecordCodec codec) {
        this.region = region;
        this.origins = origins;
        this.tables = tables;
        this.store = store;
        this.codec = codec;
        for (String origin : origins) {
            shown.put(origin, readContext(store.get(shownKey(origin))));
        }
        stable = meet();
        read = readContext(store.get(READ));
        pastMicros = RowResolver.pastMicros(read, origins);
    }

    /**
     * @param origin the region that wrote the record
     * @param mayBeRepeat whether an earlier resolver may have answered it
     * @return what the applier is to read; null for nothing
     * @throws IOException if it cannot be resolved now; trying again may help
     */
    byte @Nullable [] resolve(String origin, byte[] value, boolean mayBeRepeat) throws IOException {
        switch (decode(value)) {
            case null -> {
                return value; // the applier puts it in quarantine
            }
            case EpochMarker marker -> {
                show(origin, marker);
                pass(origin, marker);
                return value;
            }
            case Bundle bundle -> {
                return resolve(origin, value, bundle, mayBeRepeat);
            }
        }
    }

    private @Nullable StreamRecord decode(byte[] value) throws IOException {
        try {
            return codec.decode(value);
        } catch (UnreadableRecordException e) {
            if (!e.mayHeal()) {
                return null;
            }
            tables.refresh();
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * What every change that is still to come from there has seen. Of the region itself only what its applier has been through:
     * what it wrote itself stands in the database, and the answer to it may not.
     */
    private void show(String origin, EpochMarker marker) {
        Context context = marker.context() == null ? Context.NOTHING : marker.context();
        if (!origin.equals(region)) {
            context = context.with(new Stamp(marker.hybridMicros(), marker.number(), origin));
        }
        Context before = shown.getOrDefault(origin, Context.NOTHING);
        Context after = before.join(context);
        if (!after.equals(before)) {
            shown.put(origin, after);
            store.put(shownKey(origin), encode(after));
            stable = meet();
        }
    }

    /** Stored after all that stands before it, and read back with that, so what it covers is in the rows. */
    private void pass(String origin, EpochMarker marker) {
        Context further = read.with(new Stamp(marker.hybridMicros(), marker.number(), origin));
        if (!further.equals(read)) {
            read = further;
            pastMicros = RowResolver.pastMicros(read, origins);
            store.put(READ, encode(read));
        }
    }

    /**
     * Before rows are changed. Who comes after a crash finds what is on disk, and over it what the changelog has from some place
     * on: rows may then be older than the disk had them, and what is known of the partition must not be newer than any.
     */
    private void putKnown() {
        shown.forEach((origin, context) -> store.put(shownKey(origin), encode(context)));
        store.put(READ, encode(read));
    }

    private byte[] encode(Context context) {
        return codec.encode(new EpochMarker(region, 0, 0, 0, 0, false, 0, context));
    }

    private static byte[] shownKey(String origin) {
        return key(SHOWN, origin.getBytes(StandardCharsets.UTF_8));
    }

    /** It is kept as a marker that says nothing else. Where it cannot be read, nothing is stable until more markers have come. */
    private Context readContext(byte @Nullable [] bytes) {
        try {
            return bytes != null && codec.decode(bytes) instanceof EpochMarker marker && marker.context() != null
                    ? marker.context()
                    : Context.NOTHING;
        } catch (UnreadableRecordException e) {
            return Context.NOTHING;
        }
    }

    private Context meet() {
        return origins.stream()
                .map(origin -> shown.getOrDefault(origin, Context.NOTHING))
                .reduce(Context::meet)
                .orElse(Context.NOTHING);
    }

    private byte @Nullable [] resolve(String origin, byte[] value, Bundle bundle, boolean mayBeRepeat)
            throws IOException {
        boolean isOwn = origin.equals(region);
        List<KeyedChange> out = new ArrayList<>(bundle.changes().size());
        boolean isAsItWas = true;
        boolean isKnownPut = false;
        for (KeyedChange keyed : bundle.changes()) {
            Optional<ContestedTable> table = tables.of(keyed.change().tableFingerprint());
            if (table.isEmpty() && !isOwn) {
                out.add(keyed);
                continue;
            }
            isAsItWas = false;
            if (table.isPresent()) {
                if (!isKnownPut) {
                    putKnown();
                    isKnownPut = true;
                }
                resolve(table.get(), keyed, mayBeRepeat)
                        .ifPresent(change -> out.add(new KeyedChange(keyed.key(), change)));
            }
        }
        if (isAsItWas) {
            return value;
        }
        out.forEach(keyed -> writer.add(keyed.key(), keyed.change()));
        return out.isEmpty() ? null : writer.take();
    }

    private Optional<Change> resolve(ContestedTable table, KeyedChange keyed, boolean mayBeRepeat) throws IOException {
        Change change = keyed.change();
        RowAdditions additions = new RowAdditions(store, ADDITIONS, keyed.key());
        byte[] bytes = store.get(key(ROW, keyed.key()));
        RowEntry entry = bytes == null ? null : entry(table, decode(bytes, additions), additions);
        RowResolver resolver = new RowResolver(region, table.merge());
        RowResolver.Resolved resolved;
        try {
            resolved =
                    resolver.resolve(entry, rowChange(table, change), change.commitMicros(), stable, read, mayBeRepeat);
        } catch (UnmergeableException e) {
            return Optional.of(unmerged(table, change, e.getMessage()));
        }
        Optional<RowEntry> kept = resolved.entry().flatMap(left -> resolver.settle(left, stable, pastMicros));
        boolean wasTombstone = entry != null && isTombstone(entry);
        keep(table, keyed.key(), kept.orElse(null), additions, wasTombstone);
        if (resolved.unreadable() != null) {
            return Optional.of(unmerged(table, change, resolved.unreadable()));
        }
        return resolved.answer()
                .map(answer -> merged(table, change, answer, ConflictRecords.of(table, resolved.conflicts())));
    }

    /** As it is, which the applier puts in quarantine. */
    private static Change unmerged(ContestedTable table, Change change, @Nullable String why) {
        LOG.atWarn()
                .addKeyValue("table", table.schema().name())
                .addKeyValue("stamp", change.stamp())
                .log("a change cannot be merged and goes to quarantine: {}", why);
        return change;
    }

    private void keep(
            ContestedTable table,
            byte[] recordKey,
            @Nullable RowEntry entry,
            RowAdditions additions,
            boolean wasTombstone) {
        store.put(
                key(ROW, recordKey),
                entry == null ? null : entries.encode(table.fingerprint(), entry, table.merge(), additions));
        additions.removeOthers(entry);
        boolean isTombstone = entry != null && isTombstone(entry);
        if (isTombstone || wasTombstone) {
            store.put(key(TOMBSTONE, recordKey), isTombstone ? new byte[0] : null);
        }
    }

    private static boolean isTombstone(RowEntry entry) {
        return entry.state().isDeleted();
    }

    private RowEntryCodec.Decoded decode(byte[] bytes, RowAdditions additions) throws IOException {
        try {
            return entries.decode(bytes, additions);
        } catch (UnreadableRecordException e) {
            throw new IOException("what was remembered of a row cannot be read", e);
        }
    }

    private RowEntry entry(ContestedTable table, RowEntryCodec.Decoded decoded, RowAdditions additions)
            throws IOException {
        ContestedTable written = tables.of(decoded.tableFingerprint()).orElse(table);
        if (!written.hasColumnsOf(table)) {
            throw new IllegalStateException("columns of " + table.schema().name()
                    + " were added or removed; a table with several writers has to be copied again then");
        }
        RowEntry entry = decoded.entry(table.merge());
        additions.areOf(entry);
        return entry;
    }

    private static RowChange rowChange(ContestedTable table, Change change) {
        Row before = change.before();
        Row after = change.after();
        return new RowChange(
                change.stamp(),
                Objects.requireNonNullElse(change.context(), Context.NOTHING),
                before == null ? null : table.values(before),
                after == null ? null : table.values(after));
    }

    /** What the change has become: it keeps its place in its origin's history. */
    private static Change merged(ContestedTable table, Change change, Answer answer, List<ConflictRecord> conflicts) {
        Row row = answer.row().map(table::row).orElse(null);
        Row key = change.after() == null ? change.before() : change.after();
        return new Change(
                Operation.MERGE,
                change.stamp(),
                change.commitMicros(),
                change.tableFingerprint(),
                row == null ? key : null,
                row,
                answer.context(),
                new Change.Verdict(
                        answer.seenMicros(), answer.mayBeDeletedUnseen(), table.hasUnique() ? answer.claim() : null),
                conflicts);
    }

    /** Forgets deleted rows that no change still to come can ask for; some of them at a time. */
    void sweep() throws IOException {
        List<byte[]> found = new ArrayList<>();
        store.forEach(sweptTo, new byte[] {TOMBSTONE + 1}, SWEPT_MAX, (key, value) -> found.add(key));
        if (!found.isEmpty()) {
            putKnown();
        }
        for (byte[] tombstone : found) {
            byte[] recordKey = Arrays.copyOfRange(tombstone, 1, tombstone.length);
            RowAdditions additions = new RowAdditions(store, ADDITIONS, recordKey);
            byte[] bytes = store.get(key(ROW, recordKey));
            RowEntryCodec.Decoded decoded = bytes == null ? null : decode(bytes, additions);
            ContestedTable table = decoded == null
                    ? null
                    : tables.of(decoded.tableFingerprint()).orElse(null);
            if (decoded == null || table == null) {
                store.put(tombstone, null);
            } else {
                RowEntry entry = entry(table, decoded, additions);
                keep(
                        table,
                        recordKey,
                        new RowResolver(region, table.merge())
                                .settle(entry, stable, pastMicros)
                                .orElse(null),
                        additions,
                        true);
            }
        }
        sweptTo = found.size() < SWEPT_MAX ? new byte[] {TOMBSTONE} : found.getLast();
    }

    private static byte[] key(byte kind, byte[] rest) {
        byte[] key = new byte[rest.length + 1];
        key[0] = kind;
        System.arraycopy(rest, 0, key, 1, rest.length);
        return key;
    }
}
