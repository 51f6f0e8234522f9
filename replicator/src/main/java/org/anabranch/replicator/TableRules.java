package org.anabranch.replicator;

import org.anabranch.schemas.TableName;

/** What may be done to a target table before the first change is applied to it. Called on the applier's thread. */
@FunctionalInterface
public interface TableRules {

    /** The rule for one table. */
    Rule of(TableName table);

    /** The same rule for all tables. */
    static TableRules all(Rule rule) {
        return table -> rule;
    }

    /**
     * @param createTable whether a missing table, and the types that it needs, are created
     * @param foreignKeys whether a created table gets its foreign keys too
     * @param existing what becomes of rows that stand in the target already
     * @param onError what becomes of a row that the target refuses
     */
    record Rule(boolean createTable, boolean foreignKeys, Existing existing, OnError onError) {

        /** A row that the target refuses is put into quarantine. */
        public Rule(boolean createTable, boolean foreignKeys, Existing existing) {
            this(createTable, foreignKeys, existing, OnError.QUARANTINE);
        }

        /** Missing tables are created without foreign keys; a table that has rows is refused. */
        public static final Rule DEFAULT = new Rule(true, false, Existing.REFUSE);
    }

    /** What becomes of a row that the target refuses for good. */
    enum OnError {
        /** It is put aside, and the others go on. */
        QUARANTINE,
        /** The applier stops before it, and says why; it is tried again until it goes through. */
        STOP
    }

    /** What becomes of rows that stand in a target table before the first change. */
    enum Existing {
        /** The applier waits, and applies nothing, until the table is empty or the rule says otherwise. */
        REFUSE,
        /** They stay, and changes go over them. */
        KEEP,
        /** They are deleted. */
        REPLACE
    }
}
