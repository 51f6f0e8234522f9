package org.anabranch.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordKeyTest {

    @Test
    void aKeyIsReadBack() {
        RecordKey key = new RecordKey(new TableName("public", "Order \"lines\""), List.of("1", "", "käse"));

        assertThat(RecordKey.decode(key.encode())).isEqualTo(key);
    }

    @Test
    void keysThatOnlyJoinToTheSameTextAreDifferent() {
        TableName table = new TableName("public", "t");

        assertThat(new RecordKey(table, List.of("a", "bc")).encode())
                .isNotEqualTo(new RecordKey(table, List.of("ab", "c")).encode());
    }

    @Test
    void bytesThatAreNoKeyAreRefused() {
        byte[] key = new RecordKey(new TableName("public", "t"), List.of("1")).encode();

        assertThatThrownBy(() -> RecordKey.decode(Arrays.copyOf(key, key.length - 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not the key of a change");
    }
}
