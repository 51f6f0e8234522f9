package org.anabranch.schemas;

/** The names of all topics. A region writes only the topics that begin with its own name. */
public final class Topics {

    private Topics() {}

    /** Changes and epoch markers of one origin; the same name and partitions in every cluster that it is linked to. */
    public static String changes(String origin) {
        return origin + ".changes";
    }

    /** Compacted: the table and record schemas that an origin's changes need, by fingerprint. */
    public static String schemas(String origin) {
        return origin + ".schemas";
    }

    /** Compacted: how far an origin's capture has come in its WAL, and in its first copies. Never linked. */
    public static String positions(String origin) {
        return origin + ".positions";
    }

    /** Compacted: what a region says of itself every second. */
    public static String status(String region) {
        return region + ".status";
    }

    /** The resolver's output for the local applier. */
    public static String resolved(String region) {
        return region + ".resolved";
    }

    /** What a region could not apply, for whoever wants to hear of it. Never linked. */
    public static String quarantine(String region) {
        return region + ".quarantine";
    }
}
