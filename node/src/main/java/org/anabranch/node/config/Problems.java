package org.anabranch.node.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with a file, so that all of it is told at once. */
final class Problems {

    private final List<Problem> found = new ArrayList<>();

    void error(Position at, String what, String fix) {
        found.add(new Problem(Problem.Severity.ERROR, at, what, fix));
    }

    void warning(Position at, String what, String fix) {
        found.add(new Problem(Problem.Severity.WARNING, at, what, fix));
    }

    boolean anyErrors() {
        return found.stream().anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
    }

    /** In the order of the file. An alias is read where it is used and where it is defined: each problem counts once. */
    List<Problem> inOrder() {
        return found.stream()
                .distinct()
                .sorted(Comparator.comparing(Problem::at))
                .toList();
    }
}
