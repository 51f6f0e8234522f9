package org.anabranch.conflict;

/**
 * A merge policy of your own for one column: what becomes of two values that were written without knowing of each other. Where one
 * writer had seen the other's value, the later value stands and nobody asks. A value meets the others of its column, one for
 * each region at most, in the order of their stamps; so all regions read the same even if it breaks a law, as long as it is the
 * same class in all regions and looks at nothing but its arguments: no clock, no chance, no file, nothing remembered.
 *
 * <p>Public, with a public constructor without parameters, on the class path, and named in
 * {@code META-INF/services/org.anabranch.conflict.ColumnPolicy}. Called by several threads at once.
 */
public interface ColumnPolicy {

    /** As the configuration names it: lower-case letters, digits and -, a letter first, as in {@code highest-bid}. */
    String name();

    /** Whether it can merge the values of such a column: the type as PostgreSQL writes it, as in {@code numeric(10,2)}. */
    boolean takes(String type);

    /**
     * The value that is to be read. Commutative, associative and idempotent: a writer who saw the result may not be known to have
     * seen all that it was made of, and then these are merged into it again. An exception, or null, puts changes of the row into
     * quarantine until the column is written again.
     *
     * @param one as PostgreSQL's text; SQL's NULL loses against every value and never comes here
     * @param other not equal to it
     */
    String merge(String one, String other);
}
