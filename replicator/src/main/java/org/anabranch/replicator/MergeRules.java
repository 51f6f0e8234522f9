package org.anabranch.replicator;

import java.util.Map;
import java.util.Optional;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.conflict.RowMerge;
import org.anabranch.schemas.TableName;

/** How the rows of tables with several writers are merged. May be asked by any thread. */
@FunctionalInterface
public interface MergeRules {

    /** No table has several writers. */
    MergeRules NONE = table -> Optional.empty();

    /** The rule for one table; empty for a table with one writer. */
    Optional<Rule> of(TableName table);

    /**
     * Policies are named as in the configuration: {@code last-writer-wins}, {@code last-writer-wins-per-column}, {@code counter},
     * {@code set}, {@code min}, {@code max}, {@code prefer: <region>}, or by the names of the user's own.
     *
     * @param defaults the policy of the columns that are not named: of all these together, or {@code ...-per-column} of each
     * @param columns the policies of those that are, by column
     * @param deletes what a delete and a write in conflict make of a row
     * @param own the user's own policies that columns name, by name
     */
    record Rule(
            String defaults,
            Map<String, String> columns,
            RowMerge.DeletePolicy deletes,
            Map<String, ColumnPolicy> own) {
        public Rule {
            columns = Map.copyOf(columns);
            own = Map.copyOf(own);
        }

        public Rule(String defaults, Map<String, String> columns, RowMerge.DeletePolicy deletes) {
            this(defaults, columns, deletes, Map.of());
        }
    }
}
