package org.anabranch.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.anabranch.node.config.Secret;
import org.junit.jupiter.api.Test;

class SecretMaskTest {

    private static SecretMask hiding(String secret, String... publicWords) {
        return SecretMask.NONE.with(List.of(Secret.of(secret)), List.of(publicWords));
    }

    @Test
    void a_secret_is_hidden_wherever_it_stands() {
        assertThat(hiding("canary").apply("password=canary, xcanaryx 'canary'")).isEqualTo("password=***, x***x '***'");
    }

    @Test
    void a_secret_is_hidden_as_urls_and_json_write_it() {
        SecretMask mask = hiding("can ary\"&$1");

        assertThat(mask.apply("?p=can+ary%22%26%241&q=can%20ary%22%26%241")).isEqualTo("?p=***&q=***");
        assertThat(mask.apply("{\"p\":\"can ary\\\"&$1\"}")).isEqualTo("{\"p\":\"***\"}");
        assertThat(mask.apply("can ary\"&$1")).isEqualTo("***");
    }

    @Test
    void the_lines_of_a_key_are_hidden_one_by_one() {
        SecretMask mask = hiding("-----BEGIN PRIVATE KEY-----\nMIICanaryCanaryCanary\n-----END PRIVATE KEY-----");

        assertThat(mask.apply("read MIICanaryCanaryCanary here")).isEqualTo("read *** here");
    }

    @Test
    void a_secret_that_holds_another_is_hidden_as_a_whole() {
        SecretMask mask = hiding("canary").with(List.of(Secret.of("canary-yellow")), List.of());

        assertThat(mask.apply("canary-yellow")).isEqualTo("***");
    }

    @Test
    void a_secret_that_is_also_a_public_word_is_hidden_behind_the_word_password() {
        SecretMask mask = hiding("anabranch", "anabranch");

        assertThat(mask.apply("user=anabranch, database.password=anabranch, PASSWORD: 'anabranch'"))
                .isEqualTo("user=anabranch, database.password=***, PASSWORD: '***'");
    }

    @Test
    void a_short_secret_leaves_other_words_readable() {
        assertThat(hiding("a").apply("a table, {\"password\": \"a\"}")).isEqualTo("a table, {\"password\": \"***\"}");
    }

    @Test
    void a_blank_secret_hides_nothing() {
        assertThat(hiding(" ").apply("a b")).isEqualTo("a b");
    }
}
