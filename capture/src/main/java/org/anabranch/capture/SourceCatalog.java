package org.anabranch.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.anabranch.capture.CatalogRows.Column;
import org.anabranch.capture.CatalogRows.Constraint;
import org.anabranch.capture.CatalogRows.Dependency;
import org.anabranch.capture.CatalogRows.Index;
import org.anabranch.capture.CatalogRows.Table;
import org.anabranch.capture.SourceTable.KeyColumn;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.anabranch.schemas.TableSchema.CreateStatement;

/**
 * Reads tables out of a source's catalogs: what travels of them, and the statements that make them elsewhere.
 *
 * <p>A partitioned table becomes a plain one in the target, with the rows of all its partitions. Generated columns are made and do
 * not travel. What would need a function or an operator that is neither PostgreSQL's own nor an extension's is left out and
 * found. A constraint that is NOT VALID is left out too, since rows that break it may have to be stored.
 */
public final class SourceCatalog {

    /**
     * @param tables by name
     * @param findings what is left out of the create statements
     */
    public record Listing(List<SourceTable> tables, List<Finding> findings) {
        public Listing {
            tables = List.copyOf(tables);
            findings = List.copyOf(findings);
        }
    }

    private SourceCatalog() {}

    /**
     * The ordinary and partitioned tables that match; a partition only where no table above it does. Never system schemas, the
     * schema {@code anabranch}, or an extension's own tables. Blocks for a handful of catalog queries.
     *
     * @param connection from {@link Sessions#open}: names come out qualified only with its search_path
     * @throws SQLException if the catalogs cannot be read; may be repeated
     */
    public static Listing read(Connection connection, Predicate<TableName> matches) throws SQLException {
        CatalogReader catalog = new CatalogReader(connection);
        List<Table> tables = matching(catalog.tables(), matches);
        List<Finding> findings = new ArrayList<>();
        List<SourceTable> result = new ArrayList<>();
        for (CreateTable.Parts parts : parts(catalog, tables)) {
            NeededObjects needed = new NeededObjects(catalog, parts.table().name(), findings);
            result.add(sourceTable(catalog, parts, new CreateTable(catalog, parts, needed)));
        }
        return new Listing(result, findings);
    }

    /** The names of all tables that {@link #read} could list. */
    public static List<TableName> names(Connection connection) throws SQLException {
        return new CatalogReader(connection)
                .tables().stream().map(Table::name).sorted().toList();
    }

    /** The names of the tables that {@link #read} would list. */
    static List<TableName> names(Connection connection, Predicate<TableName> matches) throws SQLException {
        return matching(new CatalogReader(connection).tables(), matches).stream()
                .map(Table::name)
                .toList();
    }

    private static List<Table> matching(List<Table> all, Predicate<TableName> matches) {
        Map<Long, Table> byOid = new HashMap<>();
        all.forEach(table -> byOid.put(table.oid(), table));
        return all.stream()
                .filter(table -> matches.test(table.name()) && !anyAboveMatches(table, byOid, matches))
                .sorted(Comparator.comparing(Table::name))
                .toList();
    }

    private static boolean anyAboveMatches(Table table, Map<Long, Table> byOid, Predicate<TableName> matches) {
        Table above = byOid.get(table.partitionOf());
        return above != null && (matches.test(above.name()) || anyAboveMatches(above, byOid, matches));
    }

    private static List<CreateTable.Parts> parts(CatalogReader catalog, List<Table> tables) throws SQLException {
        List<Long> oids = tables.stream().map(Table::oid).toList();
        List<Column> columns = catalog.columns(oids);
        List<Constraint> constraints = catalog.constraints(oids);
        List<Index> indexes = catalog.uniqueIndexes(oids);
        Map<Long, List<Dependency>> dependencies = new HashMap<>();
        dependencies.putAll(catalog.dependencies(
                "pg_attrdef", columns.stream().map(Column::defaultOid).toList()));
        dependencies.putAll(catalog.dependencies(
                "pg_constraint", constraints.stream().map(Constraint::oid).toList()));
        List<Long> indexOids =
                new ArrayList<>(constraints.stream().map(Constraint::indexOid).toList());
        indexes.forEach(index -> indexOids.add(index.oid()));
        dependencies.putAll(catalog.dependencies("pg_class", indexOids));
        Map<Long, List<Column>> columnsByTable = by(columns, Column::table);
        Map<Long, List<Constraint>> constraintsByTable = by(constraints, Constraint::table);
        Map<Long, List<Index>> indexesByTable = by(indexes, Index::table);
        return tables.stream()
                .map(table -> new CreateTable.Parts(
                        table,
                        columnsByTable.getOrDefault(table.oid(), List.of()),
                        constraintsByTable.getOrDefault(table.oid(), List.of()),
                        indexesByTable.getOrDefault(table.oid(), List.of()),
                        dependencies))
                .toList();
    }

    private static <T> Map<Long, List<T>> by(Collection<T> items, Function<T, Long> table) {
        Map<Long, List<T>> grouped = new LinkedHashMap<>();
        items.forEach(item -> grouped.computeIfAbsent(table.apply(item), oid -> new ArrayList<>())
                .add(item));
        return grouped;
    }

    private static SourceTable sourceTable(CatalogReader catalog, CreateTable.Parts parts, CreateTable create)
            throws SQLException {
        List<KeyColumn> key = keyColumns(catalog, parts);
        List<CreateStatement> statements = create.statements();
        TableSchema schema = new TableSchema(
                parts.table().name(),
                parts.columns().stream()
                        .filter(Column::travels)
                        .map(column -> new TableSchema.Column(column.name(), column.type()))
                        .toList(),
                key.stream().map(KeyColumn::name).toList(),
                parts.table().replicaIdentity(),
                statements,
                create.unique());
        return new SourceTable(schema, key, parts.table().kind() == 'p');
    }

    private static List<KeyColumn> keyColumns(CatalogReader catalog, CreateTable.Parts parts) throws SQLException {
        List<KeyColumn> key = new ArrayList<>();
        for (Constraint constraint : parts.constraints()) {
            if (constraint.kind() == 'p') {
                for (int number : constraint.columns()) {
                    key.add(KeyTypes.keyColumn(catalog, column(parts, number)));
                }
            }
        }
        return key;
    }

    private static Column column(CreateTable.Parts parts, int number) {
        return parts.columns().stream()
                .filter(column -> column.number() == number)
                .findFirst()
                .orElseThrow();
    }
}
