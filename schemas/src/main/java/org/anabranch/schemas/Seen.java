package org.anabranch.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.anabranch.conflict.Context;
import org.anabranch.conflict.Stamp;
import org.jspecify.annotations.Nullable;

/**
 * What a local transaction of a region may have seen of the other regions' changes. The applier says so in the one row of {@link
 * #TABLE}, in a transaction of its own that capture reads in the WAL, after it has written its rows and before it commits: who has
 * seen the rows commits after that, so its hybrid time and its context come out later.
 *
 * @param everywhere what the region as a whole holds; only what was committed before, since this commit may fail
 * @param rows what single rows hold beyond that; for those that the commit is about to show, and nobody can write before it
 * @param latestMicros the latest hybrid time that is shown, of tables with one writer too
 */
public record Seen(Context everywhere, Map<RowDigest, Context> rows, long latestMicros) {

    /**
     * Of more rows nothing is said before their commit, but at once after it: who writes one in the time between seems to have seen
     * less than it has. More than the applier writes at once; only a transaction that is larger by itself has more. Rows that show the same
     * take 22 bytes each, others up to 250.
     */
    public static final int ROWS_MAX = 25_000;

    /** Nothing of other regions. */
    public static final Seen NOTHING = new Seen(Context.NOTHING, Map.of(), 0);

    public static final TableName TABLE = new TableName("anabranch", "clock");

    /** The column that holds {@link #text}. */
    public static final String COLUMN = "seen";

    /** Until the transaction ends nobody else makes Anabranch's own schema or tables: capture and applier start side by side. */
    public static final String LOCK = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('anabranch'))";

    /** Makes the table. */
    public static final String CREATE =
            "CREATE TABLE IF NOT EXISTS anabranch.clock (id int PRIMARY KEY DEFAULT 1 CHECK (id = 1),"
                    + " seen text NOT NULL, written_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp())";

    /** Writes its one row: the text is the parameter. */
    public static final String WRITE = "INSERT INTO anabranch.clock (seen) VALUES (?)"
            + " ON CONFLICT (id) DO UPDATE SET seen = EXCLUDED.seen, written_at = pg_catalog.clock_timestamp()";

    public Seen {
        rows = Map.copyOf(rows);
    }

    private record Document(
            Collection<Stamp> everywhere, @Nullable Collection<RowContexts> rows, long latestMicros) {}

    /** As JSON. */
    public String text() {
        byte[] json = Json.write(new Document(everywhere.stamps(), RowContexts.of(rows), latestMicros));
        return new String(json, StandardCharsets.UTF_8);
    }

    /** @throws UnreadableRecordException if it is not what {@link #text} makes */
    public static Seen parse(String text) throws UnreadableRecordException {
        Document document = Json.read(text.getBytes(StandardCharsets.UTF_8), Document.class);
        Collection<RowContexts> rows = document.rows() == null ? List.of() : document.rows();
        return new Seen(Context.of(document.everywhere()), RowContexts.read(rows), document.latestMicros());
    }

    /** Of one row. */
    public Context of(byte[] key) {
        Context ofRow = rows.isEmpty() ? null : rows.get(RowDigest.of(key));
        return ofRow == null ? everywhere : everywhere.join(ofRow);
    }

    /** What was seen before, and this; of rows the newest, if they are too many. */
    public Seen after(Seen before) {
        Context all = everywhere.join(before.everywhere);
        Map<RowDigest, Context> ofRows = new HashMap<>();
        rows.forEach((row, context) -> keep(ofRows, row, context, all));
        before.rows.forEach((row, context) -> keep(ofRows, row, context, all));
        return new Seen(all, ofRows, Math.max(latestMicros, before.latestMicros));
    }

    private static void keep(Map<RowDigest, Context> kept, RowDigest row, Context context, Context all) {
        if (!all.covers(context) && (kept.size() < ROWS_MAX || kept.containsKey(row))) {
            kept.merge(row, context, Context::join);
        }
    }
}
