package org.anabranch.replicator;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Pattern;
import org.anabranch.conflict.ColumnPolicy;
import org.anabranch.schemas.Finding;
import org.jspecify.annotations.Nullable;

/**
 * The user's own merge policies that a class path has.
 *
 * @param byName those that can be used
 * @param findings what is wrong with others
 */
public record OwnPolicies(Map<String, ColumnPolicy> byName, List<Finding> findings) {

    public static final OwnPolicies NONE = new OwnPolicies(Map.of(), List.of());

    private static final String WHERE = "class path";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final Set<String> TAKEN = Set.of(
            "last-writer-wins", "last-writer-wins-per-column", "prefer", "counter", "set", "min", "max", "default");

    /** More than anybody has; a class path that cannot be read at all would fail again and again. */
    private static final int POLICIES_MAX = 1_000;

    public OwnPolicies {
        byName = Map.copyOf(byName);
        findings = List.copyOf(findings);
    }

    /** Loads them; what cannot be loaded is told and left out. */
    public static OwnPolicies load(ClassLoader classPath) {
        Map<String, ColumnPolicy> byName = new LinkedHashMap<>();
        List<Finding> findings = new ArrayList<>();
        Iterator<ColumnPolicy> found =
                ServiceLoader.load(ColumnPolicy.class, classPath).iterator();
        for (int i = 0; i < POLICIES_MAX; i++) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                add(found.next(), byName, findings);
            } catch (ServiceConfigurationError | LinkageError e) {
                findings.add(Finding.error(
                        WHERE,
                        "a merge policy cannot be loaded: " + reason(e),
                        "mend its jar, or take it off the class path"));
            }
        }
        return new OwnPolicies(byName, findings);
    }

    private static void add(ColumnPolicy policy, Map<String, ColumnPolicy> byName, List<Finding> findings) {
        String type = policy.getClass().getName();
        String name;
        try {
            name = policy.name();
        } catch (RuntimeException | LinkageError e) {
            findings.add(
                    Finding.error(WHERE, "merge policy " + type + " has no name: " + reason(e), "mend its name()"));
            return;
        }
        String problem = problem(name, byName);
        if (problem == null) {
            byName.put(name, policy);
        } else {
            findings.add(Finding.error(
                    WHERE,
                    "merge policy " + type + " is named '" + name + "', " + problem,
                    "give it another name, of lower-case letters, digits and -, as in 'highest-bid'"));
        }
    }

    private static @Nullable String problem(@Nullable String name, Map<String, ColumnPolicy> byName) {
        if (name == null || !NAME.matcher(name).matches()) {
            return "which is no name";
        }
        if (TAKEN.contains(name)) {
            return "and that word has a meaning already";
        }
        ColumnPolicy other = byName.get(name);
        return other == null ? null : "and so is " + other.getClass().getName();
    }

    private static String reason(Throwable e) {
        return e.getCause() == null ? message(e) : message(e) + " (" + message(e.getCause()) + ")";
    }

    private static String message(Throwable e) {
        return e instanceof ServiceConfigurationError && e.getMessage() != null ? e.getMessage() : e.toString();
    }
}
