package org.anabranch.replicator;

import java.util.List;
import org.anabranch.schemas.TableName;

/** The statements that give a role what an applier needs. */
final class Rights {

    /** Of PostgreSQL's functions for replication origins, those that an applier calls. */
    static final List<String> ORIGIN_FUNCTIONS =
            List.of("pg_replication_origin_create(text)", "pg_replication_origin_session_setup(text)");

    private Rights() {}

    static String setReplicationRole(String user) {
        return "GRANT SET ON PARAMETER session_replication_role TO " + TableName.quote(user);
    }

    static List<String> replicationOrigin(String user) {
        return ORIGIN_FUNCTIONS.stream()
                .map(function -> execute(function, user))
                .toList();
    }

    static String execute(String function, String user) {
        return "GRANT EXECUTE ON FUNCTION pg_catalog." + function + " TO " + TableName.quote(user);
    }

    static String createInDatabase(String database, String user) {
        return "GRANT CREATE ON DATABASE " + TableName.quote(database) + " TO " + TableName.quote(user);
    }

    static String schema(String schema, String user) {
        return "GRANT USAGE, CREATE ON SCHEMA " + TableName.quote(schema) + " TO " + TableName.quote(user);
    }

    static String table(TableName table, String user) {
        return "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLE " + table.quoted() + " TO "
                + TableName.quote(user);
    }
}
