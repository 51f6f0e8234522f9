package org.anabranch.sandbox;

import java.nio.file.Path;

/**
 * A program that runs as a child process. All methods may be called from any thread; {@link #kill()} may be called while
 * {@link #start()} is under way, which then fails. Nothing outlives this JVM, see {@link ChildProcesses}.
 */
public sealed interface SandboxProcess permits PostgresServer, KafkaBroker, ChildJvm {
    /** What the program is called in messages and logs. */
    String name();

    /**
     * Starts the program, again on the same data and port if it ran before.
     *
     * @throws SandboxException if it runs already, ends early or is not ready in time; nothing of it is left running then
     */
    void start();

    /** Asks the program to end and blocks until it has; kills it when it takes too long. Does nothing if it is not running. */
    void stop();

    /** SIGKILL to the program and all its children; blocks until they are gone. Does nothing if it is not running. */
    void kill();

    /** SIGSTOP to the program and all its children: ports stay open, nothing answers. */
    void pause();

    /** SIGCONT to what {@link #pause()} has stopped. */
    void resume();

    boolean isAlive();

    /**
     * The process id of the program itself.
     *
     * @throws SandboxException if it is not running
     */
    long pid();

    /** Where the program's output goes; appended to by every start. */
    Path logFile();
}
