package org.anabranch.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * What the values in a change mean, and how a target makes the table where it is missing.
 *
 * @param name the table
 * @param columns the columns that travel, in the order of a change's values; generated columns do not
 * @param key the primary key's columns, in its order
 * @param replicaIdentity DEFAULT, FULL, INDEX or NOTHING
 * @param createStatements SQL that makes the types the table needs, and the table, in order; each may be run where what it
 *     makes is there already. No part of the fingerprint
 * @param unique the columns that unique constraints and indexes beside the primary key have to do with, by name
 */
public record TableSchema(
        TableName name,
        List<Column> columns,
        List<String> key,
        String replicaIdentity,
        List<CreateStatement> createStatements,
        List<String> unique) {

    /** Of a table in which rows may have the same values, but for their keys. */
    public TableSchema(
            TableName name,
            List<Column> columns,
            List<String> key,
            String replicaIdentity,
            List<CreateStatement> createStatements) {
        this(name, columns, key, replicaIdentity, createStatements, List.of());
    }

    /**
     * @param name as PostgreSQL holds it, unquoted
     * @param type as {@code format_type} writes it, with its modifiers
     */
    public record Column(String name, String type) {}

    /**
     * One statement towards a table.
     *
     * @param kind what it makes, in a word or two, for messages: "schema", "enum", "table", "foreign key"
     * @param objectName the object's name, for messages
     * @param existsQuery a query that returns a row if the object is there already and the statement is to be left out
     * @param sql the statement
     */
    public record CreateStatement(String kind, String objectName, String existsQuery, String sql) {}

    public TableSchema {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        createStatements = List.copyOf(createStatements);
        unique = unique == null ? List.of() : List.copyOf(unique); // null where an older version has written it
    }

    /** Where a column stands in the rows of a change, or -1. */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /** Where the key's columns stand in the rows of a change, in the key's order. */
    public int[] keyIndexes() {
        return key.stream().mapToInt(this::indexOf).toArray();
    }

    /** Names this meaning of a change's values: the same for the same table, columns, types, key and unique columns, in every region. */
    public long fingerprint() {
        MessageDigest digest = sha256();
        update(digest, name.schema());
        update(digest, name.table());
        for (Column column : columns) {
            update(digest, column.name());
            update(digest, column.type());
        }
        update(digest, "key");
        key.forEach(column -> update(digest, column));
        if (!unique.isEmpty()) {
            update(digest, "unique");
            unique.forEach(column -> update(digest, column));
        }
        return ByteBuffer.wrap(digest.digest()).getLong();
    }

    private static void update(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
