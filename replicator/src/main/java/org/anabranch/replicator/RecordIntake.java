package org.anabranch.replicator;

import java.sql.Connection;
import java.sql.SQLException;
import org.anabranch.schemas.Bundle;
import org.anabranch.schemas.EpochMarker;
import org.anabranch.schemas.PartFailedException;
import org.anabranch.schemas.RecordCodec;
import org.anabranch.schemas.Span;
import org.anabranch.schemas.StreamRecord;
import org.anabranch.schemas.UnreadableRecordException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** From the records of the resolved topic to changes and markers in the assembler. What nobody can read goes into quarantine. */
final class RecordIntake {

    private static final byte[] NOTHING = {};

    /** Of a change beside its own bytes: objects and headers. */
    private static final int OVERHEAD_BYTES = 200;

    private final EpochAssembler assembler;
    private final SchemaStore schemas;
    private final RecordCodec codec;
    private final Quarantine quarantine;
    private final Connection connection;
    private final Waiting waiting;

    /** @param codec into which the schema store puts what it finds */
    RecordIntake(
            EpochAssembler assembler,
            SchemaStore schemas,
            RecordCodec codec,
            Quarantine quarantine,
            Connection connection,
            Waiting waiting) {
        this.assembler = assembler;
        this.schemas = schemas;
        this.codec = codec;
        this.quarantine = quarantine;
        this.connection = connection;
        this.waiting = waiting;
    }

    /** Gives whether something was put into quarantine, in the caller's transaction. */
    boolean take(ConsumerRecord<byte[], byte[]> read) throws Exception {
        if (!isOfNow(read)) {
            assembler.skip(read.partition(), read.offset());
            return false;
        }
        Span span;
        try {
            Header header = read.headers().lastHeader(Span.HEADER);
            span = Span.decode(header == null ? null : header.value());
        } catch (UnreadableRecordException e) {
            refuse(read, e);
            assembler.skip(read.partition(), read.offset());
            return true;
        }
        assembler.begin(read.partition(), span);
        boolean isTaken = read.value() == null || takeValue(read);
        // The resolver may have left out what was at its end, and all of it.
        assembler.skip(read.partition(), read.offset(), span);
        return !isTaken;
    }

    /** Not what a resolver writes that was replaced; nor the record with which one begins. */
    private boolean isOfNow(ConsumerRecord<byte[], byte[]> read) {
        Header header = read.headers().lastHeader(Generation.HEADER);
        if (header == null) {
            return read.value() != null;
        }
        if (Generation.isBegin(header.value())) {
            boolean unused = assembler.isOfNow(read.partition(), read.offset(), read.offset());
            return false;
        }
        Long generation = Generation.decode(header.value());
        return generation != null && assembler.isOfNow(read.partition(), read.offset(), generation);
    }

    private boolean takeValue(ConsumerRecord<byte[], byte[]> read) throws Exception {
        try {
            switch (decode(read.value())) {
                case EpochMarker marker -> assembler.offer(read.partition(), read.offset(), marker);
                case Bundle bundle -> offer(read, bundle);
            }
            return true;
        } catch (UnreadableRecordException e) {
            refuse(read, e);
            return false;
        }
    }

    private void offer(ConsumerRecord<byte[], byte[]> read, Bundle bundle) {
        int sizeBytes = read.value().length / bundle.changes().size() + OVERHEAD_BYTES;
        for (Bundle.KeyedChange keyed : bundle.changes()) {
            assembler.offer(read.partition(), new PendingChange(keyed.key(), keyed.change(), read.offset(), sizeBytes));
        }
    }

    /** Its schema may be on its way. */
    private StreamRecord decode(byte[] value) throws Exception {
        long since = waiting.begin();
        while (true) {
            try {
                return codec.decode(value);
            } catch (UnreadableRecordException e) {
                if (!e.mayHeal()) {
                    throw e;
                }
                waiting.longer(since, Faults.message(e));
            }
            schemas.refresh();
        }
    }

    private void refuse(ConsumerRecord<byte[], byte[]> read, UnreadableRecordException why)
            throws SQLException, PartFailedException {
        byte[] key = read.key() == null ? NOTHING : read.key();
        byte[] value = read.value() == null ? NOTHING : read.value();
        quarantine.addUnreadable(connection, key, value, Faults.message(why));
    }
}
