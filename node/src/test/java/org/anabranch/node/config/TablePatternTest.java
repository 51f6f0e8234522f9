package org.anabranch.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TablePatternTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "public.customers       | public   | customers",
                "Public.CUSTOMERS       | public   | customers",
                "public.*               | public   | Mixed Case",
                "*.*                    | sales    | orders",
                "sales.order_*          | sales    | order_",
                "sales.order_*          | sales    | order_lines",
                "sales.*_2?*            | sales    | a_1_29_x",
                "public.\"Mixed Case\"  | public   | Mixed Case",
                "\"a.b\".\"c\"\"d\"     | a.b      | c\"d",
                "public.\"star*\"       | public   | star*",
                "größe.straße           | größe    | straße",
            })
    void a_pattern_matches_the_tables_it_means(String pattern, String schema, String table) {
        assertThat(TablePattern.parse(pattern).matches(schema, table)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "public.customers       | public             | Customers",
                "public.customers       | sales              | customers",
                "public.customers       | public             | customers2",
                "sales.order_*          | sales              | orders",
                "sales.order_?          | sales              | order_12",
                "public.\"star*\"       | public             | starfish",
                "*.*                    | pg_catalog         | pg_class",
                "*.*                    | information_schema | tables",
                "*.*                    | anabranch          | clock",
            })
    void a_pattern_matches_no_others(String pattern, String schema, String table) {
        assertThat(TablePattern.parse(pattern).matches(schema, table)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "customers",
                "a.b.c",
                "public.",
                ".customers",
                "public.my table",
                "public.\"open",
                "public.\"\"",
                "public.1st",
                "public.a;b",
                "anabranch.clock",
                "public.a123456789012345678901234567890123456789012345678901234567890123",
            })
    void what_is_no_table_is_refused_with_the_text_and_what_to_do(String text) {
        assertThatThrownBy(() -> TablePattern.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("; ");
    }

    @Test
    void a_hostile_glob_is_matched_without_delay() {
        TablePattern pattern = TablePattern.parse("public." + "*a".repeat(200) + "b");

        assertThat(pattern.matches("public", "a".repeat(63))).isFalse();
    }

    @Test
    void a_name_is_no_glob() {
        assertThat(TablePattern.parse("public.\"a*\"").isName()).isTrue();
        assertThat(TablePattern.parse("public.a*").isName()).isFalse();
    }
}
