/**
 * A region's node: the parts that its place in the topology asks for, each supervised, and what it says of itself in the
 * status topic. {@link org.anabranch.node.region.RegionNode} is where to start reading.
 */
@NullMarked
package org.anabranch.node.region;

import org.jspecify.annotations.NullMarked;
