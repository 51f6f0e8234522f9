package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.Stamp;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.BundleWriter;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.DamagedEntryException;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.StreamRecord;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;

/** Whatever a crash leaves of its store, in the end it answers what it would have answered without. */
class PartitionResolverTest {

    private static final int SEEDS = Integer.getInteger("resolver.seeds", 50);
    private static final int CRASHES = 20;
    private static final int RECORDS = 240;
    private static final List<String> ORIGINS = List.of("eu", "hub", "us");
    private static final TableName NAME = new TableName("public", "t");
    private static final TableSchema TABLE = new TableSchema(
            NAME,
            List.of(new TableSchema.Column("id", "integer"), new TableSchema.Column("n", "bigint")),
            List.of("id"),
            "FULL",
            List.of());

    private final RecordCodec codec = new RecordCodec();
    private final List<Sent> records = new ArrayList<>();

    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    private record Sent(String origin, byte[] value) {}

    @Test
    void aCrashChangesNothing() throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            write(random);
            CrashingStore store = new CrashingStore();
            List<Integer> putsBefore = new ArrayList<>();
            Map<String, String> expected = resolve(store, 0, putsBefore);
            for (int crash = 0; crash < CRASHES; crash++) {
                crash(random, store, putsBefore, expected, "seed " + seed);
            }
        }
    }

    private void crash(
            Random random, CrashingStore store, List<Integer> putsBefore, Map<String, String> expected, String seed)
            throws Exception {
        int commit = random.nextInt(RECORDS);
        int checkpoint = putsBefore.get(commit);
        int further = Math.min(store.puts() - checkpoint, random.nextInt(100));
        int onDisk = checkpoint + random.nextInt(further + 1);
        int inChangelog = checkpoint + random.nextInt(Math.min(further, random.nextBoolean() ? 6 : 100) + 1);
        Map<String, String> found = resolve(store, commit, onDisk, checkpoint, inChangelog);
        Map<String, String> all =
                new HashMap<>(expected); // of which nothing was said again, it is as it was said before
        all.putAll(found);
        assertThat(all)
                .as(
                        "%s: commit %s, %s on disk, %s in the changelog from %s",
                        seed, commit, onDisk, inChangelog, checkpoint)
                .isEqualTo(expected);
    }

    /** As the resolver begins again: with what is there, or, where that is of several times, with its changelog alone. */
    private Map<String, String> resolve(CrashingStore store, int commit, int onDisk, int checkpoint, int inChangelog)
            throws Exception {
        try {
            return resolve(store.after(onDisk, checkpoint, inChangelog), commit, new ArrayList<>());
        } catch (DamagedEntryException e) {
            return resolve(store.after(0, 0, inChangelog), commit, new ArrayList<>());
        }
    }

    /** What comes from one region comes later than what the others wrote at the same time: its additions are of old stretches. */
    private void delay(String origin, int by) {
        NavigableMap<Integer, List<Sent>> places = new TreeMap<>();
        for (int i = 0; i < records.size(); i++) {
            Sent sent = records.get(i);
            places.computeIfAbsent(sent.origin().equals(origin) ? i + by : i, place -> new ArrayList<>())
                    .add(sent);
        }
        records.clear();
        places.values().forEach(records::addAll);
    }

    /** A history in which each region may have seen all that is before, or nothing for long. */
    private void write(Random random) {
        records.clear();
        Map<String, Context> seen = new HashMap<>();
        Map<String, Stamp> newest = new HashMap<>();
        boolean[] isThere = new boolean[2];
        long now = 1_700_000_000_000_000L;
        int pauseMicrosMax = random.nextBoolean() ? 400_000 : 20_000; // many additions in a stretch of them, or few
        int silentFrom = random.nextInt(RECORDS);
        int silentTo = silentFrom + random.nextInt(RECORDS);
        for (int i = 0; i < RECORDS; i++) {
            now += 1 + random.nextInt(pauseMicrosMax);
            boolean isSilent = i >= silentFrom && i < silentTo;
            String origin = ORIGINS.get(random.nextInt(isSilent ? 2 : 3));
            if (random.nextInt(3) == 0) {
                if (!isSilent || random.nextInt(4) == 0) {
                    seen.put(origin, Context.of(newest.values()));
                }
                Context context = seen.getOrDefault(origin, Context.NOTHING);
                add(origin, new EpochMarker(origin, now, EpochMarker.WHOLE, now, 0, false, now, context));
                newest.put(origin, new Stamp(now, EpochMarker.WHOLE, origin));
                continue;
            }
            BundleWriter bundle = new BundleWriter();
            for (int number = 0; number <= random.nextInt(4); number++) {
                int id = random.nextInt(2);
                Stamp stamp = new Stamp(now, number, origin);
                boolean isEnded = random.nextInt(60) == 0;
                if (isEnded || !isThere[id]) { // who writes a row's begin or end has seen everything
                    seen.put(origin, Context.of(newest.values()));
                }
                Context context = seen.getOrDefault(origin, Context.NOTHING);
                Row before = isThere[id] ? Row.of(Integer.toString(id), "10") : null;
                Row after = isEnded && isThere[id]
                        ? null
                        : Row.of(
                                Integer.toString(id),
                                before == null ? "1000" : Integer.toString(11 + random.nextInt(5)));
                isThere[id] = after != null;
                Operation operation =
                        before == null ? Operation.INSERT : after == null ? Operation.DELETE : Operation.UPDATE;
                bundle.add(
                        new RecordKey(NAME, List.of(Integer.toString(id))).encode(),
                        new Change(operation, stamp, now, TABLE.fingerprint(), before, after, context, null));
                newest.put(origin, stamp);
            }
            records.add(new Sent(origin, bundle.take()));
        }
        delay("us", random.nextBoolean() ? 0 : random.nextInt(RECORDS));
    }

    private void add(String origin, StreamRecord record) {
        records.add(new Sent(origin, codec.encode(record)));
    }

    /** What is answered last of each row. */
    private Map<String, String> resolve(CrashingStore store, int from, List<Integer> putsBefore) throws Exception {
        Map<String, String> answers = new HashMap<>();
        PartitionResolver resolver = new PartitionResolver("eu", ORIGINS, tables(), store, codec);
        for (int i = from; i < records.size(); i++) {
            putsBefore.add(store.puts());
            byte[] answer =
                    resolver.resolve(records.get(i).origin(), records.get(i).value(), from > 0);
            if (answer != null && codec.decode(answer) instanceof Bundle bundle) {
                bundle.changes().forEach(keyed -> {
                    Row row = keyed.change().after();
                    answers.put(
                            RecordKey.decode(keyed.key()).values().getFirst(), row == null ? "deleted" : row.text(1));
                });
            }
            if (i % 20 == 0) {
                resolver.sweep();
            }
        }
        return answers;
    }

    private static ContestedTables tables() {
        return new ContestedTables(
                new OneSchema(TABLE),
                table -> Optional.of(new MergeRules.Rule(
                        "last-writer-wins", Map.of("n", "counter"), DeletePolicy.LAST_WRITER_WINS)));
    }
}
