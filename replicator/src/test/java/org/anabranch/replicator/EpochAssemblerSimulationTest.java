package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.Operation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several origins write transactions into partitions, crash, and write again what was not confirmed; a reader takes the
 * partitions in any interleaving, is killed, and goes on from the progress that it stored last. What it commits must be
 * each origin's transactions in order, whole, and once: what a naive reader of the origins themselves would see.
 */
class EpochAssemblerSimulationTest {

    private static final int MARKER_EVERY_ROWS = 7;
    private static final int WRITTEN_AT_A_STRETCH = 50;

    /** What stands in a partition: a row, or a marker. */
    private record Item(String origin, long hybrid, int number, boolean truncate, boolean marker) {
        @Override
        public String toString() {
            return origin + hybrid + "/" + number;
        }
    }

    private record Sent(int partition, Item item) {}

    private final List<List<Item>> partitions = new ArrayList<>();
    private final Map<String, List<List<Item>>> oracle = new HashMap<>();

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyTransactionIsCommittedWholeOnceAndInOrder(long seed) {
        Random random = new Random(seed);
        write(random);
        int batchRows = 1 + random.nextInt(20);
        int bufferRows = 5 + random.nextInt(60);
        EpochAssembler.Limits limits = new EpochAssembler.Limits(batchRows, 1 << 30, bufferRows, 1 << 30);
        Reader reader = new Reader(random, limits);

        reader.readAll(seed);

        oracle.forEach((origin, transactions) -> {
            List<Item> expected = transactions.stream().flatMap(List::stream).toList();
            List<Item> committed = reader.committed.getOrDefault(origin, List.of());
            for (int i = 0; i < Math.min(expected.size(), committed.size()); i++) {
                assertThat(committed.get(i))
                        .as("seed %s, origin %s, row %s", seed, origin, i)
                        .isEqualTo(expected.get(i));
            }
            assertThat(committed).as("seed %s, origin %s", seed, origin).hasSameSizeAs(expected);
        });
        // What one origin's capture writes at a stretch, for each origin, and what it repeats.
        int slack = 2 * WRITTEN_AT_A_STRETCH * oracle.size() + 100;
        assertThat(reader.mostBuffered).as("seed %s", seed).isLessThan(bufferRows + slack);
    }

    private void write(Random random) {
        int partitionCount = 1 + random.nextInt(5);
        for (int i = 0; i < partitionCount; i++) {
            partitions.add(new ArrayList<>());
        }
        List<String> origins = List.of("a", "b", "c").subList(0, 1 + random.nextInt(3));
        Map<String, List<Sent>> logs = new HashMap<>();
        for (String origin : origins) {
            oracle.put(origin, transactions(random, origin));
        }
        // One origin's capture writes all partitions in one order; where several meet, they interleave.
        origins.forEach(origin -> logs.put(origin, captured(random, oracle.get(origin))));
        Map<String, Integer> written = new HashMap<>();
        List<String> left = new ArrayList<>(origins);
        while (!left.isEmpty()) {
            String origin = left.get(random.nextInt(left.size()));
            int from = written.getOrDefault(origin, 0);
            int to = Math.min(logs.get(origin).size(), from + 1 + random.nextInt(WRITTEN_AT_A_STRETCH));
            logs.get(origin)
                    .subList(from, to)
                    .forEach(sent -> partitions.get(sent.partition()).add(sent.item()));
            written.put(origin, to);
            if (to == logs.get(origin).size()) {
                left.remove(origin);
            }
        }
    }

    private static List<List<Item>> transactions(Random random, String origin) {
        List<List<Item>> transactions = new ArrayList<>();
        long hybrid = 100;
        for (int t = 0; t < 30; t++) {
            hybrid += 1 + random.nextInt(3);
            int size = 1 + (random.nextInt(8) == 0 ? random.nextInt(150) : random.nextInt(4));
            List<Item> rows = new ArrayList<>();
            for (int number = 0; number < size; number++) {
                rows.add(new Item(origin, hybrid, number, random.nextInt(20) == 0, false));
            }
            transactions.add(rows);
        }
        return transactions;
    }

    /** What capture sends, crashes and repeats included, until a last marker. */
    private List<Sent> captured(Random random, List<List<Item>> transactions) {
        List<Sent> log = new ArrayList<>();
        int confirmed = 0;
        int confirmedSent = 0;
        int crashes = 0;
        for (int t = 0; t < transactions.size(); t++) {
            send(log, random, transactions.get(t), t == transactions.size() - 1);
            if (crashes < 6 && random.nextInt(8) == 0) {
                crashes++;
                crash(log, confirmedSent, random);
                t = confirmed - 1;
            } else if (random.nextInt(4) == 0) {
                confirmed = t + 1;
                confirmedSent = log.size();
            }
        }
        return log;
    }

    private void send(List<Sent> log, Random random, List<Item> rows, boolean last) {
        for (Item row : rows) {
            sendOne(log, row);
            if (row.number() % MARKER_EVERY_ROWS == MARKER_EVERY_ROWS - 1) {
                sendOne(log, new Item(row.origin(), row.hybrid(), row.number(), false, true));
            }
        }
        Item first = rows.getFirst();
        if (last || rows.size() > MARKER_EVERY_ROWS || random.nextInt(3) > 0) {
            sendOne(log, new Item(first.origin(), first.hybrid(), EpochMarker.WHOLE, false, true));
        }
    }

    private void sendOne(List<Sent> log, Item item) {
        if (item.marker() || item.truncate()) {
            IntStream.range(0, partitions.size()).forEach(partition -> log.add(new Sent(partition, item)));
        } else {
            // By the stamp: the same row always goes to the same partition.
            log.add(new Sent((int) ((item.hybrid() * 31 + item.number() * 7L) % partitions.size()), item));
        }
    }

    /** Of what was not confirmed, each partition keeps a beginning of its own. */
    private void crash(List<Sent> log, int confirmedSent, Random random) {
        List<Sent> unconfirmed = log.subList(confirmedSent, log.size());
        int[] kept = IntStream.range(0, partitions.size())
                .map(partition -> random.nextInt(unconfirmed.size() + 1))
                .toArray();
        List<Sent> left = new ArrayList<>();
        for (int i = 0; i < unconfirmed.size(); i++) {
            if (i < kept[unconfirmed.get(i).partition()]) {
                left.add(unconfirmed.get(i));
            }
        }
        unconfirmed.clear();
        log.addAll(left);
    }

    /** Reads, applies and commits as the applier does; its transaction is lost when it is killed. */
    private final class Reader {
        private final Random random;
        private final EpochAssembler.Limits limits;
        private final Map<String, List<Item>> committed = new HashMap<>();
        private final List<Item> uncommitted = new ArrayList<>();
        private Progress stored = new Progress(List.of(), List.of());
        private EpochAssembler assembler;
        private long[] next;
        private long mostBuffered;
        private int kills;

        Reader(Random random, EpochAssembler.Limits limits) {
            this.random = random;
            this.limits = limits;
            start();
        }

        private void start() {
            assembler = new EpochAssembler(partitions.size(), limits, stored);
            next = new long[partitions.size()];
            for (int i = 0; i < stored.nextOffsets().size(); i++) {
                next[i] = stored.nextOffsets().get(i);
            }
            uncommitted.clear();
        }

        void readAll(long seed) {
            int favourite = random.nextInt(partitions.size());
            while (readable().length > 0) {
                int[] readable = readable();
                assertThat(Arrays.stream(readable).anyMatch(assembler::isToBeRead))
                        .as("seed %s: it stands still", seed)
                        .isTrue();
                int partition = random.nextInt(3) > 0 ? favourite : random.nextInt(partitions.size());
                if (next[partition] < partitions.get(partition).size() && assembler.isToBeRead(partition)) {
                    read(partition);
                    drain();
                } else {
                    favourite = random.nextInt(partitions.size());
                }
                if (kills < 5 && random.nextInt(300) == 0) {
                    kills++;
                    start();
                }
            }
            drain();
        }

        private int[] readable() {
            return IntStream.range(0, partitions.size())
                    .filter(p -> next[p] < partitions.get(p).size())
                    .toArray();
        }

        private void read(int partition) {
            long offset = next[partition]++;
            Item item = partitions.get(partition).get((int) offset);
            if (item.marker()) {
                assembler.offer(
                        partition, offset, new EpochMarker(item.origin(), item.hybrid(), item.number(), 1, 0, false));
            } else {
                Operation operation = item.truncate() ? Operation.TRUNCATE : Operation.DELETE;
                assembler.offer(
                        partition,
                        EpochAssemblerTest.change(operation, item.origin(), item.hybrid(), item.number(), offset));
            }
            mostBuffered = Math.max(mostBuffered, assembler.bufferedRows());
        }

        private void drain() {
            for (Batch batch = assembler.next(); batch != null; batch = assembler.next()) {
                assertThat(batch.changes().size()).isLessThanOrEqualTo(limits.batchRowsMax());
                batch.changes()
                        .forEach(pending -> uncommitted.add(new Item(
                                pending.change().origin(),
                                pending.change().hybridMicros(),
                                pending.change().number(),
                                pending.change().operation() == Operation.TRUNCATE,
                                false)));
                if (batch.progress() != null) {
                    commit(batch.progress());
                }
            }
            Progress idle = assembler.progress();
            if (idle != null && random.nextInt(10) == 0) {
                assertThat(uncommitted).isEmpty();
                commit(idle);
            }
        }

        private void commit(Progress progress) {
            uncommitted.forEach(item -> committed
                    .computeIfAbsent(item.origin(), o -> new ArrayList<>())
                    .add(item));
            uncommitted.clear();
            stored = progress;
            assertWhole();
        }

        private void assertWhole() {
            committed.forEach((origin, items) -> {
                Item last = items.getLast();
                List<Item> transaction = oracle.get(origin).stream()
                        .filter(rows -> !rows.isEmpty() && rows.getFirst().hybrid() == last.hybrid())
                        .findFirst()
                        .orElseThrow();
                assertThat(last).isEqualTo(transaction.getLast());
            });
        }
    }
}
