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

/**
 * A region's resolver for one partition, around {@link RowResolver}: takes the records of all origins and gives what the applier is
 * to read instead. Changes to tables with one writer are passed on; those to tables with several become the merged row, where the
 * database may hold another. What it remembers stands in a {@link RowStore}, under keys that begin with a letter for their kind.
 */
final class PartitionResolver {

    /** Rows, by their record keys. */
    private static final byte ROW = 'r';

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
    private Context past;
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
        past = RowResolver.past(read, origins);
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
            store.put(shownKey(origin), codec.encode(new EpochMarker(origin, 0, 0, 0, 0, false, after)));
            stable = meet();
        }
    }

    /** Stored after all that stands before it, and read back with that, so what it covers is in the rows. */
    private void pass(String origin, EpochMarker marker) {
        Context further = read.with(new Stamp(marker.hybridMicros(), marker.number(), origin));
        if (!further.equals(read)) {
            read = further;
            past = RowResolver.past(read, origins);
            store.put(READ, codec.encode(new EpochMarker(origin, 0, 0, 0, 0, false, read)));
        }
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
        for (KeyedChange keyed : bundle.changes()) {
            Optional<ContestedTable> table = tables.of(keyed.change().tableFingerprint());
            if (table.isEmpty() && !isOwn) {
                out.add(keyed);
                continue;
            }
            isAsItWas = false;
            if (table.isPresent()) {
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
        byte[] key = key(ROW, keyed.key());
        RowEntry entry = entry(table, store.get(key));
        RowResolver resolver = new RowResolver(region, table.merge());
        RowResolver.Resolved resolved;
        try {
            resolved =
                    resolver.resolve(entry, rowChange(table, change), change.commitMicros(), stable, read, mayBeRepeat);
        } catch (UnmergeableException e) {
            return Optional.of(change); // as it is, which the applier puts in quarantine
        }
        Optional<RowEntry> kept = resolved.entry().flatMap(left -> resolver.settle(left, stable, past));
        keep(table, keyed.key(), kept.orElse(null));
        return resolved.answer()
                .map(answer -> merged(table, change, answer, ConflictRecords.of(table, resolved.conflicts())));
    }

    private void keep(ContestedTable table, byte[] recordKey, @Nullable RowEntry entry) {
        byte[] fingerprinted =
                entry == null ? null : entries.encode(table.schema().fingerprint(), entry);
        store.put(key(ROW, recordKey), fingerprinted);
        boolean isTombstone = entry != null && table.merge().read(entry.state()).isEmpty();
        byte[] tombstone = key(TOMBSTONE, recordKey);
        if (isTombstone || store.get(tombstone) != null) {
            store.put(tombstone, isTombstone ? new byte[0] : null);
        }
    }

    private @Nullable RowEntry entry(ContestedTable table, byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            return null;
        }
        try {
            RowEntryCodec.Decoded decoded = entries.decode(bytes);
            ContestedTable written = tables.of(decoded.tableFingerprint()).orElse(table);
            if (!written.hasColumnsOf(table)) {
                throw new IllegalStateException("columns of " + table.schema().name()
                        + " were added or removed; a table with several writers has to be copied again then");
            }
            return decoded.entry(table.merge());
        } catch (UnreadableRecordException e) {
            throw new IOException(
                    "what was remembered of a row of " + table.schema().name() + " cannot be read", e);
        }
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
                new Change.Verdict(answer.seenMicros(), answer.mayBeDeletedUnseen()),
                conflicts);
    }

    /** Forgets deleted rows that no change still to come can ask for; some of them at a time. */
    void sweep() throws IOException {
        List<byte[]> found = new ArrayList<>();
        store.forEach(sweptTo, new byte[] {TOMBSTONE + 1}, SWEPT_MAX, (key, value) -> found.add(key));
        for (byte[] tombstone : found) {
            byte[] recordKey = Arrays.copyOfRange(tombstone, 1, tombstone.length);
            byte[] bytes = store.get(key(ROW, recordKey));
            ContestedTable table =
                    bytes == null ? null : tables.of(fingerprint(bytes)).orElse(null);
            RowEntry entry = table == null ? null : entry(table, bytes);
            if (entry == null || table == null) {
                store.put(tombstone, null);
            } else {
                keep(
                        table,
                        recordKey,
                        new RowResolver(region, table.merge())
                                .settle(entry, stable, past)
                                .orElse(null));
            }
        }
        sweptTo = found.size() < SWEPT_MAX ? new byte[] {TOMBSTONE} : found.getLast();
    }

    private long fingerprint(byte[] entry) throws IOException {
        try {
            return entries.decode(entry).tableFingerprint();
        } catch (UnreadableRecordException e) {
            throw new IOException("what was remembered of a row cannot be read", e);
        }
    }

    private static byte[] key(byte kind, byte[] rest) {
        byte[] key = new byte[rest.length + 1];
        key[0] = kind;
        System.arraycopy(rest, 0, key, 1, rest.length);
        return key;
    }
}
