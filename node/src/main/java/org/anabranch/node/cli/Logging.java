package org.anabranch.node.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sets up logging for this process: to standard error, through {@link LineLayout}. */
public final class Logging {

    private static final Logger LOG = LoggerFactory.getLogger(Logging.class);

    private Logging() {}

    /**
     * Starts logging, or changes how much is logged.
     *
     * @param verbosity 0: from INFO on, of other libraries from WARN on; 1: a level more, with stack traces; 2: everything
     */
    public static void start(int verbosity) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        java.util.logging.Logger.getLogger("").setLevel(julLevel(verbosity));
        Thread.setDefaultUncaughtExceptionHandler((thread, throwable) -> LOG.atError()
                .addKeyValue("thread", thread.getName())
                .setCause(throwable)
                .log("a thread ended by an exception"));
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof LoggerContext context) {
            raise(context, verbosity);
        }
    }

    static void raise(LoggerContext context, int verbosity) {
        context.getLogger("org.anabranch").setLevel(level(verbosity, Level.INFO, Level.DEBUG));
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level(verbosity, Level.WARN, Level.INFO));
        context.putProperty(LineLayout.STACK_TRACES, String.valueOf(verbosity > 0));
    }

    private static Level level(int verbosity, Level quiet, Level verbose) {
        return switch (verbosity) {
            case 0 -> quiet;
            case 1 -> verbose;
            default -> Level.TRACE;
        };
    }

    private static java.util.logging.Level julLevel(int verbosity) {
        return switch (verbosity) {
            case 0 -> java.util.logging.Level.WARNING;
            case 1 -> java.util.logging.Level.INFO;
            default -> java.util.logging.Level.ALL;
        };
    }
}
