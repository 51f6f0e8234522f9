package org.anabranch.capture;

import java.util.ArrayList;
import java.util.List;
import org.anabranch.capture.SourceTable.KeyColumn;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a table's key as they stand in a record's key: one text for all values that PostgreSQL holds equal, as far as
 * {@link KeyTypes} lets them be keys.
 */
public final class KeyText {

    private enum Form {
        AS_IT_IS,
        NUMERIC,
        FLOAT,
        BLANK_PADDED
    }

    private final Form[] forms;
    private final int[] indexes;
    private final boolean allAsTheyAre;

    private KeyText(Form[] forms, int[] indexes) {
        this.forms = forms;
        this.indexes = indexes;
        this.allAsTheyAre = List.of(forms).stream().allMatch(Form.AS_IT_IS::equals);
    }

    public static KeyText of(SourceTable table) {
        return new KeyText(
                table.keyColumns().stream().map(KeyText::form).toArray(Form[]::new),
                table.schema().keyIndexes());
    }

    private static Form form(KeyColumn column) {
        return switch (column.baseType()) {
            case "numeric" -> Form.NUMERIC;
            case "real", "double precision" -> Form.FLOAT;
            case "character", "bpchar" -> Form.BLANK_PADDED;
            default -> Form.AS_IT_IS;
        };
    }

    /**
     * The key's canonical texts of a row.
     *
     * @param values of all columns that travel, PostgreSQL's own texts
     * @throws IllegalArgumentException if a key's value is null
     */
    public List<String> of(@Nullable String[] values) {
        List<String> key = new ArrayList<>(forms.length);
        for (int i = 0; i < forms.length; i++) {
            String text = values[indexes[i]];
            if (text == null) {
                throw new IllegalArgumentException("key column " + (i + 1) + " has no value");
            }
            key.add(allAsTheyAre ? text : canonical(forms[i], text));
        }
        return key;
    }

    /** One text for all values of that type that are equal. */
    public static String canonical(KeyColumn column, String text) {
        return canonical(form(column), text);
    }

    private static String canonical(Form form, String text) {
        return switch (form) {
            case AS_IT_IS -> text;
            case NUMERIC -> withoutTrailingZeros(text);
            case FLOAT -> text.equals("-0") ? "0" : text;
            case BLANK_PADDED -> withoutTrailing(' ', text);
        };
    }

    /** PostgreSQL writes no exponents and no minus before a zero; NaN and Infinity have no point. */
    private static String withoutTrailingZeros(String text) {
        if (text.indexOf('.') < 0) {
            return text;
        }
        String digits = withoutTrailing('0', text);
        return digits.endsWith(".") ? digits.substring(0, digits.length() - 1) : digits;
    }

    private static String withoutTrailing(char last, String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == last) {
            end--;
        }
        return text.substring(0, end);
    }
}
