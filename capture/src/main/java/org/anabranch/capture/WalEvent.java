package org.anabranch.capture;

import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** What we read of one of Debezium's records: a change, or a heartbeat that only carries a position. */
record WalEvent(SourceRecord record) {

    /** In the value of a change: the operation. */
    private static final String OPERATION = "op";

    /**
     * Where the newest committed transaction before this event ends. It grows where a transaction has ended: between two of
     * them, and on the heartbeat after a commit.
     */
    long commitPosition() {
        Object position = record.sourceOffset().get("lsn_commit");
        return position == null ? 0 : (Long) position;
    }

    /** The envelope of a row's change, or null for a heartbeat or a logical message. */
    @Nullable
    Struct change() {
        return record.value() instanceof Struct value
                        && value.schema().field(OPERATION) != null
                        && value.schema().field("after") != null
                ? value
                : null;
    }

    static String operation(Struct change) {
        return change.getString(OPERATION);
    }

    static Struct source(Struct change) {
        return change.getStruct("source");
    }

    /** Commit time of the change's transaction, in microseconds. */
    static long commitMicros(Struct change) {
        return source(change).getInt64("ts_us");
    }

    /** The transaction's id, without its epoch. */
    static long transactionId(Struct change) {
        return source(change).getInt64("txId");
    }

    boolean hasHeader(String name) {
        return record.headers().lastWithName(name) != null;
    }
}
