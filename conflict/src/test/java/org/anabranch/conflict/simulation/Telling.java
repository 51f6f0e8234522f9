package org.anabranch.conflict.simulation;

import java.util.stream.Collectors;
import org.anabranch.conflict.Answer;
import org.anabranch.conflict.Stamp;
import org.anabranch.conflict.Values;
import org.anabranch.conflict.simulation.Database.Version;
import org.jspecify.annotations.Nullable;

/** Short words for a story. */
final class Telling {

    private Telling() {}

    static String of(Stamp stamp) {
        return stamp.origin() + "@" + stamp.hybridMicros() + (stamp.number() == 0 ? "" : "." + stamp.number());
    }

    static String of(@Nullable Values row) {
        return row == null ? "no row" : row.toString();
    }

    static String of(Answer answer) {
        String context = answer.context().stamps().stream().map(Telling::of).collect(Collectors.joining(" "));
        return of(answer.row().orElse(null)) + " (of " + context + ", seen " + answer.seenMicros() + ")";
    }

    static String of(@Nullable Version version) {
        if (version == null) {
            return "no row";
        }
        return version.row()
                + (version.byApplier() ? " by the applier" : " written locally at " + version.commitMicros());
    }
}
