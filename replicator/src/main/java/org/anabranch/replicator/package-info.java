/** From Kafka to PostgreSQL: the links between clusters, the resolver, and the applier. */
@NullMarked
package org.anabranch.replicator;

import org.jspecify.annotations.NullMarked;
