package org.anabranch.capture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;

/**
 * Looks at a source before anything is touched: everything that is wrong with it at once. Changes nothing. Never shows a password.
 */
public final class SourceCheck {

    /** Written to by capture, and part of its publication. */
    public static final TableName HEARTBEAT = HeartbeatTable.NAME;

    static final int VERSION_MIN = 16;

    private static final int CLOCK_LOOKS = 3;

    /**
     * @param region for messages
     * @param slot the replication slot that capture has, or will make
     * @param publication the publication that capture uses, or will make
     * @param tables what the configuration says is to be replicated
     * @param preparation statements that make the schema and the table of the heartbeat where they are missing; shown to whoever
     *     has to make the publication in capture's place
     * @param contested whether a table has several writers
     */
    public record Settings(
            String region,
            DatabaseSettings database,
            String slot,
            String publication,
            List<TablePattern> tables,
            List<String> preparation,
            Predicate<TableName> contested) {

        public Settings {
            tables = List.copyOf(tables);
            preparation = List.copyOf(preparation);
        }

        boolean anyContested(List<SourceTable> found) {
            return found.stream()
                    .anyMatch(table -> contested.test(table.schema().name()));
        }

        boolean matches(TableName name) {
            return tables.stream().anyMatch(pattern -> pattern.matches().test(name));
        }
    }

    private final Settings settings;

    public SourceCheck(Settings settings) {
        this.settings = settings;
    }

    /**
     * @param tables what would be sent
     * @param keySequences what numbers their keys
     * @param clockAhead how far the server's clock is ahead of the local one; wrong by at most half of the time that an answer takes
     */
    public record Source(List<TableSchema> tables, List<KeySequence> keySequences, Duration clockAhead) {
        public Source {
            tables = List.copyOf(tables);
            keySequences = List.copyOf(keySequences);
        }
    }

    /** What is there; empty where the source cannot be asked, which {@link #findings} says. Blocks as that does. */
    public Optional<Source> source() {
        try (Connection connection = Sessions.open(settings.database(), "anabranch-check")) {
            List<TableSchema> tables = SourceCatalog.read(connection, settings::matches).tables().stream()
                    .map(SourceTable::schema)
                    .toList();
            List<KeySequence> sequences = KeySequence.read(connection).stream()
                    .filter(sequence -> settings.matches(sequence.table()))
                    .toList();
            return Optional.of(new Source(tables, sequences, clockAhead(connection)));
        } catch (SQLException e) {
            return Optional.empty();
        }
    }

    /** The quickest of some answers is the one that says it best. */
    private static Duration clockAhead(Connection connection) throws SQLException {
        Duration ahead = Duration.ZERO;
        Duration quickest = Duration.ofDays(1);
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < CLOCK_LOOKS; i++) {
                Instant before = Instant.now();
                try (ResultSet row = statement.executeQuery("SELECT pg_catalog.clock_timestamp()")) {
                    row.next();
                    Instant server = row.getObject(1, OffsetDateTime.class).toInstant();
                    Duration took = Duration.between(before, Instant.now());
                    if (took.compareTo(quickest) < 0) {
                        quickest = took;
                        ahead = Duration.between(before.plus(took.dividedBy(2)), server);
                    }
                }
            }
        }
        return ahead;
    }

    /** Blocks for a connection and some dozen catalog queries. Empty if all is well. */
    public List<Finding> findings() {
        return findings(List.of());
    }

    /** @param toBeMade tables that may be missing here: they are made from what another region sends, and captured from then on */
    public List<Finding> findings(Collection<TableName> toBeMade) {
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = Sessions.open(settings.database(), "anabranch-check")) {
            SourceAccess source = SourceAccess.of(connection, settings, findings);
            ServerCheck server = new ServerCheck(source);
            if (server.versionFits()) {
                server.check();
                SourceCatalog.Listing listing = new TableCheck(source, toBeMade).check();
                new ContestedCheck(source).check(listing.tables());
                new RightsCheck(source).check(listing.tables());
                findings.addAll(PublicationPlan.of(connection, settings, listing.tables())
                        .findings());
            }
        } catch (SQLException e) {
            findings.add(ConnectionFailure.finding(settings.region(), settings.database(), e));
        }
        return List.copyOf(findings);
    }
}
