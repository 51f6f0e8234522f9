package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.conflict.RowMerge.DeletePolicy;
import org.anabranch.replicator.MergeRules;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A policy is refused for a column that it can do nothing with. */
class MergeFitTest {

    private static List<String> findings(String type, String column, String policy) {
        return findings(
                type, new MergeRules.Rule("last-writer-wins", Map.of(column, policy), DeletePolicy.LAST_WRITER_WINS));
    }

    private static List<String> findings(String type, MergeRules.Rule rule) {
        TableSchema table = new TableSchema(
                new TableName("public", "stock"),
                List.of(new TableSchema.Column("id", "bigint"), new TableSchema.Column("on_hand", type)),
                List.of("id"),
                "FULL",
                List.of());
        return new MergeFit("eu", table)
                .findings(rule).stream().map(Finding::toString).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "counter | smallint",
                "counter | bigint",
                "counter | numeric(10,2)",
                "min | integer",
                "max | double precision",
                "max | date",
                "min | time without time zone",
                "max | timestamp with time zone",
                "max | timestamp(3) without time zone",
                "set | text[]",
                "set | character varying(20)[]",
                "last-writer-wins | jsonb",
                "prefer: eu | jsonb"
            })
    void a_policy_that_fits(String policy, String type) {
        assertThat(findings(type, "on_hand", policy)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "counter | text | smallint, integer, bigint and numeric",
                "counter | real | smallint, integer, bigint and numeric",
                "counter | integer[] | smallint, integer, bigint and numeric",
                "min | text | numbers, dates, times and timestamps",
                "max | interval | numbers, dates, times and timestamps",
                "set | text | arrays of one dimension"
            })
    void a_policy_that_does_not_fit(String policy, String type, String words) {
        assertThat(findings(type, "on_hand", policy))
                .containsExactly("eu: table public.stock: its column 'on_hand' is " + type
                        + " and cannot be merged by '" + policy + "'; " + policy + " takes " + words
                        + "; name another policy");
    }

    @Test
    void a_column_that_is_not_there_is_told_with_the_nearest() {
        assertThat(findings("integer", "onhand", "counter"))
                .containsExactly("eu: table public.stock: has no column 'onhand' that travels, and its merge names one;"
                        + " did you mean 'on_hand'?");
        assertThat(findings("integer", "colour", "counter"))
                .containsExactly("eu: table public.stock: has no column 'colour' that travels, and its merge names one;"
                        + " its columns are: id, on_hand");
    }

    private static List<String> findings(String type, Predicate<String> takes) {
        ColumnPolicy own = new ColumnPolicy() {
            @Override
            public String name() {
                return "highest-bid";
            }

            @Override
            public boolean takes(String type) {
                return takes.test(type);
            }

            @Override
            public String merge(String one, String other) {
                return one;
            }
        };
        return findings(
                type,
                new MergeRules.Rule(
                        "last-writer-wins",
                        Map.of("on_hand", "highest-bid"),
                        DeletePolicy.LAST_WRITER_WINS,
                        Map.of("highest-bid", own)));
    }

    @Test
    void a_policy_of_the_users_own_says_what_it_takes() {
        assertThat(findings("numeric(10,2)", type -> type.startsWith("numeric(")))
                .isEmpty();
        assertThat(findings("jsonb", type -> type.startsWith("numeric(")))
                .singleElement()
                .asString()
                .startsWith(
                        "eu: table public.stock: its column 'on_hand' is jsonb, which 'highest-bid' does not take; name"
                                + " another policy, or let org.anabranch.node.cli.MergeFitTest");
        assertThat(findings("jsonb", type -> {
                    throw new IllegalStateException("planted");
                }))
                .singleElement()
                .asString()
                .startsWith(
                        "eu: table public.stock: its column 'on_hand' is jsonb, and 'highest-bid' cannot say whether it"
                                + " takes that: java.lang.IllegalStateException: planted; mend takes() of ");
    }

    @Test
    void a_column_of_the_key_has_no_policy() {
        assertThat(findings("integer", "id", "counter"))
                .containsExactly("eu: table public.stock: its column 'id' is part of the primary key and cannot be"
                        + " 'counter': another key is another row; leave the column out of merge");
    }
}
