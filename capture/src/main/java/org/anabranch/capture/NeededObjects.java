package org.anabranch.capture;

import static org.anabranch.capture.Query.literal;
import static org.anabranch.schemas.TableName.quote;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.anabranch.capture.CatalogRows.Column;
import org.anabranch.capture.CatalogRows.Constraint;
import org.anabranch.capture.CatalogRows.DataType;
import org.anabranch.capture.CatalogRows.Dependency;
import org.anabranch.capture.CatalogRows.Sequence;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema.CreateStatement;
import org.jspecify.annotations.Nullable;

/**
 * Collects what one table needs, in the order in which it can be made. Functions, operators and types in C are never made in a
 * target: what needs one is left out, with a finding.
 */
final class NeededObjects {

    private final CatalogReader catalog;
    private final String table;
    private final List<Finding> findings;
    private final List<CreateStatement> statements = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    NeededObjects(CatalogReader catalog, TableName table, List<Finding> findings) {
        this.catalog = catalog;
        this.table = table.toString();
        this.findings = findings;
    }

    List<CreateStatement> statements() {
        return statements;
    }

    void add(CreateStatement statement) {
        statements.add(statement);
    }

    void leftOut(String what, String obstacle) {
        findings.add(Finding.warning(
                table,
                what + " is left out of tables that Anabranch creates: it needs " + obstacle,
                "make it in the targets by hand where it is wanted"));
    }

    /** Takes up all that these need, or nothing and names what stands in the way. */
    @Nullable
    String require(List<Dependency> dependencies, long ownTable, Set<Integer> ownColumnsLeftOut) throws SQLException {
        for (Dependency dependency : dependencies) {
            String obstacle = obstacle(dependency, ownTable, ownColumnsLeftOut);
            if (obstacle != null) {
                return obstacle;
            }
        }
        for (Dependency dependency : dependencies) {
            if (dependency.extension() != null) {
                extension(dependency.extension());
                continue;
            }
            switch (dependency.catalog()) {
                case "pg_type" -> type(dependency.oid());
                case "pg_collation" -> collation(dependency.oid());
                case "pg_class" -> sequence(dependency.oid());
                default -> {}
            }
        }
        return null;
    }

    private @Nullable String obstacle(Dependency dependency, long ownTable, Set<Integer> ownColumnsLeftOut)
            throws SQLException {
        if (dependency.extension() != null) {
            return null;
        }
        return switch (dependency.catalog()) {
            case "pg_type", "pg_collation", "pg_namespace" -> null;
            case "pg_class" -> {
                boolean own = dependency.oid() == ownTable && !ownColumnsLeftOut.contains(dependency.column());
                yield own || sequenceOf(dependency.oid()) != null ? null : dependency.description();
            }
            case "pg_constraint" -> null;
            default -> dependency.description();
        };
    }

    private boolean first(String kind, Object name) {
        return seen.add(kind + " " + name);
    }

    void schema(String name) {
        if (name.equals("pg_catalog") || !first("schema", name)) {
            return;
        }
        String exists = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = " + literal(name);
        add(new CreateStatement("schema", name, exists, "CREATE SCHEMA " + quote(name)));
    }

    private void extension(String name) throws SQLException {
        if (!first("extension", name)) {
            return;
        }
        String schema = Query.one(
                catalog.connection(),
                "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = ?",
                row -> row.getString(1),
                name);
        schema(schema);
        String exists = "SELECT 1 FROM pg_catalog.pg_extension WHERE extname = " + literal(name);
        String sql = "CREATE EXTENSION " + quote(name) + " WITH SCHEMA " + quote(schema) + " CASCADE";
        add(new CreateStatement("extension", name, exists, sql));
    }

    void type(long oid) throws SQLException {
        DataType type = catalog.type(oid);
        if (type.elementOid() != 0) {
            type(type.elementOid());
            return;
        }
        if (type.extension() != null) {
            extension(type.extension());
            return;
        }
        if (type.builtIn() || !first("type", oid)) {
            return;
        }
        switch (type.kind()) {
            case 'e' -> enumeration(type);
            case 'd' -> domain(type);
            case 'c' -> composite(type);
            case 'r' -> range(type);
            case 'm' -> type(rangeOf(oid));
            default -> leftOut("type " + type.name(), "functions written in C");
        }
    }

    private void addType(String kind, DataType type, String sql) {
        schema(type.name().schema());
        String exists = "SELECT 1 FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
                + " WHERE n.nspname = " + literal(type.name().schema()) + " AND t.typname = "
                + literal(type.name().table());
        add(new CreateStatement(kind, type.name().toString(), exists, sql));
    }

    private void enumeration(DataType type) throws SQLException {
        List<String> labels = Query.list(
                catalog.connection(),
                "SELECT enumlabel FROM pg_enum WHERE enumtypid = ?::bigint::oid ORDER BY enumsortorder",
                row -> literal(row.getString(1)),
                type.oid());
        addType("enum", type, "CREATE TYPE " + type.name().quoted() + " AS ENUM (" + String.join(", ", labels) + ")");
    }

    private void domain(DataType type) throws SQLException {
        type(type.baseOid());
        StringBuilder sql = new StringBuilder("CREATE DOMAIN " + type.name().quoted() + " AS ");
        String base = Query.one(
                catalog.connection(),
                "SELECT format_type(typbasetype, typtypmod) FROM pg_type WHERE oid = ?::bigint::oid",
                row -> row.getString(1),
                type.oid());
        sql.append(base);
        sql.append(domainCollation(type)).append(domainDefault(type));
        if (Query.one(
                catalog.connection(),
                "SELECT typnotnull FROM pg_type WHERE oid = ?::bigint::oid",
                row -> row.getBoolean(1),
                type.oid())) {
            sql.append(" NOT NULL");
        }
        domainChecks(type, sql);
        addType("domain", type, sql.toString());
    }

    private String domainCollation(DataType type) throws SQLException {
        List<Long> collations = Query.list(
                catalog.connection(),
                "SELECT t.typcollation FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype"
                        + " WHERE t.oid = ?::bigint::oid AND t.typcollation <> b.typcollation",
                row -> row.getLong(1),
                type.oid());
        return collations.isEmpty() ? "" : " COLLATE " + collation(collations.getFirst());
    }

    private String domainDefault(DataType type) throws SQLException {
        String expression = Query.one(
                catalog.connection(),
                "SELECT coalesce(pg_get_expr(typdefaultbin, 0), '') FROM pg_type WHERE oid = ?::bigint::oid",
                row -> row.getString(1),
                type.oid());
        if (expression.isEmpty()) {
            return "";
        }
        List<Dependency> dependencies =
                catalog.dependencies("pg_type", List.of(type.oid())).getOrDefault(type.oid(), List.of());
        String obstacle = require(dependencies, 0, Set.of());
        if (obstacle != null) {
            leftOut("the default of domain " + type.name(), obstacle);
            return "";
        }
        return " DEFAULT " + expression;
    }

    private void domainChecks(DataType type, StringBuilder sql) throws SQLException {
        record Check(long oid, String name, String definition, boolean validated) {}
        List<Check> checks = Query.list(
                catalog.connection(),
                "SELECT oid, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
                        + " WHERE contypid = ?::bigint::oid AND contype = 'c' ORDER BY conname",
                row -> new Check(row.getLong(1), row.getString(2), row.getString(3), row.getBoolean(4)),
                type.oid());
        for (Check check : checks) {
            List<Dependency> dependencies =
                    catalog.dependencies("pg_constraint", List.of(check.oid())).getOrDefault(check.oid(), List.of());
            // the domain itself is among them, and is seen already
            String obstacle = check.validated()
                    ? require(dependencies, 0, Set.of())
                    : "to hold for every row, and is NOT VALID in the source";
            if (obstacle == null) {
                sql.append(" CONSTRAINT ")
                        .append(quote(check.name()))
                        .append(' ')
                        .append(check.definition());
            } else {
                leftOut("constraint " + quote(check.name()) + " of domain " + type.name(), obstacle);
            }
        }
    }

    private void composite(DataType type) throws SQLException {
        if (!type.relationKind().equals("c")) {
            leftOut("type " + type.name(), "the table of that name, whose rows' type it is");
            return;
        }
        List<String> attributes = new ArrayList<>();
        for (Column column : catalog.columns(List.of(type.relationOid()))) {
            type(column.typeOid());
            String collation = column.collationOid() == 0 ? "" : " COLLATE " + collation(column.collationOid());
            attributes.add(quote(column.name()) + " " + column.type() + collation);
        }
        addType(
                "composite type",
                type,
                "CREATE TYPE " + type.name().quoted() + " AS (" + String.join(", ", attributes) + ")");
    }

    private long rangeOf(long multirange) throws SQLException {
        return Query.one(
                catalog.connection(),
                "SELECT rngtypid FROM pg_range WHERE rngmultitypid = ?::bigint::oid",
                row -> row.getLong(1),
                multirange);
    }

    private void range(DataType type) throws SQLException {
        RangeParts parts = RangeParts.read(catalog, type.oid());
        type(parts.subtypeOid());
        if (parts.canonical() != null) {
            leftOut("type " + type.name(), parts.canonical());
            return;
        }
        String obstacle = require(
                catalog.dependencies("pg_type", List.of(type.oid())).getOrDefault(type.oid(), List.of()).stream()
                        .filter(needed -> !needed.catalog().equals("pg_proc") || needed.extension() != null)
                        .toList(),
                0,
                Set.of());
        if (obstacle != null) {
            leftOut("type " + type.name(), obstacle);
            return;
        }
        String collation = parts.collationOid() == 0 ? "" : ", COLLATION = " + collation(parts.collationOid());
        addType(
                "range type",
                type,
                "CREATE TYPE " + type.name().quoted() + " AS RANGE (" + parts.options() + collation + ")");
    }

    /** Its name for statements; made where it is not PostgreSQL's own. */
    String collation(long oid) throws SQLException {
        CollationParts parts = CollationParts.read(catalog, oid);
        if (parts.extension() != null) {
            extension(parts.extension());
        } else if (!parts.name().schema().equals("pg_catalog") && first("collation", oid)) {
            schema(parts.name().schema());
            String exists = "SELECT 1 FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n"
                    + " ON n.oid = c.collnamespace WHERE n.nspname = "
                    + literal(parts.name().schema()) + " AND c.collname = "
                    + literal(parts.name().table());
            add(new CreateStatement(
                    "collation",
                    parts.name().toString(),
                    exists,
                    "CREATE COLLATION " + parts.name().quoted() + " (" + parts.options() + ")"));
        }
        return parts.name().quoted();
    }

    private @Nullable Sequence sequenceOf(long oid) throws SQLException {
        List<Sequence> sequences = catalog.sequence("c.oid = ?::bigint::oid", oid);
        return sequences.isEmpty() ? null : sequences.getFirst();
    }

    private void sequence(long oid) throws SQLException {
        Sequence sequence = sequenceOf(oid);
        if (sequence == null || !first("sequence", oid)) {
            return;
        }
        schema(sequence.name().schema());
        String sql =
                "CREATE SEQUENCE " + sequence.name().quoted() + " AS " + sequence.type() + " " + sequence.options();
        add(new CreateStatement("sequence", sequence.name().toString(), relationExists(sequence.name()), sql));
    }

    static String relationExists(TableName name) {
        return "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = " + literal(name.schema()) + " AND c.relname = " + literal(name.table());
    }

    static String constraintExists(TableName table, Constraint constraint) {
        return "SELECT 1 FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
                + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = "
                + literal(table.schema()) + " AND c.relname = " + literal(table.table()) + " AND k.conname = "
                + literal(constraint.name());
    }
}
