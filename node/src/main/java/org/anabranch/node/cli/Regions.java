package org.anabranch.node.cli;

import java.util.List;
import java.util.NoSuchElementException;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.schemas.Finding;

/** What commands that name a region share. */
final class Regions {

    private Regions() {}

    /** @throws CommandException if there is no such region; exit code 2 */
    static Region named(Pipeline pipeline, String name) {
        try {
            return pipeline.region(name);
        } catch (NoSuchElementException e) {
            throw new CommandException(
                    ExitCode.INVALID_INPUT,
                    List.of(new Finding(
                            Finding.Severity.ERROR, "--region", String.valueOf(e.getMessage()), "name one of these")));
        }
    }

    static CommandException unreachable(String region, String what, String fix) {
        return new CommandException(
                ExitCode.FAILED, List.of(new Finding(Finding.Severity.UNREACHABLE, "region " + region, what, fix)));
    }
}
