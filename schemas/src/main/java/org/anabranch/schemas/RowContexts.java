package org.anabranch.schemas;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;

/** What single rows hold, by their digests; as JSON those with equal contexts stand together, their digests in a row. */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; as JSON a list of bytes would be long
record RowContexts(Collection<Stamp> context, byte[] rows) {

    static List<RowContexts> of(Map<RowDigest, Context> contexts) {
        Map<Context, List<RowDigest>> together = new HashMap<>();
        contexts.forEach((row, context) ->
                together.computeIfAbsent(context, c -> new ArrayList<>()).add(row));
        return together.entrySet().stream()
                .map(entry -> new RowContexts(entry.getKey().stamps(), bytes(entry.getValue())))
                .toList();
    }

    private static byte[] bytes(List<RowDigest> rows) {
        ByteBuffer bytes = ByteBuffer.allocate(rows.size() * RowDigest.BYTES);
        rows.forEach(row -> row.write(bytes));
        return bytes.array();
    }

    static Map<RowDigest, Context> read(Collection<RowContexts> all) {
        Map<RowDigest, Context> contexts = new HashMap<>();
        for (RowContexts together : all) {
            Context context = Context.of(together.context());
            ByteBuffer bytes = ByteBuffer.wrap(together.rows());
            while (bytes.hasRemaining()) {
                contexts.put(RowDigest.read(bytes), context);
            }
        }
        return contexts;
    }
}
