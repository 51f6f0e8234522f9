package org.anabranch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.replicator.QuarantineStore;
import org.anabranch.replicator.QuarantineStore.Entry;
import org.anabranch.replicator.TableRules;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.Topics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** What is put aside is tried again in its order when somebody asks for it, or given up; nothing of it is left untold. */
class QuarantineIT extends SpokeTest {

    @Test
    void changesThatAreTriedAgainAreAppliedInTheirOrder() throws Exception {
        TableSchema t = refused();
        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|1");

        List<Long> again = ask("2", "3");
        awaitAnswered();
        assertThat(spoke.rows("SELECT key_text, operation, left(answer, 5) FROM anabranch.quarantine ORDER BY id"))
                .containsExactly("2|INSERT|23514", "3|INSERT|23514", "2|UPDATE|23514", "2|UPDATE|23514");
        assertThat(again).hasSize(4);

        spoke.execute("ALTER TABLE t DROP CONSTRAINT small");
        ask("2", "3");
        await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(spoke.rows("SELECT * FROM anabranch.quarantine"))
                .isEmpty());
        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|1", "2|203", "3|300");

        spoke.awaitApplied(hub.begin().update(t, "2", "9").commit());
        assertThat(spoke.rows("SELECT n FROM t WHERE id = 2")).containsExactly("9");
    }

    @Test
    void whatWaitsBehindAChangeThatIsGivenUpIsTriedAfterIt() throws Exception {
        TableSchema t = refused();
        spoke.awaitApplied(hub.begin().update(t, "2", "4").commit());

        List<Entry> ofTwo = held().stream().filter(one -> one.key().equals("2")).toList();
        assertThat(ofTwo).hasSize(4);
        QuarantineStore.ask(
                spoke.settings().database(),
                ofTwo.stream().limit(3).map(Entry::id).toList(),
                QuarantineStore.Request.DISCARD);
        await().atMost(Tables.PATIENCE)
                .untilAsserted(() -> assertThat(spoke.rows("SELECT key_text FROM anabranch.quarantine"))
                        .containsExactly("3"));
        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|1", "2|4");
    }

    @Test
    void whatWasPutAsideIsGoneWithAllRowsOfItsTable() throws Exception {
        TableSchema t = refused();
        spoke.awaitApplied(hub.begin().truncate(t).insert(t, "2", "5").commit());

        assertThat(spoke.rows("SELECT * FROM anabranch.quarantine")).isEmpty();
        assertThat(spoke.rows("SELECT * FROM t")).containsExactly("2|5");
    }

    @Test
    void aTableThatStopsOnErrorsStopsAndGoesOnWhenItIsMended() throws Exception {
        spoke.rule = new TableRules.Rule(true, false, TableRules.Existing.REFUSE, TableRules.OnError.STOP);
        TableSchema t = limited();
        hub.begin().insert(t, "1", "1").insert(t, "2", "200").commit();
        spoke.start();
        assertThat(spoke.failure())
                .isInstanceOf(PartFailedException.class)
                .hasMessageContaining("public.t with the key 2")
                .hasMessageContaining("small")
                .hasMessageContaining("onError: stop");
        assertThat(spoke.rows("SELECT * FROM t")).isEmpty();
        assertThat(spoke.rows("SELECT * FROM anabranch.quarantine")).isEmpty();

        spoke.execute("ALTER TABLE t DROP CONSTRAINT small");
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));
        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|1", "2|200");
    }

    @Test
    void aLockThatAnotherHoldsIsWaitedForAndPutsNothingAside() throws Exception {
        TableSchema t = limited();
        spoke.awaitApplied(startAnd(hub.begin().insert(t, "1", "1").commit()));
        try (Connection other = spoke.connect()) {
            other.setAutoCommit(false);
            SharedPostgres.execute(other, "UPDATE t SET n = 7 WHERE id = 1");
            hub.begin().update(t, "1", "2").insert(t, "2", "2").commit();
            spoke.awaitReport("another session holds a lock");
            other.rollback();
        }
        spoke.awaitApplied(hub.lastHybridMicros());
        assertThat(spoke.rows("SELECT * FROM t ORDER BY id")).containsExactly("1|2", "2|2");
        assertThat(spoke.rows("SELECT * FROM anabranch.quarantine")).isEmpty();
    }

    @Test
    void theTopicTellsOfWhatWasPutAsideAlsoWhenTheApplierEndedBeforeIt() throws Exception {
        refused();
        await().atMost(Tables.PATIENCE).untilAsserted(() -> {
            assertThat(spoke.rows("SELECT * FROM anabranch.quarantine")).hasSize(4);
        });
        spoke.stop();
        assertThat(spoke.rows("SELECT count(*) FROM anabranch.quarantine_outbox"))
                .containsExactly("4");
        createTopic();
        spoke.start();
        await().atMost(Tables.PATIENCE)
                .untilAsserted(() -> assertThat(spoke.rows("SELECT * FROM anabranch.quarantine_outbox"))
                        .isEmpty());

        List<ConsumerRecord<byte[], byte[]>> told = told(4);
        List<String> held = spoke.rows("SELECT encode(key, 'hex') || encode(change, 'hex') FROM anabranch.quarantine");
        assertThat(told).map(one -> hex(one.key()) + hex(one.value())).containsExactlyInAnyOrderElementsOf(held);
        assertThat(header(told.getFirst(), "table")).isEqualTo("public.t");
        assertThat(header(told.getFirst(), "origin")).isEqualTo("hub");
        assertThat(header(told.getFirst(), "error")).startsWith("23514");
        assertThat(new RecordCodec().decode(told.getFirst().value())).isInstanceOf(Bundle.class);
    }

    private TableSchema limited() {
        TableSchema t =
                Spoke.schema("t", List.of("id"), ", CONSTRAINT small CHECK (n < 100)", "id integer", "n integer");
        hub.publish(t);
        return t;
    }

    /** Rows 2 and 3 are refused, and two changes follow the first of them. */
    private TableSchema refused() throws Exception {
        TableSchema t = limited();
        hub.begin()
                .insert(t, "1", "1")
                .insert(t, "2", "200")
                .insert(t, "3", "300")
                .commit();
        hub.begin().update(t, "2", "2").commit();
        hub.begin().update(t, "2", "203").commit();
        spoke.awaitApplied(startAnd(hub.lastHybridMicros()));
        return t;
    }

    private List<Entry> held() throws Exception {
        return QuarantineStore.list(spoke.settings().database(), table -> true, java.time.Instant.EPOCH, 100)
                .orElseThrow();
    }

    private List<Long> ask(String... keys) throws Exception {
        List<Long> ids = held().stream()
                .filter(one -> List.of(keys).contains(one.key()))
                .map(Entry::id)
                .toList();
        QuarantineStore.ask(spoke.settings().database(), ids, QuarantineStore.Request.RETRY);
        return ids;
    }

    private void awaitAnswered() {
        await().atMost(Tables.PATIENCE).untilAsserted(() -> assertThat(
                        spoke.rows("SELECT * FROM anabranch.quarantine WHERE asked IS NOT NULL"))
                .isEmpty());
    }

    private void createTopic() throws Exception {
        try (Admin admin = Admin.create(Servers.kafka())) {
            String topic = Topics.quarantine(spoke.region);
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            Topic.awaitLeaders(admin, List.of(topic));
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> told(int atLeast) {
        Map<String, Object> settings = new HashMap<>(Servers.kafka());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(Topics.quarantine(spoke.region), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<ConsumerRecord<byte[], byte[]>> told = new ArrayList<>();
            await().atMost(Tables.PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(told::add);
                return told.size() >= atLeast;
            });
            return told;
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }
}
