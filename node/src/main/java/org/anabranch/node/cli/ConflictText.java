package org.anabranch.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.anabranch.node.cli.ConflictsCommand.Found;
import org.anabranch.node.region.ConflictDocument;
import org.anabranch.schemas.ConflictRecord;
import org.anabranch.schemas.ConflictRecord.Loss;
import org.anabranch.schemas.ConflictRecord.Side;
import org.anabranch.schemas.Json;

/** A conflict for people, and for programs. */
final class ConflictText {

    private static final int SHOWN_CHARACTERS_MAX = 100;

    private ConflictText() {}

    static List<String> lines(Found found) {
        ConflictRecord conflict = found.recorded().conflict();
        List<String> lines = new ArrayList<>();
        lines.add(time(conflict.later().commitMicros()) + "  "
                + found.recorded().table() + "  key " + shown(found.recorded().key())
                + ": " + said(conflict.later()) + ", not having seen that " + said(conflict.earlier()) + " at "
                + time(conflict.earlier().commitMicros()));
        for (Loss loss : conflict.losses()) {
            boolean laterWon = loss.winner().equals(conflict.later().stamp().origin());
            Side winner = laterWon ? conflict.later() : conflict.earlier();
            Side loser = laterWon ? conflict.earlier() : conflict.later();
            if (loss.columns().isEmpty()) {
                lines.add("    row: " + whole(winner) + " won over " + whole(loser) + " (" + loss.policy() + ")");
            }
            for (String column : loss.columns()) {
                lines.add("    " + shown(column) + ": " + value(winner, column) + " of "
                        + winner.stamp().origin() + " won over " + value(loser, column) + " of "
                        + loser.stamp().origin() + " (" + loss.policy() + ")");
            }
        }
        return lines;
    }

    private static String said(Side side) {
        return side.stamp().origin() + (side.isDelete() ? " deleted it" : " wrote it");
    }

    private static String whole(Side side) {
        return (side.isDelete() ? "the delete" : shown(side.row())) + " of "
                + side.stamp().origin();
    }

    private static String value(Side side, String column) {
        JsonNode value = ConflictDocument.row(side).path(column);
        return value.isTextual() ? "'" + shown(value.asText()) + "'" : "NULL";
    }

    /** In one line, and without what a terminal would obey. */
    private static String shown(String text) {
        String oneLine = text.replaceAll("\\p{Cntrl}", " ");
        return oneLine.length() <= SHOWN_CHARACTERS_MAX ? oneLine : oneLine.substring(0, SHOWN_CHARACTERS_MAX) + "...";
    }

    private static String time(long micros) {
        return instant(micros)
                .truncatedTo(ChronoUnit.MILLIS)
                .toString()
                .replace("T", " ")
                .replace("Z", "");
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    static String json(Found found) {
        return new String(Json.write(ConflictDocument.of(found.recorded(), found.regions())), StandardCharsets.UTF_8);
    }
}
