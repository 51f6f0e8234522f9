package org.anabranch.node.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration file with errors: all of them, and the warnings too. Trying again does not help. */
public final class ConfigurationException extends RuntimeException {

    private final transient List<Problem> problems;

    /**
     * @param problems in the order of the file, at least one of them an error
     */
    public ConfigurationException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    /** In the order of the file. */
    public List<Problem> problems() {
        return problems;
    }
}
