package org.anabranch.node.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.anabranch.node.config.Configuration;
import org.anabranch.node.config.ConfigurationException;
import org.anabranch.node.config.Pipeline;
import org.anabranch.schemas.Finding;
import org.anabranch.schemas.Finding.Severity;
import picocli.CommandLine;

/** Looks at the file, and then, if the file is good, at everything that it names. Changes nothing. */
@CommandLine.Command(
        name = "check",
        description = {"Check the configuration file and what it names, and print all findings.", "Changes nothing."},
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0   all is well, warnings aside",
            "  1   something could not be reached",
            "  2   something is wrong, in the file or in what it names"
        })
final class CheckCommand extends Command {

    private final List<Check> checks;

    CheckCommand(List<Check> checks) {
        this.checks = List.copyOf(checks);
    }

    @Override
    protected ExitCode run(Output output) {
        List<Finding> findings = new ArrayList<>();
        String summary = "";
        try {
            Configuration configuration = configuration();
            configuration.warnings().forEach(warning -> findings.add(Findings.of(warning)));
            checks.forEach(check -> findings.addAll(check.findings(configuration.pipeline())));
            summary = summary(configuration.pipeline());
        } catch (ConfigurationException e) {
            findings.addAll(Findings.allOf(e));
        }
        ExitCode exitCode = exitCode(findings);
        if (output.isJson()) {
            output.json(document(findings, exitCode));
        } else {
            output.findings(findings);
            output.line(configurationFile() + ": " + count(findings) + summary);
        }
        return exitCode;
    }

    static ExitCode exitCode(List<Finding> findings) {
        if (number(findings, Severity.ERROR) > 0) {
            return ExitCode.INVALID_INPUT;
        }
        return number(findings, Severity.UNREACHABLE) > 0 ? ExitCode.FAILED : ExitCode.OK;
    }

    private Map<String, Object> document(List<Finding> findings, ExitCode exitCode) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("file", configurationFile().toString());
        document.put("exitCode", exitCode.code());
        document.put("errors", number(findings, Severity.ERROR));
        document.put("unreachable", number(findings, Severity.UNREACHABLE));
        document.put("warnings", number(findings, Severity.WARNING));
        document.put("findings", findings.stream().map(Output::document).toList());
        return document;
    }

    private static String count(List<Finding> findings) {
        if (findings.isEmpty()) {
            return "nothing found";
        }
        List<String> counts = new ArrayList<>();
        addCount(counts, number(findings, Severity.ERROR), "error");
        addCount(counts, number(findings, Severity.UNREACHABLE), "unreachable");
        addCount(counts, number(findings, Severity.WARNING), "warning");
        return String.join(", ", counts);
    }

    private static void addCount(List<String> counts, long number, String word) {
        if (number > 0) {
            counts.add(number + " " + word + (number == 1 || word.endsWith("e") ? "" : "s"));
        }
    }

    private static String summary(Pipeline pipeline) {
        String others = pipeline.spokes().stream()
                .map(spoke -> "'" + spoke.name() + "'")
                .collect(Collectors.joining(", "));
        String regions =
                pipeline.hub() == null ? "mesh of " + others : "hub '" + pipeline.hub() + "', spokes " + others;
        return "; pipeline '" + pipeline.name() + "', " + regions
                + ", " + pipeline.tables().size() + " table "
                + (pipeline.tables().size() == 1 ? "rule" : "rules");
    }

    private static long number(List<Finding> findings, Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }
}
