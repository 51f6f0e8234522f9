package org.anabranch.sandbox.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.anabranch.node.cli.Command;
import org.anabranch.node.cli.CommandException;
import org.anabranch.node.cli.ExitCode;
import org.anabranch.node.cli.Output;
import org.anabranch.schemas.Finding;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs SQL in a region of the demo, for machines without psql. */
@CommandLine.Command(
        name = "sql",
        description = "Run SQL in the database of a region of the demo that is running.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  anabranch demo sql hub \"update products set price = 1 where id = 1\"",
            "  anabranch demo sql eu \"select id, name, price from products order by id limit 3\""
        })
final class SqlCommand extends Command {

    private static final String CLASS_OF_CONNECTION_FAILURES = "08";
    private static final int ROWS_MAX = 10_000;

    @Parameters(index = "0", paramLabel = "REGION", description = "hub, eu or us.")
    private String region = "";

    @Parameters(
            index = "1",
            paramLabel = "SQL",
            description = "One statement or several, with semicolons between them.")
    private String sql = "";

    @Option(names = "--port-base", paramLabel = "N", description = "As the demo was started with.")
    private @Nullable Integer portBase;

    @Override
    protected ExitCode run(Output output) throws SQLException {
        DemoPorts ports = DemoPorts.of(portBase);
        if (!DemoPorts.REGIONS.contains(region)) {
            throw refused(
                    ExitCode.INVALID_INPUT,
                    "region '" + region + "'",
                    "the demo has no such region",
                    "name one of " + String.join(", ", DemoPorts.REGIONS));
        }
        try (Connection connection = connect(ports);
                Statement statement = connection.createStatement()) {
            statement.setMaxRows(ROWS_MAX + 1);
            run(statement, output);
            return ExitCode.OK;
        } catch (SQLException e) {
            throw refused(ExitCode.FAILED, "region " + region, message(e), "correct the statement");
        }
    }

    private Connection connect(DemoPorts ports) throws SQLException {
        try {
            return ShopDatabase.connect(ports.jdbcUrl(region));
        } catch (SQLException e) {
            if (e.getSQLState() != null && e.getSQLState().startsWith(CLASS_OF_CONNECTION_FAILURES)) {
                throw refused(
                        ExitCode.FAILED,
                        "region " + region,
                        "nothing answers on port " + ports.postgres(region),
                        "start 'anabranch demo', or name the --port-base that it was started with");
            }
            throw e;
        }
    }

    private void run(Statement statement, Output output) throws SQLException {
        boolean isRows = statement.execute(sql);
        while (isRows || statement.getUpdateCount() >= 0) {
            if (isRows) {
                try (ResultSet rows = statement.getResultSet()) {
                    print(SqlTable.read(rows, ROWS_MAX), output);
                }
            } else if (output.isJson()) {
                output.json(java.util.Map.of("rows", statement.getUpdateCount()));
            } else {
                output.line(SqlTable.count(statement.getUpdateCount()));
            }
            isRows = statement.getMoreResults();
        }
    }

    private static void print(SqlTable table, Output output) {
        if (output.isJson()) {
            output.json(table.documents());
        } else {
            table.lines().forEach(output::line);
        }
    }

    private static String message(SQLException e) {
        @Nullable ServerErrorMessage server = e instanceof PSQLException known ? known.getServerErrorMessage() : null;
        if (server == null) {
            return String.valueOf(e.getMessage());
        }
        List<String> parts = new ArrayList<>(List.of(String.valueOf(server.getMessage())));
        if (server.getPosition() > 0) {
            parts.add("at character " + server.getPosition());
        }
        if (server.getDetail() != null) {
            parts.add(server.getDetail());
        }
        if (server.getHint() != null) {
            parts.add(server.getHint());
        }
        return String.join(", ", parts) + " (" + e.getSQLState() + ")";
    }

    private static CommandException refused(ExitCode exitCode, String where, String what, String fix) {
        return new CommandException(exitCode, List.of(new Finding(Finding.Severity.ERROR, where, what, fix)));
    }
}
