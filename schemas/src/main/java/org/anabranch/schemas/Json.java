package org.anabranch.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The compacted topics hold JSON. Fields that are not known are passed over, and missing ones are null or zero, so that
 * versions can run side by side.
 */
public final class Json {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    public static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value.getClass(), e);
        }
    }

    /** @throws UnreadableRecordException if the bytes are no JSON of that type */
    public static <T> T read(byte[] bytes, Class<T> type) throws UnreadableRecordException {
        try {
            return MAPPER.readValue(bytes, type);
        } catch (IOException e) {
            String begin = new String(bytes, 0, Math.min(bytes.length, 80), StandardCharsets.UTF_8);
            throw new UnreadableRecordException("not the JSON of a " + type.getSimpleName() + ": " + begin, e);
        }
    }
}
