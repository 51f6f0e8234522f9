package org.anabranch.capture;

import java.util.List;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL's catalogs hold, as far as it is needed. Oids are those of the source and mean nothing elsewhere. */
final class CatalogRows {

    private CatalogRows() {}

    /**
     * @param kind relkind
     * @param partitionOf the partitioned table above it, 0 for none
     */
    record Table(long oid, TableName name, char kind, String replicaIdentity, long partitionOf) {}

    /**
     * @param type as format_type writes it
     * @param identity a, d, or empty
     * @param generated s, v, or empty
     * @param defaultOid of the default or the generating expression in pg_attrdef, 0 for none
     * @param collationOid 0 where it is the type's own
     */
    record Column(
            long table,
            int number,
            String name,
            String type,
            long typeOid,
            boolean notNull,
            String identity,
            String generated,
            long defaultOid,
            @Nullable String expression,
            long collationOid,
            boolean deterministic) {

        boolean travels() {
            return generated.isEmpty();
        }
    }

    /**
     * @param kind contype: p, u, c, x, f
     * @param indexOid of the index that enforces it, 0 for none
     * @param columns attribute numbers, in the constraint's order
     */
    record Constraint(
            long table,
            long oid,
            String name,
            char kind,
            String definition,
            boolean validated,
            boolean deferrable,
            long indexOid,
            List<Integer> columns) {}

    /** A unique index that belongs to no constraint. */
    record Index(long table, long oid, String name, String definition) {}

    /**
     * What an expression, a constraint or an index needs; nothing that every server has.
     *
     * @param catalog for example pg_proc
     * @param column attribute number where it is a table's column, else 0
     * @param extension that it belongs to
     * @param description for people
     */
    record Dependency(
            String catalog, long oid, int column, @Nullable String extension, String description) {}

    /**
     * @param kind typtype
     * @param elementOid of a true array's elements, 0 for anything else
     * @param baseOid of a domain, 0 for anything else
     * @param relationKind relkind of a composite's relation: c where it was made as a type
     */
    record DataType(
            long oid,
            TableName name,
            char kind,
            long elementOid,
            long baseOid,
            long relationOid,
            String relationKind,
            @Nullable String extension,
            String text) {

        boolean builtIn() {
            return extension == null
                    && (name.schema().equals("pg_catalog") || name.schema().equals("information_schema"));
        }
    }

    /** A sequence; {@code type} is its data type. */
    record Sequence(TableName name, String options, String type) {}
}
