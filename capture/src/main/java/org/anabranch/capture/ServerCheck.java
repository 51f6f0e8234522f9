package org.anabranch.capture;

import java.sql.SQLException;
import java.util.List;

/** The server as a whole: its version, its settings, a place for one more slot. */
final class ServerCheck {

    /** Below this, a target or a broker that is away over a night can cost the slot. */
    private static final long SLOT_WAL_MIN_MEGABYTES = 10_240;

    private static final long IDLE_SLOT_MIN_SECONDS = 86_400;

    private final SourceAccess source;

    ServerCheck(SourceAccess source) {
        this.source = source;
    }

    boolean versionFits() throws SQLException {
        long number = source.number("SELECT current_setting('server_version_num')::int");
        if (number / 10_000 >= SourceCheck.VERSION_MIN) {
            return true;
        }
        source.error(
                "server",
                "is PostgreSQL " + source.text("SHOW server_version") + ", and " + SourceCheck.VERSION_MIN
                        + " is the oldest that can leave out its own changes (origin=none)",
                "upgrade the server to PostgreSQL " + SourceCheck.VERSION_MIN + " or newer");
        return false;
    }

    void check() throws SQLException {
        recovery();
        encoding();
        walLevel();
        slot();
        keptWal();
        subscriptions();
    }

    private void recovery() throws SQLException {
        if (source.yes("SELECT pg_is_in_recovery()")) {
            source.error(
                    "server", "is a standby and takes no writes (heartbeat, publication)", "name the primary's url");
        }
    }

    private void encoding() throws SQLException {
        if (source.text("SHOW server_encoding").equals("SQL_ASCII")) {
            source.error(
                    "database " + source.settings().database().database(),
                    "has encoding SQL_ASCII: its bytes are no known characters",
                    "dump it and restore it into a database with ENCODING 'UTF8'");
        }
    }

    private void walLevel() throws SQLException {
        String level = source.text("SHOW wal_level");
        if (!level.equals("logical")) {
            source.error(
                    "server",
                    "wal_level is " + level + " and must be logical",
                    "ALTER SYSTEM SET wal_level = logical; then restart the server");
        }
    }

    private record Slot(String plugin, String database, boolean active, String walStatus) {}

    private void slot() throws SQLException {
        String name = source.settings().slot();
        List<Slot> slots = Query.list(
                source.connection(),
                "SELECT coalesce(plugin, ''), coalesce(database, ''), active, coalesce(wal_status, '')"
                        + " FROM pg_replication_slots WHERE slot_name = ?",
                row -> new Slot(row.getString(1), row.getString(2), row.getBoolean(3), row.getString(4)),
                name);
        if (slots.isEmpty()) {
            room("max_replication_slots", "SELECT count(*) FROM pg_replication_slots", "replication slots");
        } else {
            existing(name, slots.getFirst());
        }
        if (slots.isEmpty() || !slots.getFirst().active()) {
            room("max_wal_senders", "SELECT count(*) FROM pg_stat_replication", "walsenders");
        }
    }

    private void existing(String name, Slot slot) {
        String database = source.settings().database().database();
        if (!slot.plugin().equals("pgoutput") || !slot.database().equals(database)) {
            source.error(
                    "replication slot " + name,
                    "belongs to something else: plugin '" + slot.plugin() + "', database '" + slot.database() + "'",
                    "choose another pipeline name, or drop it: SELECT pg_drop_replication_slot('" + name + "')");
        } else if (slot.walStatus().equals("lost")) {
            source.error(
                    "replication slot " + name,
                    "is lost: the server has removed WAL that was not captured yet",
                    "SELECT pg_drop_replication_slot('" + name + "'), then copy the tables anew");
        }
    }

    private void room(String setting, String countQuery, String things) throws SQLException {
        long most = source.number("SELECT current_setting('" + setting + "')::int");
        long used = source.number(countQuery);
        if (used >= most) {
            source.error(
                    "server",
                    setting + " is " + most + " and " + used + " " + things + " are in use: none is free",
                    "ALTER SYSTEM SET " + setting + " = " + (used + 5) + "; then restart the server");
        }
    }

    private void keptWal() throws SQLException {
        long megabytes = source.number("SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'");
        if (megabytes >= 0 && megabytes < SLOT_WAL_MIN_MEGABYTES) {
            source.warning(
                    "server",
                    "max_slot_wal_keep_size is " + megabytes
                            + " MB: a slot that is not read for a while is lost, and the"
                            + " tables are to be copied anew",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '" + SLOT_WAL_MIN_MEGABYTES
                            + "MB' or more, as the disk allows; SELECT pg_reload_conf()");
        }
        // known from version 18 on
        for (long seconds : Query.list(
                source.connection(),
                "SELECT extract(epoch FROM current_setting(name)::interval)::bigint FROM pg_settings"
                        + " WHERE name = 'idle_replication_slot_timeout'",
                row -> row.getLong(1))) {
            if (seconds > 0 && seconds < IDLE_SLOT_MIN_SECONDS) {
                source.warning(
                        "server",
                        "idle_replication_slot_timeout is " + seconds
                                + " s: a slot that is not read for so long is lost,"
                                + " and the tables are to be copied anew",
                        "ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf()");
            }
        }
    }

    private void subscriptions() throws SQLException {
        for (String name : Query.list(
                source.connection(),
                "SELECT subname FROM pg_subscription WHERE subdbid ="
                        + " (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1",
                row -> row.getString(1))) {
            source.warning(
                    "subscription " + name,
                    "brings rows into this database that have an origin; they do not travel further",
                    "replicate those tables from where they are written");
        }
    }
}
