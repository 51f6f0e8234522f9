package org.anabranch.schemas;

/** What a change does to its row. The order is the Avro enum's, and is never changed. */
public enum Operation {
    INSERT,
    /** With a {@link Change#before()} it moves the row there to another key. */
    UPDATE,
    DELETE,
    /** Empties the whole table; written to every partition with the same stamp. */
    TRUNCATE,
    /** A row that the first copy read: it stands in its table as of the stamp. */
    COPY,
    /** What a resolver says the row is to be, merged from all that was done to it; only in its own region's resolved topic. */
    MERGE
}
