package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A database, its WAL, the topics of its Kafka, and the parts that run between them. */
final class Region {

    final String name;
    final World world;
    final Database database;
    final List<WalEntry> wal = new ArrayList<>();
    final List<LogRecord> log = new ArrayList<>();
    final List<Resolved> resolved = new ArrayList<>();
    final Writer writer;
    final Capture capture;
    final Links links;
    final Applier applier;
    final List<Resolver> late = new ArrayList<>();
    Resolver resolver;
    private final Map<String, List<LogRecord>> mirrors = new HashMap<>();
    private long skew;
    private long lastCommit;

    Region(World world, String name) {
        this.name = name;
        this.world = world;
        database = new Database(name);
        skew = world.choices.oneIn(3) ? world.choices.below(400) - 200 : 0;
        writer = new Writer(this);
        capture = new Capture(this);
        links = new Links(this);
        applier = new Applier(this);
        resolver = new Resolver(this, 0);
    }

    boolean owns(LogRecord record) {
        return record.stamp().origin().equals(name);
    }

    /** The changes of an origin, as far as they have come here. */
    List<LogRecord> topic(String origin) {
        return origin.equals(name) ? log : mirrors.computeIfAbsent(origin, o -> new ArrayList<>());
    }

    long commitTime() {
        long time =
                Math.max((world.now + skew) * World.TICK_MICROS, world.choices.oneIn(10) ? lastCommit : lastCommit + 1);
        lastCommit = Math.max(lastCommit, time);
        return time;
    }

    void setClock() {
        skew += world.choices.either() ? 60 : -60;
    }

    void tell(String what) {
        world.tell(this, () -> what);
    }

    /** Nothing comes from it and nothing to it, until the links are mended one by one. */
    void goAway() {
        tell("is cut off");
        for (Region other : world.regions) {
            if (other != this) {
                links.cut(other);
                other.links.cut(this);
            }
        }
    }

    /** Something ends in the middle of its work, and what takes its place goes on from what is durable. */
    void kill() {
        switch (world.choices.below(4)) {
            case 0 -> capture.restart();
            case 1 -> links.restart();
            case 2 -> resolver = resolver.successor(true);
            default -> { // it only sleeps, and will wake up
                late.add(resolver);
                resolver = resolver.successor(false);
            }
        }
    }

    /** A resolver that slept while another took its place does some of what it was about to do. */
    void wake() {
        Resolver sleeper = late.removeFirst();
        for (int i = world.choices.below(12); i > 0; i--) {
            sleeper.step(world.choices.oneOf(World.NAMES));
        }
    }

    /** Nothing new happens, and everything works. */
    void catchUp() {
        links.mendAll();
        late.clear();
        capture.step();
        world.regions.forEach(links::step);
        World.NAMES.forEach(resolver::step);
        applier.step();
    }

    /** Whether all is captured, linked, resolved and read by the applier. */
    boolean isDone() {
        return capture.isDone() && links.areDone() && resolver.isDone() && applier.isDone() && late.isEmpty();
    }
}
