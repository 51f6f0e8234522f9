package org.anabranch.node.region;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.replicator.ConflictReader.Recorded;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.ConflictRecord.Side;

/** A conflict as JSON: what {@code anabranch conflicts --json} prints and a node serves as {@code /api/conflicts}. */
public final class ConflictDocument {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ConflictDocument() {}

    /** @param regions whose journals have it */
    public static Map<String, Object> of(Recorded recorded, List<String> regions) {
        ConflictRecord conflict = recorded.conflict();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", recorded.table().toString());
        document.put("key", recorded.key());
        document.put("recordedAt", recorded.recordedAt().toString());
        document.put("regions", regions);
        document.put("earlier", of(conflict.earlier()));
        document.put("later", of(conflict.later()));
        document.put("losses", conflict.losses());
        return document;
    }

    private static Map<String, Object> of(Side side) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("origin", side.stamp().origin());
        document.put("operation", side.isDelete() ? "delete" : "write");
        document.put(
                "committedAt",
                Instant.EPOCH.plus(side.commitMicros(), ChronoUnit.MICROS).toString());
        document.put("stamp", List.of(side.stamp().hybridMicros(), side.stamp().number()));
        document.put("row", row(side));
        return document;
    }

    /** By column, PostgreSQL's texts. */
    public static JsonNode row(Side side) {
        try {
            return JSON.readTree(side.row());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the database holds no other JSON than an applier wrote", e);
        }
    }
}
