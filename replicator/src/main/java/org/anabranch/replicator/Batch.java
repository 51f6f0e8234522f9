package org.anabranch.replicator;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes to be applied next, those of each origin in the order of their stamps.
 *
 * @param changes empty where nothing but the end of an open transaction has come
 * @param progress present where every origin stands at the end of a transaction: to be stored and committed with the
 *     changes. Null: apply, and do not commit yet
 */
record Batch(List<PendingChange> changes, @Nullable Progress progress) {}
