package org.anabranch.node.cli;

import java.util.List;
import org.anabranch.node.config.ConfigurationException;
import org.anabranch.node.config.Problem;
import org.anabranch.schemas.Finding;

/** Problems of the configuration file as findings, beside those of servers. */
final class Findings {

    private Findings() {}

    static Finding of(Problem problem) {
        String at = problem.at().toString();
        return switch (problem.severity()) {
            case ERROR -> Finding.error(at, problem.what(), problem.fix());
            case WARNING -> Finding.warning(at, problem.what(), problem.fix());
        };
    }

    static List<Finding> allOf(ConfigurationException exception) {
        return exception.problems().stream().map(Findings::of).toList();
    }
}
