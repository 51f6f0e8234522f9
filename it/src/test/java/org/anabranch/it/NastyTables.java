package org.anabranch.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.anabranch.schemas.TableName;

/** Tables with everything that is hard to write down again. */
final class NastyTables {

    private static final String LONG = "é".repeat(31) + "x";

    static final List<TableName> NAMES = List.of(
            new TableName("public", "Key Order"),
            new TableName("public", "generated"),
            new TableName("public", "order_lines"),
            new TableName("public", "orders"),
            new TableName("public", "serials"),
            new TableName("public", "identities"),
            new TableName("public", "collations"),
            new TableName("public", "constraints"),
            new TableName("public", "with_functions"),
            new TableName("public", "measurements"),
            new TableName("public", "extensions"),
            new TableName("Ünï \"code\".s", "user types"),
            new TableName("Ünï \"code\".s", LONG),
            new TableName("public", "o'clock\\n"));

    private NastyTables() {}

    /** Columns that the target does not have, by design. */
    static List<String> columnsLeftOut() {
        return List.of("shouted");
    }

    /** Constraints and indexes that the target does not have, by design. */
    static List<String> constraintsLeftOut() {
        return List.of(
                "only_shouted",
                "old_rows_break_it",
                "CREATE UNIQUE INDEX by_shout ON public.with_functions USING btree (public.shout(name))",
                "CREATE UNIQUE INDEX on_shouted ON public.with_functions USING btree (shouted)");
    }

    /** A default that is left out reads as none. */
    static String withoutWhatIsLeftOut(String row) {
        return row.replace("public.next_code()", "-");
    }

    static String sql() throws IOException {
        try (InputStream in = NastyTables.class.getResourceAsStream("nasty-tables.sql")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
