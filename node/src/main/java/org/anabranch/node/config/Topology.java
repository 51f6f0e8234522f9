package org.anabranch.node.config;

/** How the regions are linked. */
public enum Topology {
    /** The hub writes, every spoke is linked to the hub. */
    HUB_AND_SPOKE,
    /** Every region is linked to every other. */
    MESH
}
