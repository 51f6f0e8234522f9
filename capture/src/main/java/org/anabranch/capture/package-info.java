/**
 * PostgreSQL to Kafka. {@link org.anabranch.capture.Capture} is where to start reading: it owns the slot, runs Debezium
 * Embedded, and writes changes and epoch markers. Only this package imports io.debezium.
 */
@NullMarked
package org.anabranch.capture;

import org.jspecify.annotations.NullMarked;
