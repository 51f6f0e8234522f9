package org.anabranch.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.anabranch.node.config.Pipeline;
import org.anabranch.node.config.Region;
import org.anabranch.node.region.ChangeTail;
import org.anabranch.schemas.Change;
import org.anabranch.schemas.RecordKey;
import org.anabranch.schemas.Row;
import org.anabranch.schemas.TableName;
import org.anabranch.schemas.TableSchema;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Shows changes as they pass through a region's Kafka. */
@CommandLine.Command(
        name = "tail",
        description = {
            "Print changes as they pass through a region's Kafka, one JSON object a line, until Ctrl-C.",
            "Values are PostgreSQL's own text; a value that did not travel (an unchanged large one) is left out."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  anabranch tail --region eu",
            "  anabranch tail --region eu --table public.orders --from-beginning --limit 10",
            "  anabranch tail --region hub | jq 'select(.operation == \"delete\")'"
        })
final class TailCommand extends Command {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--region", required = true, paramLabel = "NAME", description = "The region whose Kafka is read.")
    private String region = "";

    @Option(names = "--table", paramLabel = "TABLE", description = "Only this table, or those that match a glob.")
    private @Nullable String table;

    @Option(names = "--from-beginning", description = "Begin with the oldest change that Kafka still has.")
    private boolean fromBeginning;

    @Option(names = "--limit", paramLabel = "N", description = "End after so many changes.")
    private long limit = Long.MAX_VALUE;

    @Override
    protected ExitCode run(Output output) throws Exception {
        Pipeline pipeline = configuration().pipeline();
        Region read = Regions.named(pipeline, region);
        Predicate<TableName> tables = TableOption.predicate(table);
        AtomicLong left = new AtomicLong(limit);
        try (ChangeTail tail = new ChangeTail(read, pipeline.writers(), fromBeginning)) {
            tail.follow(() -> left.get() > 0, (key, change, schema) -> {
                if (tables.test(key.table())) {
                    output.line(line(key, change, schema));
                    left.decrementAndGet();
                }
            });
            return ExitCode.OK;
        } catch (TimeoutException e) {
            throw Regions.unreachable(
                    region, String.valueOf(e.getMessage()), "start the broker, or correct kafka.bootstrap");
        }
    }

    static String line(RecordKey key, Change change, @Nullable TableSchema schema) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("table", key.table().toString());
        line.put("operation", change.operation().name().toLowerCase(Locale.ROOT));
        line.put("key", key.values());
        line.put("origin", change.origin());
        line.put("committedAt", instant(change.commitMicros()).toString());
        line.put("stamp", List.of(change.hybridMicros(), change.number()));
        putRow(line, "before", change.before(), schema);
        putRow(line, "after", change.after(), schema);
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers can be written as JSON", e);
        }
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static void putRow(Map<String, Object> line, String name, @Nullable Row row, @Nullable TableSchema schema) {
        if (row == null) {
            return;
        }
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        for (int i = 0; i < row.size(); i++) {
            if (!row.isUnchanged(i)) {
                values.put(
                        schema == null
                                ? "column " + (i + 1)
                                : schema.columns().get(i).name(),
                        row.text(i));
            }
        }
        line.put(name, values);
    }
}
