package org.anabranch.node.config;

import java.util.List;
import java.util.Locale;

/** What to do with a row that a target table refuses for good. */
public enum OnError {
    /** Put it aside, and what follows of its key; the others go on. */
    QUARANTINE,
    /** Stop the region's applier before it, until it goes through. */
    STOP;

    /** What a section says; after a problem, and where it says nothing, what holds otherwise. */
    static OnError read(Section section, Problems problems, OnError otherwise) {
        Scalar given = section.text("onError", "onError: stop");
        if (given == null) {
            return otherwise;
        }
        for (OnError known : values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(given.value())) {
                return known;
            }
        }
        Words.notOneOf(problems, "value of onError", given, List.of("quarantine", "stop"));
        return otherwise;
    }
}
