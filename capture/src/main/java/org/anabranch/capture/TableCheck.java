package org.anabranch.capture;

import static org.anabranch.schemas.TableName.quote;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.anabranch.capture.SourceTable.KeyColumn;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;

/** The tables that are to be replicated, and the patterns that say which. */
final class TableCheck {

    /** A message names no more tables than this. */
    private static final int NAMED_MAX = 10;

    private final SourceAccess source;
    private final Collection<TableName> toBeMade;

    TableCheck(SourceAccess source, Collection<TableName> toBeMade) {
        this.source = source;
        this.toBeMade = toBeMade;
    }

    SourceCatalog.Listing check() throws SQLException {
        SourceCatalog.Listing listing = SourceCatalog.read(
                source.connection(), name -> source.settings().matches(name));
        List<NotReplicable> notReplicable = notReplicable();
        patterns(notReplicable);
        notReplicable.forEach(this::warn);
        for (SourceTable table : listing.tables()) {
            key(table);
        }
        new TableDetails(source, listing.tables()).check();
        for (Finding finding : listing.findings()) {
            source.findings()
                    .add(new Finding(
                            finding.severity(),
                            source.where("table " + finding.where()),
                            finding.what(),
                            finding.fix()));
        }
        return listing;
    }

    private record NotReplicable(TableName name, String kind, String fix) {}

    /** Things that match a pattern and have no rows in the WAL, or none of their own. */
    private List<NotReplicable> notReplicable() throws SQLException {
        String sql = """
                SELECT n.nspname, c.relname,
                       CASE WHEN c.relkind = 'f' THEN 'a foreign table' WHEN c.relkind = 'v' THEN 'a view'
                            WHEN c.relkind = 'm' THEN 'a materialized view' WHEN c.relpersistence = 'u' THEN 'unlogged'
                            ELSE 'temporary' END AS kind
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('f', 'v', 'm', 'r', 'p') AND (c.relkind IN ('f', 'v', 'm') OR c.relpersistence <> 'p')
                  AND n.nspname !~ '^pg_(catalog|toast)' AND n.nspname NOT IN ('information_schema', 'anabranch')
                ORDER BY 1, 2
                """;
        return Query.list(source.connection(), sql, row -> {
                    TableName name = new TableName(row.getString(1), row.getString(2));
                    String kind = row.getString("kind");
                    String fix = kind.equals("unlogged") ? "ALTER TABLE " + name.quoted() + " SET LOGGED" : "";
                    return new NotReplicable(name, kind, fix);
                })
                .stream()
                .filter(candidate -> source.settings().matches(candidate.name()))
                .toList();
    }

    private void warn(NotReplicable relation) {
        source.warning(
                relation.name(),
                "is " + relation.kind() + ": its rows are not in the WAL and are not replicated",
                relation.fix());
    }

    private void patterns(List<NotReplicable> notReplicable) throws SQLException {
        List<TableName> names = SourceCatalog.names(source.connection());
        for (TablePattern pattern : source.settings().tables()) {
            if (Stream.concat(names.stream(), toBeMade.stream()).noneMatch(pattern.matches())) {
                source.error(
                        "tables", "'" + pattern.text() + "' matches no table", help(pattern, names, notReplicable));
            }
        }
        List<TableName> others =
                names.stream().filter(name -> !source.settings().matches(name)).toList();
        if (!others.isEmpty()) {
            String named =
                    others.stream().limit(NAMED_MAX).map(TableName::toString).collect(Collectors.joining(", "));
            source.info(
                    "tables",
                    others.size() + " tables match no entry and are not replicated: " + named
                            + (others.size() > NAMED_MAX ? ", ..." : ""));
        }
    }

    private static String help(TablePattern pattern, List<TableName> names, List<NotReplicable> notReplicable) {
        for (NotReplicable relation : notReplicable) {
            if (pattern.matches().test(relation.name())) {
                return relation.name() + " is " + relation.kind() + ", which cannot be replicated";
            }
        }
        return names.stream()
                .min(Comparator.comparingInt(name -> EditDistance.between(
                        name.toString().toLowerCase(Locale.ROOT), pattern.text().toLowerCase(Locale.ROOT))))
                .map(nearest -> "the nearest table is " + nearest)
                .orElse("the database has no tables");
    }

    private void key(SourceTable table) throws SQLException {
        if (table.keyColumns().isEmpty()) {
            source.error(table.schema().name(), "has no primary key", keyThatWouldHelp(table));
        }
        for (KeyColumn column : table.keyColumns()) {
            if (column.refusal() != null) {
                source.error(
                        table.schema().name(),
                        "its key column " + quote(column.name()) + " of type " + column.baseType()
                                + " cannot be a key: " + column.refusal(),
                        "give the table a primary key of other columns");
            }
        }
    }

    private String keyThatWouldHelp(SourceTable table) throws SQLException {
        String alter = "ALTER TABLE " + table.schema().name().quoted();
        // what is unique and never null serves as a key at once
        String sql = """
                SELECT k.conname IS NOT NULL AS constrained, c.relname,
                       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(i.indkey::int2[], a.attnum))
                        FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)) AS columns
                FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid
                WHERE i.indrelid = (SELECT t.oid FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
                                    WHERE n.nspname = ? AND t.relname = ?)
                  AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
                  AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid
                                  AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull)
                ORDER BY i.indnkeyatts, c.relname LIMIT 1
                """;
        List<String> keys = Query.list(
                source.connection(),
                sql,
                row -> row.getBoolean("constrained")
                        ? alter + " ADD PRIMARY KEY (" + row.getString("columns") + ")"
                        : alter + " ADD PRIMARY KEY USING INDEX " + quote(row.getString("relname")),
                table.schema().name().schema(),
                table.schema().name().table());
        return keys.isEmpty()
                ? alter
                        + " ADD COLUMN row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY; or ADD PRIMARY KEY (...) with the"
                        + " columns that name a row"
                : keys.getFirst();
    }
}
