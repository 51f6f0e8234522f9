package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an applier's guard does, so that the simulation's database and applier and the real ones do the same: cases with what has to
 * come of them, and random sequences, of which the one has to say what the other says.
 */
public final class GuardContract {

    private static final int STEPS = 25;

    private GuardContract() {}

    /** @param initially what stands in the row since long ago; null for no row */
    public record Case(String name, @Nullable String initially, Consumer<GuardedRow> steps) {
        @Override
        public String toString() {
            return name;
        }
    }

    public static List<Case> cases() {
        List<Case> cases = new ArrayList<>(ofPresentRows());
        cases.addAll(ofAbsentRows());
        cases.addAll(ofSecondLooks());
        cases.addAll(ofOpenTransactions());
        return cases;
    }

    private static List<Case> ofPresentRows() {
        return List.of(
                present("written by the applier", row -> {
                    written(row, "a1", row.apply("a1", row.commitMicros(), true));
                    written(row, "a2", row.apply("a2", 0, true));
                }),
                present("written locally after what was seen", row -> {
                    row.writeLocally("l2");
                    deferred(row, "l2", row.apply("a", row.commitMicros() - 1, true));
                    deferred(row, "l2", row.apply(null, row.commitMicros() - 1, true));
                }),
                present(
                        "written locally at what was seen",
                        row -> written(row, "a", row.apply("a", row.commitMicros(), true))),
                present(
                        "written locally before what was seen",
                        row -> written(row, "a", row.apply("a", row.commitMicros() + 1, true))),
                present(
                        "delete of what was written locally at what was seen",
                        row -> written(row, null, row.apply(null, row.commitMicros(), true))),
                new Case("written nobody knows when", "old", row -> written(row, "a", row.apply("a", 0, true))),
                new Case(
                        "delete, written nobody knows when",
                        "old",
                        row -> written(row, null, row.apply(null, 0, true))),
                present("the same as is wanted, whoever wrote it", row -> {
                    written(row, "l1", row.apply("l1", 0, true));
                    deferred(row, "l1", row.apply("a", 0, true)); // and it is still who wrote it
                }));
    }

    private static List<Case> ofAbsentRows() {
        return List.of(
                absent("absent", row -> written(row, "a", row.apply("a", 0, false))),
                absent("absent, and may be deleted unseen", row -> {
                    deferred(row, null, row.apply("a", 0, true));
                    written(row, "a", row.lookAgain());
                }),
                absent("delete of no row", row -> written(row, null, row.apply(null, 0, true))),
                absent("an answer takes the place of one that was deferred", row -> {
                    deferred(row, null, row.apply("a1", 0, true));
                    written(row, "a2", row.apply("a2", 0, false));
                    written(row, "a2", row.lookAgain());
                }));
    }

    private static List<Case> ofSecondLooks() {
        return List.of(
                present("unchanged when looked at again", row -> {
                    deferred(row, "l1", row.apply("a", 0, true));
                    written(row, "a", row.lookAgain());
                }),
                present("written when looked at again", row -> {
                    deferred(row, "l1", row.apply("a", 0, true));
                    row.writeLocally("l2");
                    deferred(row, "l2", row.lookAgain());
                    written(row, "a", row.lookAgain());
                }),
                present("deleted when looked at again", row -> {
                    deferred(row, "l1", row.apply("a", 0, false));
                    row.writeLocally(null);
                    deferred(row, null, row.lookAgain());
                    written(row, "a", row.lookAgain());
                }),
                absent("inserted when looked at again", row -> {
                    deferred(row, null, row.apply("a", 0, true));
                    row.writeLocally("l");
                    deferred(row, "l", row.lookAgain());
                    written(row, "a", row.lookAgain());
                }),
                present("a delete, written when looked at again", row -> {
                    deferred(row, "l1", row.apply(null, 0, true));
                    row.writeLocally("l2");
                    deferred(row, "l2", row.lookAgain());
                    written(row, null, row.lookAgain());
                }),
                present("as wanted when looked at again", row -> {
                    deferred(row, "l1", row.apply("a", 0, true));
                    row.writeLocally("a");
                    written(row, "a", row.lookAgain());
                }),
                present("the table was rewritten", row -> {
                    row.rewriteTable();
                    deferred(row, "l1", row.apply("a", row.commitMicros(), true));
                    written(row, "a", row.lookAgain());
                }),
                present("the table was rewritten between the looks", row -> {
                    deferred(row, "l1", row.apply("a", 0, true));
                    row.rewriteTable();
                    deferred(row, "l1", row.lookAgain());
                    written(row, "a", row.lookAgain());
                }),
                present("the rows were moved", row -> {
                    row.moveRows();
                    written(row, "a", row.apply("a", row.commitMicros(), true));
                }),
                present("the rows were moved between the looks", row -> {
                    deferred(row, "l1", row.apply("a", 0, true));
                    row.moveRows();
                    deferred(row, "l1", row.lookAgain());
                    written(row, "a", row.lookAgain());
                }));
    }

    private static List<Case> ofOpenTransactions() {
        return List.of(
                present("an open transaction has written it", row -> {
                    row.beginToWrite("l2");
                    deferred(row, "l1", row.apply("a", row.commitMicros(), true));
                    deferred(row, "l1", row.lookAgain());
                    row.commit();
                    deferred(row, "l2", row.lookAgain());
                    written(row, "a", row.lookAgain());
                }),
                present("an open transaction has deleted it", row -> {
                    row.beginToWrite(null);
                    deferred(row, "l1", row.apply("a", row.commitMicros(), false));
                    row.commit();
                    deferred(row, null, row.lookAgain());
                    written(row, "a", row.lookAgain());
                }),
                present("a delete, and an open transaction has written it", row -> {
                    row.beginToWrite("l2");
                    deferred(row, "l1", row.apply(null, row.commitMicros(), true));
                    row.commit();
                    deferred(row, "l2", row.lookAgain());
                }),
                present("an open transaction has written it and is rolled back", row -> {
                    row.beginToWrite("l2");
                    deferred(row, "l1", row.apply("a", row.commitMicros(), true));
                    row.rollBack();
                    written(row, "a", row.lookAgain());
                }),
                absent("an open transaction has inserted it", row -> {
                    row.beginToWrite("l");
                    deferred(row, null, row.apply("a", 0, false));
                    row.commit();
                    deferred(row, "l", row.apply("a", 0, false));
                }));
    }

    /** The row is written locally first. */
    private static Case present(String name, Consumer<GuardedRow> steps) {
        return new Case(name, null, row -> {
            row.writeLocally("l1");
            steps.accept(row);
        });
    }

    private static Case absent(String name, Consumer<GuardedRow> steps) {
        return new Case(name, null, steps);
    }

    private static void written(GuardedRow row, @Nullable String value, boolean isWritten) {
        require(row, value, isWritten, true);
    }

    private static void deferred(GuardedRow row, @Nullable String value, boolean isWritten) {
        require(row, value, isWritten, false);
    }

    private static void require(GuardedRow row, @Nullable String value, boolean isWritten, boolean isExpected) {
        if (isWritten != isExpected || !Objects.equals(row.value(), value)) {
            throw new AssertionError(said(isWritten, row.value()) + ", not " + said(isExpected, value));
        }
    }

    private static String said(boolean isWritten, @Nullable String value) {
        return (isWritten ? "written: " : "deferred: ") + value;
    }

    /** Does things with a row, in an order of which the seed decides, and tells what comes of them. */
    public static List<String> randomly(long seed, GuardedRow row) {
        Random random = new Random(seed);
        List<String> story = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            story.add(step(random, row, "v" + i));
        }
        return story;
    }

    private static String step(Random random, GuardedRow row, String next) {
        @Nullable String value = random.nextInt(4) == 0 ? null : next;
        return switch (random.nextInt(10)) {
            case 0, 1 -> {
                row.writeLocally(row.value() == null ? next : value);
                yield "locally " + row.value();
            }
            case 2 -> {
                row.rewriteTable();
                yield "rewritten";
            }
            case 3 -> {
                row.moveRows();
                yield "moved";
            }
            case 4 -> whileOpen(random, row, value);
            case 5, 6 -> "again " + said(row.lookAgain(), row.value());
            default -> applied(random, row, random.nextInt(6) == 0 ? row.value() : value);
        };
    }

    private static String applied(Random random, GuardedRow row, @Nullable String value) {
        long seen = random.nextInt(4) == 0 ? 0 : row.commitMicros() + random.nextInt(3) - 1;
        return "applied " + value + ", " + said(row.apply(value, seen, random.nextBoolean()), row.value());
    }

    /** Not of a row that is inserted: the real applier has to come back for that. */
    private static String whileOpen(Random random, GuardedRow row, @Nullable String value) {
        if (row.value() == null) {
            return "nothing to lock";
        }
        row.beginToWrite(value);
        String said = random.nextBoolean()
                ? applied(random, row, "while open")
                : "again " + said(row.lookAgain(), row.value());
        if (random.nextBoolean()) {
            row.commit();
        } else {
            row.rollBack();
        }
        return "while open " + said + ", then " + row.value();
    }
}
