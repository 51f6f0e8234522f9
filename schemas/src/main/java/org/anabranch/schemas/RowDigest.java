package org.anabranch.schemas;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Names a row in little space: half of the SHA-256 of its {@link RecordKey}. */
public record RowDigest(long high, long low) {

    static final int BYTES = 2 * Long.BYTES;

    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(RowDigest::sha256);

    public static RowDigest of(byte[] key) {
        return read(ByteBuffer.wrap(SHA_256.get().digest(key)));
    }

    static RowDigest read(ByteBuffer bytes) {
        return new RowDigest(bytes.getLong(), bytes.getLong());
    }

    void write(ByteBuffer bytes) {
        bytes.putLong(high).putLong(low);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
