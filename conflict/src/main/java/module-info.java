/** The merge algebra. It requires nothing but the JDK's base, so that it can be simulated anywhere. */
module org.anabranch.conflict {
    requires static transitive org.jspecify;

    exports org.anabranch.conflict;

    uses org.anabranch.conflict.ColumnPolicy;
}
