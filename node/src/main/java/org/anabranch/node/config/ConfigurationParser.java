package org.anabranch.node.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.anabranch.replicator.JournalLimits;
import org.anabranch.replicator.OwnPolicies;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the text of a configuration file. Pure: files, variables and policies come from the given {@link Environment} only. */
public final class ConfigurationParser {

    private static final Duration DURATION_MIN = Duration.ofMillis(100);
    private static final Duration DURATION_MAX = Duration.ofHours(24);
    private static final int PARTITIONS_MAX = 256;
    private static final Duration JOURNAL_KEEP_MIN = Duration.ofMinutes(1);
    private static final Duration JOURNAL_KEEP_MAX = Duration.ofDays(3650);
    private static final int JOURNAL_ROWS_MAX = 100_000_000;

    private final Problems problems = new Problems();
    private final Source source;
    private final OwnPolicies policies;
    private final RegionReader regionReader = new RegionReader(problems);

    private ConfigurationParser(String file, Environment environment) {
        this.source = new Source(file, problems, new Placeholders(environment, problems));
        policies = environment.policies();
        policies.findings()
                .forEach(finding -> problems.error(Position.wholeFile(finding.where()), finding.what(), finding.fix()));
    }

    /**
     * Reads a configuration.
     *
     * @param file the file's name, for messages
     * @param text what is in it
     * @throws ConfigurationException with everything that is wrong, if anything is
     */
    public static Configuration parse(String file, String text, Environment environment) {
        return new ConfigurationParser(file, environment).configuration(text);
    }

    private Configuration configuration(String text) {
        Node node = YamlText.compose(source, text);
        Section section = node == null ? null : Section.of(source, Source.ROOT, node);
        Pipeline pipeline = section == null ? null : pipeline(section);
        if (pipeline == null || problems.anyErrors()) {
            throw new ConfigurationException(problems.inOrder());
        }
        return new Configuration(pipeline, problems.inOrder(), regionReader.secrets());
    }

    private @Nullable Pipeline pipeline(Section file) {
        file.known(
                "pipeline",
                "topology",
                "hub",
                "rpo",
                "partitions",
                "createTables",
                "foreignKeys",
                "conflicts",
                "onError",
                "maxClockSkew",
                "regions",
                "tables");
        String name = name(file);
        Topology topology = topology(file);
        Map<String, @Nullable Region> regions = regions(file);
        String hub = hub(file, topology, regions);
        boolean createTables = file.flag("createTables", true);
        RegionNames names = new RegionNames(List.copyOf(regions.keySet()), hub, topology == Topology.MESH);
        List<TableRule> tables = tables(file, names, createTables, OnError.read(file, problems, OnError.QUARANTINE));
        Duration rpo = duration(file, "rpo", "5s", Pipeline.DEFAULT_RPO);
        Duration maxClockSkew = duration(file, "maxClockSkew", "1m", Pipeline.DEFAULT_MAX_CLOCK_SKEW);
        int partitions = file.number("partitions", Pipeline.DEFAULT_PARTITIONS, 1, PARTITIONS_MAX);
        boolean foreignKeys = file.flag("foreignKeys", false);
        JournalLimits journal = journal(file);
        SequencedMap<String, Region> complete = complete(regions);
        if (name == null || topology == null) {
            return null;
        }
        return new Pipeline(
                name,
                topology,
                hub,
                rpo,
                partitions,
                createTables,
                foreignKeys,
                journal,
                maxClockSkew,
                complete,
                tables);
    }

    private @Nullable String name(Section file) {
        Scalar name = file.requiredText("pipeline", "pipeline: shop");
        if (name != null && !Words.isName(name.value())) {
            problems.error(name.at(), "pipeline '" + name.shown() + "' is no name", Words.NAME_FORM + "'shop'");
        }
        return Words.value(name);
    }

    private @Nullable Topology topology(Section file) {
        Scalar topology = file.requiredText("topology", "topology: hub-and-spoke");
        if (topology == null) {
            return null;
        }
        return switch (topology.value()) {
            case "hub-and-spoke" -> Topology.HUB_AND_SPOKE;
            case "mesh" -> Topology.MESH;
            default -> {
                Words.notOneOf(problems, "topology", topology, List.of("hub-and-spoke", "mesh"));
                yield null;
            }
        };
    }

    private @Nullable String hub(Section file, @Nullable Topology topology, Map<String, @Nullable Region> regions) {
        if (topology == Topology.MESH) {
            if (file.has("hub")) {
                problems.error(
                        file.keyAt("hub"), "a mesh has no hub", "leave 'hub' out, or write 'topology: hub-and-spoke'");
            }
            return null;
        }
        Scalar hub = file.requiredText("hub", "hub: NAME-OF-A-REGION");
        if (hub != null && !regions.isEmpty() && !regions.containsKey(hub.value())) {
            Words.notOneOf(problems, "region", hub, regions.keySet());
        }
        return Words.value(hub);
    }

    /** By name in the order of the file; null for a region that has problems. */
    private Map<String, @Nullable Region> regions(Section file) {
        Map<String, @Nullable Region> regions = new LinkedHashMap<>();
        Section section = file.requiredSection("regions", "regions: { hub: ..., eu: ... }");
        if (section == null) {
            return regions;
        }
        section.keys().forEach((name, at) -> {
            if (!Words.isName(name)) {
                problems.error(at, "region '" + Scalar.shorten(name) + "' is no name", Words.NAME_FORM + "'eu_west'");
            }
            Section region = section.section(name);
            regions.put(name, region == null ? null : regionReader.read(name, region));
        });
        if (regions.size() < 2) {
            problems.error(
                    file.keyAt("regions"),
                    regions.isEmpty() ? "there are no regions" : "there is only one region",
                    "write two regions or more");
        }
        regionsApart(section, regions);
        return regions;
    }

    /** Two regions in one database or one cluster would replicate onto themselves. */
    private void regionsApart(Section section, Map<String, @Nullable Region> regions) {
        Map<String, String> databases = new HashMap<>();
        Map<String, String> clusters = new HashMap<>();
        regions.forEach((name, region) -> {
            if (region != null) {
                String database = JdbcUrl.parse(region.postgres().url()).target();
                apart(section, name, databases.putIfAbsent(database, name), "database " + database);
                String cluster = region.kafka().bootstrap();
                apart(section, name, clusters.putIfAbsent(cluster, name), "Kafka cluster " + cluster);
            }
        });
    }

    private void apart(Section section, String name, @Nullable String other, String what) {
        if (other != null) {
            problems.error(
                    section.keyAt(name),
                    "regions '" + other + "' and '" + name + "' have the same " + what,
                    "give each region its own");
        }
    }

    private List<TableRule> tables(Section file, RegionNames regions, boolean createTables, OnError onError) {
        List<Node> items = file.requiredList("tables", "- table: public.customers");
        if (items == null) {
            return List.of();
        }
        if (items.isEmpty()) {
            problems.error(file.at("tables"), "there are no tables", "add '- table: public.customers'");
        }
        TableReader reader = new TableReader(source, regions, policies, createTables, onError);
        List<TableRule> rules = new ArrayList<>();
        for (Node item : items) {
            TableRule rule = reader.read(item);
            if (rule != null) {
                rules.add(rule);
            }
        }
        return rules;
    }

    private Duration duration(Section file, String key, String example, Duration byDefault) {
        Scalar text = file.text(key, key + ": " + example);
        if (text == null) {
            return byDefault;
        }
        Optional<Duration> duration = Durations.parse(text.value());
        if (duration.isPresent()
                && duration.get().compareTo(DURATION_MIN) >= 0
                && duration.get().compareTo(DURATION_MAX) <= 0) {
            return duration.get();
        }
        problems.error(
                text.at(),
                key + " '" + text.shown() + "' is no time between 100ms and 24h",
                "write a number and ms, s, m or h, as in '" + key + ": " + example + "'");
        return byDefault;
    }

    private JournalLimits journal(Section file) {
        Section conflicts = file.section("conflicts");
        if (conflicts == null) {
            return JournalLimits.DEFAULT;
        }
        conflicts.known("keep", "rows");
        int rows = conflicts.number("rows", JournalLimits.DEFAULT.rows(), 1, JOURNAL_ROWS_MAX);
        Scalar keep = conflicts.text("keep", "keep: 7d");
        if (keep == null) {
            return new JournalLimits(JournalLimits.DEFAULT.keep(), rows);
        }
        Duration duration = Durations.parse(keep.value()).orElse(Duration.ZERO);
        if (duration.compareTo(JOURNAL_KEEP_MIN) < 0 || duration.compareTo(JOURNAL_KEEP_MAX) > 0) {
            problems.error(
                    keep.at(),
                    "keep '" + keep.shown() + "' is no time between 1m and 3650d",
                    "write a number and m, h or d, as in 'keep: 7d'");
        }
        return new JournalLimits(duration, rows);
    }

    private static SequencedMap<String, Region> complete(Map<String, @Nullable Region> regions) {
        SequencedMap<String, Region> complete = new LinkedHashMap<>();
        regions.forEach((name, region) -> {
            if (region != null) {
                complete.put(name, region);
            }
        });
        return complete;
    }
}
