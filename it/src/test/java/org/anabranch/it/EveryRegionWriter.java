package org.anabranch.it;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes in one region to rows that the others write too, and keeps a history of what was acknowledged. What was under way when
 * the database was killed may or may not be there.
 */
final class EveryRegionWriter implements Runnable {

    /** Up to fifty transactions a second in each region. */
    private static final long PAUSE_NANOS = 20_000_000;

    private static final int ROWS = 20;

    /** Of the set: as many are of this region. */
    private static final int ELEMENTS = 50;

    private final String pipeline;
    final String place;
    private final Random random;
    private final AtomicBoolean writing;

    /** Transactions that were acknowledged. */
    final AtomicLong transactions = new AtomicLong();

    /** The sum of acknowledged increments, and of those of which nobody knows. */
    final AtomicLong counted = new AtomicLong();

    final AtomicLong perhapsCounted = new AtomicLong();

    /** Transactions of which nobody knows. */
    final AtomicLong perhapsWritten = new AtomicLong();

    /** Elements whose adding was acknowledged, and that nobody has tried to remove. */
    final Set<String> added = ConcurrentHashMap.newKeySet();

    /** Elements whose removal was acknowledged. */
    final Set<String> removed = ConcurrentHashMap.newKeySet();

    private final Deque<String> oldestFirst = new ArrayDeque<>();

    volatile Exception failure;

    EveryRegionWriter(String pipeline, String place, long seed, AtomicBoolean writing) {
        this.pipeline = pipeline;
        this.place = place;
        this.random = new Random(seed);
        this.writing = writing;
    }

    @Override
    public void run() {
        while (writing.get()) {
            try (Connection connection = Pipelines.connect(pipeline, place);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (writing.get()) {
                    transaction(connection, statement);
                    transactions.incrementAndGet();
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                boolean isKilled = state.startsWith("08") || state.startsWith("57");
                // Of the last: an applier has written the same key.
                boolean isContended = state.startsWith("40") || state.startsWith("55") || state.equals("23505");
                if (!isKilled && !isContended) {
                    failure = e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void transaction(Connection connection, Statement statement) throws SQLException {
        int by = 1 + random.nextInt(3);
        String element = place + transactions.get();
        boolean adds = random.nextInt(10) == 0;
        perhapsCounted.addAndGet(by);
        perhapsWritten.incrementAndGet();
        statement.execute("UPDATE counts SET n = n + " + by + ", by_" + place + " = '" + element + "' WHERE id = 1");
        String oldest = adds && oldestFirst.size() == ELEMENTS ? oldestFirst.remove() : "";
        if (adds) {
            added.remove(oldest);
            statement.execute("UPDATE sets SET elements = array_remove(elements, '" + oldest + "') || '" + element
                    + "'::text WHERE id = 1");
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            change(statement, element);
        }
        connection.commit();
        perhapsCounted.addAndGet(-by);
        perhapsWritten.decrementAndGet();
        counted.addAndGet(by);
        if (adds) {
            added.add(element);
            oldestFirst.add(element);
            if (!oldest.isEmpty()) {
                removed.add(oldest);
            }
        }
    }

    private void change(Statement statement, String value) throws SQLException {
        String table = random.nextBoolean() ? "carts" : "stock";
        int id = random.nextInt(ROWS);
        switch (random.nextInt(7)) {
            case 0 -> statement.execute("DELETE FROM " + table + " WHERE id = " + id);
            case 1, 2 ->
                statement.execute("INSERT INTO " + table + " VALUES (" + id + ", '" + value
                        + "', 'new', 1) ON CONFLICT DO NOTHING");
            case 3 -> statement.execute("UPDATE " + table + " SET a = '" + value + "' WHERE id = " + id);
            case 4 -> statement.execute("UPDATE " + table + " SET b = '" + value + "' WHERE id = " + id);
            case 5 -> statement.execute("UPDATE " + table + " SET n = n + 1 WHERE id = " + id);
            default ->
                statement.execute("UPDATE " + table + " SET id = " + (id + ROWS) + " WHERE id = " + id
                        + " AND NOT EXISTS (SELECT FROM " + table + " WHERE id = " + (id + ROWS) + ")");
        }
    }
}
