package org.anabranch.node.cli;

import java.util.List;
import java.util.function.Predicate;
import org.anabranch.node.config.TablePattern;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.TableName;
import org.jspecify.annotations.Nullable;

/** The option {@code --table} of commands that can look at some tables only. */
final class TableOption {

    private TableOption() {}

    /**
     * @param table a name or a glob; null for all tables
     * @throws CommandException if it is neither; exit code 2
     */
    static Predicate<TableName> predicate(@Nullable String table) {
        if (table == null) {
            return any -> true;
        }
        try {
            TablePattern pattern = TablePattern.parse(table);
            return name -> pattern.matches(name.schema(), name.table());
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    ExitCode.INVALID_INPUT,
                    List.of(new Finding(Finding.Severity.ERROR, "--table", String.valueOf(e.getMessage()), "")));
        }
    }
}
