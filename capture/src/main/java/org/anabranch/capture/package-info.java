/** PostgreSQL to Kafka: what a source's tables are, what a source lacks, and the first copy. */
@NullMarked
package org.anabranch.capture;

import org.jspecify.annotations.NullMarked;
