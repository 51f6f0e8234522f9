package org.anabranch.node.config;

/** How the regions are linked. */
public enum Topology {
    /** Every spoke is linked to the hub, which passes on what other spokes write. */
    HUB_AND_SPOKE,
    /** Every region is linked to every other. */
    MESH
}
