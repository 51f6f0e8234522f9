package org.anabranch.replicator;

import org.anabranch.schemas.Change;

/**
 * A change that was read and waits to be applied.
 *
 * @param key table and primary key
 * @param change the change
 * @param offset where its bundle stands in its partition
 * @param sizeBytes what it takes to hold, roughly
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; a list of bytes would cost an object a byte
record PendingChange(byte[] key, Change change, long offset, int sizeBytes) {}
