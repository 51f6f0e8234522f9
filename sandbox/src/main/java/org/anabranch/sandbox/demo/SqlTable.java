package org.anabranch.sandbox.demo;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a query, as text in columns.
 *
 * @param isRight for each column, whether it stands at the right, as numbers do
 * @param rows values as PostgreSQL's text; null is shown as nothing
 * @param isCut whether there were more rows
 */
record SqlTable(List<String> columns, List<Boolean> isRight, List<List<@Nullable String>> rows, boolean isCut) {

    private static final Set<Integer> NUMBERS = Set.of(
            Types.SMALLINT,
            Types.INTEGER,
            Types.BIGINT,
            Types.NUMERIC,
            Types.DECIMAL,
            Types.REAL,
            Types.DOUBLE,
            Types.FLOAT);
    private static final int VALUE_COLUMNS_MAX = 100;

    /** Reads at most so many rows. */
    static SqlTable read(ResultSet result, int rowsMax) throws SQLException {
        ResultSetMetaData about = result.getMetaData();
        List<String> columns = new ArrayList<>();
        List<Boolean> isRight = new ArrayList<>();
        for (int i = 1; i <= about.getColumnCount(); i++) {
            columns.add(about.getColumnLabel(i));
            isRight.add(NUMBERS.contains(about.getColumnType(i)));
        }
        List<List<@Nullable String>> rows = new ArrayList<>();
        boolean isMore = result.next();
        while (isMore && rows.size() < rowsMax) {
            List<@Nullable String> row = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                row.add(result.getString(i));
            }
            rows.add(row);
            isMore = result.next();
        }
        return new SqlTable(columns, isRight, rows, isMore);
    }

    static String count(long rows) {
        return rows == 1 ? "1 row" : rows + " rows";
    }

    List<String> lines() {
        List<Integer> widths =
                IntStream.range(0, columns.size()).mapToObj(this::width).toList();
        List<String> lines = new ArrayList<>();
        lines.add(line(columns, widths));
        lines.add(widths.stream().map("-"::repeat).collect(Collectors.joining("-+-")));
        rows.forEach(row -> lines.add(line(row, widths)));
        lines.add(isCut ? "the first " + count(rows.size()) + ", there are more" : count(rows.size()));
        return lines;
    }

    /** For JSON: a document for each row, of the columns' names and their text. */
    List<Map<String, @Nullable String>> documents() {
        List<Map<String, @Nullable String>> documents = new ArrayList<>();
        for (List<@Nullable String> row : rows) {
            Map<String, @Nullable String> document = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                document.put(columns.get(i), row.get(i));
            }
            documents.add(document);
        }
        return documents;
    }

    private int width(int column) {
        int widest = columns.get(column).length();
        for (List<@Nullable String> row : rows) {
            widest = Math.max(widest, shown(row.get(column)).length());
        }
        return widest;
    }

    private String line(List<? extends @Nullable String> values, List<Integer> widths) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String text = shown(values.get(i));
            String blanks = " ".repeat(widths.get(i) - text.length());
            cells.add(isRight.get(i) ? blanks + text : text + blanks);
        }
        return String.join(" | ", cells).stripTrailing();
    }

    /** On one line, and not without end: --json has all of it. */
    private static String shown(@Nullable String value) {
        String line = value == null
                ? ""
                : value.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
        return line.length() <= VALUE_COLUMNS_MAX ? line : line.substring(0, VALUE_COLUMNS_MAX - 3) + "...";
    }
}
