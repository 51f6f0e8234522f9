package org.anabranch.capture;

import java.sql.SQLException;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;

/** Why a database could not be looked at. */
final class ConnectionFailure {

    private ConnectionFailure() {}

    static Finding finding(String region, DatabaseSettings database, SQLException failure) {
        String where = region + ": " + database.place();
        String state = String.valueOf(failure.getSQLState());
        String user = database.user();
        return switch (state) {
            case "28P01" ->
                Finding.unreachable(
                        where,
                        "the password of role " + user + " is wrong (28P01)",
                        "set the right password for region " + region
                                + " in the file, or change it in the server: ALTER ROLE " + TableName.quote(user)
                                + " PASSWORD '...'");
            case "28000" ->
                Finding.unreachable(
                        where,
                        "role " + user + " may not log in from here: " + message(failure, database),
                        "make the role with CREATE ROLE " + TableName.quote(user)
                                + " LOGIN PASSWORD '...', and let it in with a line in pg_hba.conf");
            case "3D000" ->
                Finding.unreachable(
                        where,
                        "there is no database " + database.database(),
                        "correct the url, or CREATE DATABASE " + TableName.quote(database.database()));
            case "42501" ->
                Finding.unreachable(
                        where,
                        "role " + user + " lacks a right: " + message(failure, database),
                        "GRANT CONNECT ON DATABASE " + TableName.quote(database.database()) + " TO "
                                + TableName.quote(user));
            case "53300" ->
                Finding.unreachable(
                        where,
                        "the server has no connection left: " + message(failure, database),
                        "raise max_connections, or the CONNECTION LIMIT of the role or the database");
            default ->
                Finding.unreachable(
                        where,
                        "cannot be reached: " + message(failure, database) + " (" + state + ")",
                        "start the server, or correct the url");
        };
    }

    /** The driver's and the server's messages hold no password; if one ever does, it goes no further. */
    private static String message(SQLException failure, DatabaseSettings database) {
        String message = String.valueOf(failure.getMessage());
        return database.password().isEmpty() ? message : message.replace(database.password(), "***");
    }
}
