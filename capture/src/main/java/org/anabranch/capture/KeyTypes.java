package org.anabranch.capture;

import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.anabranch.capture.CatalogRows.Column;
import org.anabranch.capture.CatalogRows.DataType;
import org.anabranch.capture.SourceTable.KeyColumn;
import org.jspecify.annotations.Nullable;

/**
 * Which types can be a key: those whose equal values have one text, or can be given one by {@link KeyText}. A type that is not
 * known here is refused, since two regions that take equal keys for different ones diverge.
 */
final class KeyTypes {

    /** PostgreSQL's own. Collatable ones only under a deterministic collation. */
    private static final Set<String> ALLOWED = Set.of(
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "real",
            "double precision",
            "boolean",
            "text",
            "character varying",
            "character",
            "bpchar",
            "\"char\"",
            "name",
            "bytea",
            "uuid",
            "date",
            "time without time zone",
            "time with time zone",
            "timestamp without time zone",
            "timestamp with time zone",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "bit",
            "bit varying",
            "money",
            "oid",
            "xid8",
            "pg_lsn");

    private static final Map<String, String> REFUSED = Map.of(
            "interval", "equal intervals can have different texts, such as 1 day and 24 hours",
            "jsonb", "equal values can have different texts, such as 1 and 1.0",
            "tsquery", "equal values can have different texts, such as 'a':A and 'a':B",
            "tsvector", "it is a search index, and can be too long for a key");

    /** By extension and type. */
    private static final Set<String> ALLOWED_OF_EXTENSIONS = Set.of("ltree.ltree");

    private KeyTypes() {}

    static KeyColumn keyColumn(CatalogReader catalog, Column column) throws SQLException {
        DataType base = catalog.baseType(column.typeOid());
        return new KeyColumn(column.name(), base.text(), refusal(column, base));
    }

    private static @Nullable String refusal(Column column, DataType base) {
        if (!column.generated().isEmpty()) {
            return "it is generated, and generated columns do not travel";
        }
        return refusal(base, column.deterministic());
    }

    /**
     * Why a type cannot be a key, or null if it can.
     *
     * @param base below domains
     * @param deterministic whether the column's collation is
     */
    static @Nullable String refusal(DataType base, boolean deterministic) {
        if (base.elementOid() != 0) {
            return "equal arrays can have different texts where their elements can";
        }
        if (base.extension() != null) {
            return ALLOWED_OF_EXTENSIONS.contains(
                            base.extension() + "." + base.name().table())
                    ? null
                    : "values that extension " + base.extension() + " holds equal can have different texts";
        }
        return switch (base.kind()) {
            case 'e' -> null;
            case 'r', 'm' -> "equal ranges can have different texts where their bounds can";
            case 'c' -> "equal composite values can have different texts where their fields can";
            default -> ofPostgres(base.text(), deterministic);
        };
    }

    private static @Nullable String ofPostgres(String type, boolean deterministic) {
        if (!deterministic) {
            return "its collation is not deterministic: equal texts can have different letters";
        }
        if (ALLOWED.contains(type)) {
            return null;
        }
        return REFUSED.getOrDefault(type, "it is not known whether its equal values have one text");
    }
}
