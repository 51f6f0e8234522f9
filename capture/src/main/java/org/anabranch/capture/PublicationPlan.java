package org.anabranch.capture;

import static org.anabranch.schemas.TableName.quote;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Seen;
import org.anabranch.schemas.TableName;

/**
 * What is to be done so that the publication fits: it holds every table and the heartbeat, whole, with all operations, and under the
 * name of the partitioned table. A publication that fits is used as it is, whoever made it.
 *
 * @param statements what the connected role can and has to run; empty where the publication fits, or where only somebody else can
 *     help
 * @param findings what the connected role cannot do, with the statements for somebody who can
 */
public record PublicationPlan(List<String> statements, List<Finding> findings) {

    private static final String OPTIONS =
            "publish = 'insert, update, delete, truncate', publish_via_partition_root = true";

    /** A message names no more tables than this; the statements name all. */
    private static final int NAMED_MAX = 5;

    public PublicationPlan {
        statements = List.copyOf(statements);
        findings = List.copyOf(findings);
    }

    private record Found(String owner, boolean ours, boolean allTables, boolean allOperations, boolean viaRoot) {}

    private record Member(TableName name, boolean filtered, boolean someColumns) {}

    /**
     * Reads the catalogs; changes nothing. The heartbeat's table may be missing: capture makes it first.
     *
     * @throws SQLException if the catalogs cannot be read
     */
    public static PublicationPlan of(Connection connection, SourceCheck.Settings settings, List<SourceTable> tables)
            throws SQLException {
        List<Finding> findings = new ArrayList<>();
        SourceAccess source = SourceAccess.of(connection, settings, findings);
        List<TableName> names = new ArrayList<>(
                tables.stream().map(table -> table.schema().name()).toList());
        names.add(SourceCheck.HEARTBEAT);
        if (settings.anyContested(tables)) {
            names.add(Seen.TABLE);
        }
        List<Found> found = Query.list(
                connection,
                """
                SELECT pubowner::regrole::text, pg_has_role(pubowner, 'USAGE'), puballtables,
                       pubinsert AND pubupdate AND pubdelete AND pubtruncate, pubviaroot
                FROM pg_publication WHERE pubname = ?
                """,
                row -> new Found(
                        row.getString(1), row.getBoolean(2), row.getBoolean(3), row.getBoolean(4), row.getBoolean(5)),
                settings.publication());
        List<String> statements = found.isEmpty()
                ? create(source, names)
                : alter(source, found.getFirst(), names, tables.stream().anyMatch(SourceTable::partitioned));
        return new PublicationPlan(statements, findings);
    }

    private static List<String> create(SourceAccess source, List<TableName> names) throws SQLException {
        String publication = source.settings().publication();
        String sql =
                "CREATE PUBLICATION " + quote(publication) + " FOR TABLE " + list(names) + " WITH (" + OPTIONS + ")";
        List<TableName> notOwned = notOwned(source, names);
        boolean mayCreate = source.yes("SELECT has_database_privilege(current_database(), 'CREATE')");
        if (mayCreate && notOwned.isEmpty()) {
            return List.of(sql);
        }
        String why = mayCreate ? "" : "it lacks CREATE on the database";
        String whose = notOwned.isEmpty() ? "" : "it does not own " + some(notOwned);
        source.error(
                "publication " + publication,
                "is not there, and role " + source.role() + " cannot make it: " + why
                        + (why.isEmpty() || whose.isEmpty() ? "" : ", and ") + whose,
                "either let the role make it: " + ownership(source, notOwned, mayCreate)
                        + "\nor let the tables' owner make it: " + preparation(source, names) + sql);
        return List.of();
    }

    private static String preparation(SourceAccess source, List<TableName> names) {
        List<String> statements = new ArrayList<>(source.settings().preparation());
        if (names.contains(Seen.TABLE)) {
            statements.add(Seen.CREATE);
        }
        return statements.stream().map(statement -> statement + "; ").collect(Collectors.joining());
    }

    private static String ownership(SourceAccess source, List<TableName> notOwned, boolean mayCreate)
            throws SQLException {
        List<String> statements = new ArrayList<>();
        if (!mayCreate) {
            statements.add("GRANT CREATE ON DATABASE " + source.quotedDatabase() + " TO " + source.quotedRole());
        }
        for (String owner : owners(source, notOwned)) {
            statements.add("GRANT " + owner + " TO " + source.quotedRole());
        }
        String instead = notOwned.stream()
                .map(table -> "ALTER TABLE " + table.quoted() + " OWNER TO " + source.quotedRole())
                .collect(Collectors.joining("; "));
        return String.join("; ", statements)
                + (instead.isEmpty() ? "" : " (instead of the owner's role: " + instead + ")");
    }

    private static TreeSet<String> owners(SourceAccess source, List<TableName> tables) throws SQLException {
        TreeSet<String> owners = new TreeSet<>();
        for (TableName table : tables) {
            owners.addAll(Query.list(
                    source.connection(),
                    "SELECT c.relowner::regrole::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            + " WHERE n.nspname = ? AND c.relname = ?",
                    row -> row.getString(1),
                    table.schema(),
                    table.table()));
        }
        return owners;
    }

    /** Tables that are not there count as owned: whoever makes them owns them. */
    private static List<TableName> notOwned(SourceAccess source, List<TableName> names) throws SQLException {
        List<TableName> notOwned = Query.list(
                source.connection(),
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'USAGE')",
                row -> new TableName(row.getString(1), row.getString(2)));
        notOwned.retainAll(names);
        return notOwned.stream().sorted().toList();
    }

    private static List<String> alter(SourceAccess source, Found found, List<TableName> names, boolean anyPartitioned)
            throws SQLException {
        String alter = "ALTER PUBLICATION " + quote(source.settings().publication());
        List<Member> members = members(source);
        List<String> wrong = new ArrayList<>();
        List<String> statements = new ArrayList<>();
        if (!found.allOperations() || anyPartitioned && !found.viaRoot()) {
            wrong.add("it does not publish all of insert, update, delete and truncate, or not under the names of the"
                    + " partitioned tables");
            statements.add(alter + " SET (" + OPTIONS + ")");
        }
        List<TableName> cut = members.stream()
                .filter(member -> names.contains(member.name()) && (member.filtered() || member.someColumns()))
                .map(Member::name)
                .toList();
        for (TableName table : cut) {
            wrong.add("it has a row filter or a column list on " + table);
            statements.add(alter + " DROP TABLE " + table.quoted());
            statements.add(alter + " ADD TABLE " + table.quoted());
        }
        List<TableName> missing = found.allTables() ? List.of() : missing(members, names);
        if (!missing.isEmpty()) {
            wrong.add("it lacks " + some(missing));
            statements.add(alter + " ADD TABLE " + list(missing));
        }
        List<TableName> toAdd = new ArrayList<>(missing);
        toAdd.addAll(cut);
        if (wrong.isEmpty() || found.ours() && notOwned(source, toAdd).isEmpty()) {
            return statements;
        }
        source.error(
                "publication " + source.settings().publication(),
                "does not fit, and role " + source.role() + " cannot change it (its owner is " + found.owner() + "): "
                        + String.join("; ", wrong),
                "as its owner, who also has to own the tables: " + preparation(source, names)
                        + String.join("; ", statements));
        return List.of();
    }

    private static List<TableName> missing(List<Member> members, List<TableName> names) {
        List<TableName> missing = new ArrayList<>(names);
        missing.removeAll(members.stream().map(Member::name).toList());
        return missing;
    }

    private static List<Member> members(SourceAccess source) throws SQLException {
        return Query.list(
                source.connection(),
                """
                SELECT n.nspname, c.relname, r.prqual IS NOT NULL, r.prattrs IS NOT NULL
                FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = ?
                UNION ALL
                SELECT n.nspname, c.relname, false, false
                FROM pg_publication p JOIN pg_publication_namespace s ON s.pnpubid = p.oid
                JOIN pg_namespace n ON n.oid = s.pnnspid JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p')
                WHERE p.pubname = ?
                """,
                row -> new Member(
                        new TableName(row.getString(1), row.getString(2)), row.getBoolean(3), row.getBoolean(4)),
                source.settings().publication(),
                source.settings().publication());
    }

    private static String list(List<TableName> names) {
        return names.stream().map(TableName::quoted).collect(Collectors.joining(", "));
    }

    private static String some(List<TableName> names) {
        String named = names.stream().limit(NAMED_MAX).map(TableName::toString).collect(Collectors.joining(", "));
        int more = names.size() - NAMED_MAX;
        return more > 0 ? named + " and " + more + " more" : named;
    }
}
