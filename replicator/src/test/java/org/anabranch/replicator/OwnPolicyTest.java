package org.anabranch.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.math.BigDecimal;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BinaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.laws.ColumnPolicyLaws;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.BundleWriter;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Operation;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A policy of the user's own, out of a jar that is built here from what docs/own-merge-policy.md says, word for word. */
class OwnPolicyTest {

    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final TableName NAME = new TableName("public", "lots");
    private static final TableSchema LOTS = new TableSchema(
            NAME,
            List.of(new TableSchema.Column("id", "integer"), new TableSchema.Column("price", "numeric(10,2)")),
            List.of("id"),
            "FULL",
            List.of());
    private static final List<String> REGIONS = List.of("eu", "us");
    private static final Stamp INSERT = new Stamp(1_000, 0, "eu");
    private static final Stamp EU = new Stamp(2_000, 0, "eu");
    private static final Stamp US = new Stamp(3_000, 0, "us");
    private static final Stamp LATER = new Stamp(4_000, 0, "us");

    @TempDir
    Path directory;

    private final RecordCodec codec = new RecordCodec();

    /** A lot, and two bids of which neither had seen the other. */
    private final byte[] insert = change(INSERT, Context.NOTHING, null, "10.00");

    private final byte[] high = change(EU, Context.of(INSERT), "10.00", "100.00");
    private final byte[] low = change(US, Context.of(INSERT), "10.00", "50.00");

    private URLClassLoader jar(String services) throws IOException {
        List<String> sources =
                JAVA.matcher(page()).results().map(block -> block.group(1)).toList();
        return PolicyJar.build(directory, sources, services).classes();
    }

    private static String page() throws IOException {
        Path file = Path.of("docs/own-merge-policy.md");
        return Files.readString(Files.exists(file) ? file : Path.of("..").resolve(file));
    }

    @Test
    void itIsFoundInAJarByItsName() throws Exception {
        try (var classes = jar("com.example.HighestBid")) {
            OwnPolicies policies = OwnPolicies.load(classes);

            assertThat(policies.findings()).isEmpty();
            assertThat(policies.byName()).containsOnlyKeys("highest-bid");
        }
    }

    @Test
    @SuppressWarnings("JUnitMethodInvoked") // of a test that is compiled here, and that no runner knows
    void itKeepsTheLawsByTheTestOfThePage() throws Exception {
        try (var classes = jar("com.example.HighestBid")) {
            Constructor<?> test =
                    classes.loadClass("com.example.HighestBidTest").getDeclaredConstructor();
            test.setAccessible(true);
            ColumnPolicyLaws laws = (ColumnPolicyLaws) test.newInstance();

            laws.itIsFoundOnTheClassPath();
            laws.whichOfTwoValuesComesFirstDoesNotMatter();
            laws.whichTwoOfThreeValuesAreMergedFirstDoesNotMatter();
            laws.aValueThatIsMergedInAlreadyChangesNothing();
            laws.whatIsReadIsWhatThePolicyPromises();
        }
    }

    @Test
    void classesThatCannotBeLoadedAreToldAndTheOthersAreThere() throws Exception {
        try (var classes = jar("com.example.Gone\ncom.example.HighestBidTest\ncom.example.HighestBid\n")) {
            OwnPolicies policies = OwnPolicies.load(classes);

            assertThat(policies.findings())
                    .extracting(Finding::toString)
                    .containsExactly(
                            "class path: a merge policy cannot be loaded: org.anabranch.conflict.ColumnPolicy: Provider"
                                    + " com.example.Gone not found; mend its jar, or take it off the class path",
                            "class path: a merge policy cannot be loaded: org.anabranch.conflict.ColumnPolicy:"
                                    + " com.example.HighestBidTest not a subtype; mend its jar, or take it off the class path");
            assertThat(policies.byName()).containsOnlyKeys("highest-bid");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "counter | and that word has a meaning already",
                "Highest Bid | which is no name",
                "prefer: eu | which is no name"
            })
    void aNameThatIsTakenOrNoneIsRefused(String name, String why) throws Exception {
        List<String> sources = List.of(JAVA.matcher(page())
                .results()
                .map(block -> block.group(1))
                .findFirst()
                .orElseThrow()
                .replace("highest-bid", name));
        try (var classes =
                PolicyJar.build(directory, sources, "com.example.HighestBid").classes()) {
            OwnPolicies policies = OwnPolicies.load(classes);

            assertThat(policies.byName()).isEmpty();
            assertThat(policies.findings())
                    .extracting(Finding::what)
                    .containsExactly("merge policy com.example.HighestBid is named '" + name + "', " + why);
        }
    }

    @Test
    void ofBidsInConflictTheHighestIsReadInEveryRegionAndALaterOneStands() throws Exception {
        try (var classes = jar("com.example.HighestBid")) {
            ColumnPolicy policy = OwnPolicies.load(classes).byName().get("highest-bid");
            byte[] corrected = change(LATER, Context.of(EU, US), "100.00", "20.00");

            assertThat(resolve("us", policy, insert, low, high)).isEqualTo("MERGE 100.00");
            assertThat(resolve("eu", policy, insert, high, low)).isEqualTo("MERGE 100.00");
            assertThat(resolve("eu", policy, insert, high, low, corrected)).isEqualTo("MERGE 20.00");
            assertThat(resolve("us", policy, insert, low, high, corrected)).isEqualTo("MERGE 20.00");
        }
    }

    static Stream<BinaryOperator<String>> failing() {
        return Stream.of(
                (one, other) -> null,
                (one, other) -> {
                    throw new IllegalStateException("planted");
                },
                (one, other) -> {
                    throw new NoClassDefFoundError("planted");
                });
    }

    @ParameterizedTest
    @MethodSource("failing")
    void whereItFailsTheChangeIsPassedOnAsItWasUntilTheColumnIsWrittenAgain(BinaryOperator<String> failing)
            throws Exception {
        ColumnPolicy policy = policy(failing);
        byte[] again = change(LATER, Context.of(EU, US), "50.00", "20.00");

        assertThat(resolve("us", policy, insert, low, high)).isEqualTo("UPDATE 100.00");
        assertThat(resolve("eu", policy, insert, high, low)).isEqualTo("UPDATE 50.00");
        assertThat(resolve("eu", policy, insert, high, low, again)).isEqualTo("MERGE 20.00");
        assertThat(resolve("us", policy, insert, low, high, again)).isEqualTo("MERGE 20.00");
    }

    @Test
    void whatItCouldNotMergeOnceIsNotLost() throws Exception {
        AtomicBoolean isBroken = new AtomicBoolean();
        ColumnPolicy healing = policy((one, other) -> {
            if (isBroken.getAndSet(false)) {
                throw new IllegalStateException("planted");
            }
            return new BigDecimal(one).max(new BigDecimal(other)).toString();
        });
        byte[] elsewhere = change(LATER, Context.of(INSERT), "50.00", "50.00");

        isBroken.set(true);
        assertThat(resolve("us", healing, insert, low, high, elsewhere)).isEqualTo("MERGE 100.00");
        isBroken.set(true);
        assertThat(resolve("eu", healing, insert, high, low, elsewhere)).isEqualTo("MERGE 100.00");
    }

    private static ColumnPolicy policy(BinaryOperator<String> merge) {
        return new ColumnPolicy() {
            @Override
            public String name() {
                return "highest-bid";
            }

            @Override
            public boolean takes(String type) {
                return true;
            }

            @Override
            public String merge(String one, String other) {
                return merge.apply(one, other);
            }
        };
    }

    private static byte[] change(Stamp stamp, Context context, @Nullable String before, String after) {
        BundleWriter bundle = new BundleWriter();
        bundle.add(
                new RecordKey(NAME, List.of("1")).encode(),
                new Change(
                        before == null ? Operation.INSERT : Operation.UPDATE,
                        stamp,
                        stamp.hybridMicros(),
                        LOTS.fingerprint(),
                        before == null ? null : Row.of("1", before),
                        Row.of("1", after),
                        context,
                        null));
        return bundle.take();
    }

    /** What the applier of a region is told last of the row. */
    private String resolve(String region, ColumnPolicy policy, byte[]... records) throws Exception {
        PartitionResolver resolver = new PartitionResolver(region, REGIONS, tables(policy), new CrashingStore(), codec);
        String last = "nothing";
        for (byte[] record : records) {
            Bundle bundle = (Bundle) codec.decode(record);
            byte[] answer =
                    resolver.resolve(bundle.changes().getFirst().change().origin(), record, false);
            if (answer != null) {
                Change told =
                        ((Bundle) codec.decode(answer)).changes().getFirst().change();
                last = told.operation() + " " + told.after().text(1);
            }
            resolver.sweep();
        }
        return last;
    }

    private static ContestedTables tables(ColumnPolicy policy) {
        return new ContestedTables(
                new OneSchema(LOTS),
                table -> Optional.of(new MergeRules.Rule(
                        "last-writer-wins",
                        Map.of("price", policy.name()),
                        DeletePolicy.LAST_WRITER_WINS,
                        Map.of(policy.name(), policy))));
    }
}
