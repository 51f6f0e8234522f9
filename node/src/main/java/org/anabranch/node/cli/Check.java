package org.anabranch.node.cli;

import java.util.List;
import org.anabranch.node.config.Pipeline;
import org.anabranch.schemas.Finding;

/** One source of findings about a pipeline whose file is good: its databases, its brokers. Changes nothing. */
@FunctionalInterface
public interface Check {

    /**
     * Looks at everything that it knows of, and tells all at once. May block, for a bounded time per server.
     *
     * @return what was found, empty if all is well; what cannot be reached is a finding and not an exception
     */
    List<Finding> findings(Pipeline pipeline);
}
