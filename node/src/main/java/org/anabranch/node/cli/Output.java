package org.anabranch.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.anabranch.schemas.Finding;

/**
 * Where a command's answer goes: text or JSON, never with a known secret in it. A JSON answer is one document on standard
 * output; logs and errors in words go to standard error.
 */
public final class Output {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String RESET = "\u001B[0m";

    private final PrintWriter writer;
    private final boolean json;
    private final boolean colours;

    Output(PrintWriter writer, boolean json, boolean colours) {
        this.writer = writer;
        this.json = json;
        this.colours = colours && !json;
    }

    /** Whether the answer is to be JSON. */
    public boolean isJson() {
        return json;
    }

    /** Whether colours may be used: a terminal reads along. */
    public boolean hasColours() {
        return colours;
    }

    /** Prints a line of text. */
    public void line(String text) {
        writer.println(SecretMask.mask(text));
        writer.flush();
    }

    /**
     * Prints a JSON document.
     *
     * @param document maps, lists, texts, numbers and records of these
     */
    public void json(Object document) {
        try {
            line(JSON.writeValueAsString(document));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "cannot be written as JSON: a " + document.getClass().getName(), e);
        }
    }

    /** Prints findings, a line each. */
    void findings(List<Finding> findings) {
        findings.forEach(finding -> line(coloured(finding)));
    }

    /** A finding as JSON has it. */
    static Map<String, String> document(Finding finding) {
        return new TreeMap<>(Map.of(
                "severity", finding.severity().name().toLowerCase(Locale.ROOT),
                "where", finding.where(),
                "what", finding.what(),
                "fix", finding.fix()));
    }

    private String coloured(Finding finding) {
        if (!colours) {
            return finding.toString();
        }
        String colour =
                switch (finding.severity()) {
                    case ERROR, UNREACHABLE -> "\u001B[31m";
                    case WARNING, INFO -> "\u001B[33m";
                };
        return colour
                + finding.where()
                + RESET
                + finding.toString().substring(finding.where().length());
    }
}
