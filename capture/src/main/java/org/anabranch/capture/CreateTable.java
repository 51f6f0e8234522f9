package org.anabranch.capture;

import static org.anabranch.schemas.TableName.quote;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.anabranch.capture.CatalogRows.Column;
import org.anabranch.capture.CatalogRows.Constraint;
import org.anabranch.capture.CatalogRows.Dependency;
import org.anabranch.capture.CatalogRows.Index;
import org.anabranch.capture.CatalogRows.Sequence;
import org.anabranch.capture.CatalogRows.Table;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema.CreateStatement;
import org.jspecify.annotations.Nullable;

/** Writes the statements that make one table, and before them what it needs. */
final class CreateTable {

    /** What is known of one table. Dependencies are by the oid of the default, constraint or index. */
    record Parts(
            Table table,
            List<Column> columns,
            List<Constraint> constraints,
            List<Index> uniqueIndexes,
            Map<Long, List<Dependency>> dependencies) {}

    private final CatalogReader catalog;
    private final Parts parts;
    private final NeededObjects needed;
    private final TableName name;
    private final Set<Integer> columnsLeftOut = new HashSet<>();
    private final Set<Integer> unique = new HashSet<>();
    private final List<CreateStatement> afterwards = new ArrayList<>();

    CreateTable(CatalogReader catalog, Parts parts, NeededObjects needed) {
        this.catalog = catalog;
        this.parts = parts;
        this.needed = needed;
        this.name = parts.table().name();
    }

    List<CreateStatement> statements() throws SQLException {
        needed.schema(name.schema());
        List<String> lines = new ArrayList<>();
        for (Column column : parts.columns()) {
            String line = column(column);
            if (line != null) {
                lines.add(line);
            }
        }
        for (Constraint constraint : parts.constraints()) {
            if (constraint.kind() != 'f' && usable(constraint)) {
                lines.add("CONSTRAINT " + quote(constraint.name()) + " " + constraint.definition());
                unique.addAll(constraint.kind() == 'u' ? constraint.columns() : List.of());
            }
        }
        String sql = "CREATE TABLE " + name.quoted() + " (\n    " + String.join(",\n    ", lines) + "\n)";
        needed.add(new CreateStatement("table", name.toString(), NeededObjects.relationExists(name), sql));
        afterwards.forEach(needed::add);
        uniqueIndexes();
        foreignKeys();
        return needed.statements();
    }

    /** Null if it is left out. */
    private @Nullable String column(Column column) throws SQLException {
        needed.type(column.typeOid());
        StringBuilder line = new StringBuilder(quote(column.name()) + " " + column.type());
        if (column.collationOid() != 0) {
            line.append(" COLLATE ").append(needed.collation(column.collationOid()));
        }
        if (!column.generated().isEmpty()) {
            return generated(column, line);
        }
        if (!column.identity().isEmpty()) {
            line.append(identity(column));
        } else if (column.expression() != null) {
            line.append(defaultValue(column, column.expression()));
        }
        return line + (column.notNull() ? " NOT NULL" : "");
    }

    private @Nullable String generated(Column column, StringBuilder line) throws SQLException {
        String obstacle = require(column.defaultOid());
        if (obstacle != null) {
            columnsLeftOut.add(column.number());
            needed.leftOut("generated column " + quote(column.name()), obstacle);
            return null;
        }
        String kind = column.generated().equals("s") ? "STORED" : "VIRTUAL";
        return line + " GENERATED ALWAYS AS (" + column.expression() + ") " + kind
                + (column.notNull() ? " NOT NULL" : "");
    }

    private String identity(Column column) throws SQLException {
        String condition =
                "EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid"
                        + " AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ?::bigint::oid AND d.refobjsubid = ?"
                        + " AND d.deptype = 'i')";
        List<Sequence> sequences = catalog.sequence(condition, column.table(), column.number());
        String options = sequences.isEmpty() ? "" : " (" + sequences.getFirst().options() + ")";
        return " GENERATED " + (column.identity().equals("a") ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY" + options;
    }

    private String defaultValue(Column column, String expression) throws SQLException {
        String obstacle = require(column.defaultOid());
        if (obstacle != null) {
            needed.leftOut("the default of column " + quote(column.name()), obstacle);
            return "";
        }
        String condition =
                "EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid"
                        + " AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ?::bigint::oid AND d.refobjsubid = ?"
                        + " AND d.deptype = 'a')";
        for (Sequence sequence : catalog.sequence(condition, column.table(), column.number())) {
            String owned = NeededObjects.relationExists(sequence.name())
                    + " AND EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid ="
                    + " 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'a')";
            String sql = "ALTER SEQUENCE " + sequence.name().quoted() + " OWNED BY " + name.quoted() + "."
                    + quote(column.name());
            afterwards.add(new CreateStatement("sequence owner", sequence.name().toString(), owned, sql));
        }
        return " DEFAULT " + expression;
    }

    private @Nullable String require(long oid) throws SQLException {
        return needed.require(
                parts.dependencies().getOrDefault(oid, List.of()), parts.table().oid(), columnsLeftOut);
    }

    private boolean usable(Constraint constraint) throws SQLException {
        String obstacle = require(constraint.oid());
        if (obstacle == null && constraint.indexOid() != 0) {
            obstacle = require(constraint.indexOid());
        }
        if (obstacle == null && constraint.kind() == 'c' && !constraint.validated()) {
            obstacle = "to hold for every row, and is NOT VALID in the source";
        }
        if (obstacle != null) {
            needed.leftOut("constraint " + quote(constraint.name()), obstacle);
        }
        return obstacle == null;
    }

    private void uniqueIndexes() throws SQLException {
        for (Index index : parts.uniqueIndexes()) {
            String obstacle = require(index.oid());
            if (obstacle != null) {
                needed.leftOut("unique index " + quote(index.name()), obstacle);
                continue;
            }
            TableName indexName = new TableName(name.schema(), index.name());
            needed.add(new CreateStatement(
                    "unique index", indexName.toString(), NeededObjects.relationExists(indexName), index.definition()));
            parts.dependencies().getOrDefault(index.oid(), List.of()).stream()
                    .filter(used -> used.oid() == parts.table().oid() && used.column() > 0)
                    .forEach(used -> unique.add(used.column()));
        }
    }

    /**
     * Columns of unique constraints, and those that unique indexes need, in expressions and conditions too, as far as {@link
     * #statements} makes them; in the table's order.
     */
    List<String> unique() {
        return parts.columns().stream()
                .filter(column -> column.travels() && unique.contains(column.number()))
                .map(Column::name)
                .toList();
    }

    private void foreignKeys() {
        for (Constraint constraint : parts.constraints()) {
            if (constraint.kind() == 'f') {
                needed.add(new CreateStatement(
                        "foreign key",
                        name + "." + constraint.name(),
                        NeededObjects.constraintExists(name, constraint),
                        "ALTER TABLE " + name.quoted() + " ADD CONSTRAINT " + quote(constraint.name()) + " "
                                + constraint.definition()));
            }
        }
    }
}
