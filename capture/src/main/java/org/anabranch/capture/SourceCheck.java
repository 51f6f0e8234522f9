package org.anabranch.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

    /**
     * @param region for messages
     * @param slot the replication slot that capture has, or will make
     * @param publication the publication that capture uses, or will make
     * @param tables what the configuration says is to be replicated
     * @param preparation statements that make the schema and the table of the heartbeat where they are missing; shown to whoever
     *     has to make the publication in capture's place
     */
    public record Settings(
            String region,
            DatabaseSettings database,
            String slot,
            String publication,
            List<TablePattern> tables,
            List<String> preparation) {

        public Settings {
            tables = List.copyOf(tables);
            preparation = List.copyOf(preparation);
        }

        boolean matches(TableName name) {
            return tables.stream().anyMatch(pattern -> pattern.matches().test(name));
        }
    }

    private final Settings settings;

    public SourceCheck(Settings settings) {
        this.settings = settings;
    }

    /** What would be sent; nothing where the source cannot be asked, which {@link #findings} says. Blocks as that does. */
    public List<TableSchema> tables() {
        try (Connection connection = Sessions.open(settings.database(), "anabranch-check")) {
            return SourceCatalog.read(connection, settings::matches).tables().stream()
                    .map(SourceTable::schema)
                    .toList();
        } catch (SQLException e) {
            return List.of();
        }
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
