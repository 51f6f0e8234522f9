package org.anabranch.conflict.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything that chance decided in a run: for its beginning and then for each step, the choices that were made. What is left out
 * of it can be run too: a choice that is missing is 0, and after the last step all parts only do what is still to be done.
 */
public record Schedule(List<List<Integer>> steps) {

    public Schedule {
        steps = List.copyOf(steps);
    }

    public int size() {
        return steps.size();
    }

    int choice(int step, int index) {
        boolean isThere = step < steps.size() && index < steps.get(step).size();
        return isThere ? steps.get(step).get(index) : 0;
    }

    Schedule without(int from, int to) {
        List<List<Integer>> left = new ArrayList<>(steps.subList(0, from));
        left.addAll(steps.subList(to, steps.size()));
        return new Schedule(left);
    }

    Schedule with(int step, int index, int choice) {
        List<Integer> choices = new ArrayList<>(steps.get(step));
        choices.set(index, choice);
        List<List<Integer>> changed = new ArrayList<>(steps);
        changed.set(step, List.copyOf(choices));
        return new Schedule(changed);
    }
}
