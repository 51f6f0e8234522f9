package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

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
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.Span;
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

    /** @param after of the same capture, what it sent to that partition before, or all that was confirmed when it began */
    private record Sent(int partition, Item item, Item after) {
        Span span() {
            return new Span(item.origin(), after.hybrid(), after.number(), item.hybrid(), item.number());
        }
    }

    private final List<List<Sent>> partitions = new ArrayList<>();
    private final Map<String, List<List<Item>>> oracle = new HashMap<>();

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("simulation.seeds", 150));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyTransactionIsCommittedWholeOnceAndInOrder(long seed) throws Exception {
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

    @ParameterizedTest
    @MethodSource("seeds")
    void aRecordThatIsLostIsNeverPassedOver(long seed) {
        Random random = new Random(seed);
        write(random);
        List<Sent> partition = partitions.get(random.nextInt(partitions.size()));
        Sent lost = partition.remove(random.nextInt(partition.size() / 2));
        Reader reader = new Reader(random, new EpochAssembler.Limits(10, 1 << 30, 1 << 20, 1 << 30));

        Throwable stopped = catchThrowable(() -> reader.readAll(seed));

        // If it went on to the end, the record was a repeat, or said nothing that others do not say.
        oracle.forEach((origin, transactions) -> {
            List<Item> expected = transactions.stream().flatMap(List::stream).toList();
            List<Item> committed = reader.committed.getOrDefault(origin, List.of());
            assertThat(committed)
                    .as("seed %s, origin %s, lost %s", seed, origin, lost)
                    .isEqualTo(stopped == null ? expected : expected.subList(0, committed.size()));
        });
        if (stopped != null) {
            assertThat(stopped)
                    .isInstanceOf(PartFailedException.class)
                    .hasMessageContaining("are missing in partition");
        }
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
                    .forEach(sent -> partitions.get(sent.partition()).add(sent));
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
        Item[] after = new Item[partitions.size()];
        String origin = transactions.getFirst().getFirst().origin();
        Arrays.fill(after, new Item(origin, 0, EpochMarker.WHOLE, false, true));
        int confirmed = 0;
        int confirmedSent = 0;
        int crashes = 0;
        for (int t = 0; t < transactions.size(); t++) {
            boolean marked = send(log, after, random, transactions.get(t), t == transactions.size() - 1);
            if (crashes < 6 && random.nextInt(8) == 0) {
                crashes++;
                crash(log, confirmedSent, random);
                t = confirmed - 1;
                long confirmedHybrid =
                        t < 0 ? 0 : transactions.get(t).getFirst().hybrid();
                Arrays.fill(after, new Item(origin, confirmedHybrid, EpochMarker.WHOLE, false, true));
            } else if (marked && random.nextInt(4) == 0) {
                confirmed = t + 1;
                confirmedSent = log.size();
            }
        }
        return log;
    }

    /** Returns whether it ended with a marker. */
    private boolean send(List<Sent> log, Item[] after, Random random, List<Item> rows, boolean last) {
        for (Item row : rows) {
            sendOne(log, after, row);
            if (row.number() % MARKER_EVERY_ROWS == MARKER_EVERY_ROWS - 1) {
                sendOne(log, after, new Item(row.origin(), row.hybrid(), row.number(), false, true));
            }
        }
        Item first = rows.getFirst();
        boolean marked = last || rows.size() > MARKER_EVERY_ROWS || random.nextInt(3) > 0;
        if (marked) {
            sendOne(log, after, new Item(first.origin(), first.hybrid(), EpochMarker.WHOLE, false, true));
        }
        return marked;
    }

    private void sendOne(List<Sent> log, Item[] after, Item item) {
        if (item.marker() || item.truncate()) {
            for (int partition = 0; partition < after.length; partition++) {
                sendOne(log, after, partition, item);
            }
        } else {
            // By the stamp: the same row always goes to the same partition.
            sendOne(log, after, (int) ((item.hybrid() * 31 + item.number() * 7L) % partitions.size()), item);
        }
    }

    private static void sendOne(List<Sent> log, Item[] after, int partition, Item item) {
        log.add(new Sent(partition, item, after[partition]));
        after[partition] = item;
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
        private Progress stored = new Progress(List.of(), List.of(), List.of());
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

        void readAll(long seed) throws PartFailedException {
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

        private void read(int partition) throws PartFailedException {
            long offset = next[partition]++;
            Sent sent = partitions.get(partition).get((int) offset);
            Item item = sent.item();
            assembler.begin(partition, sent.span());
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
