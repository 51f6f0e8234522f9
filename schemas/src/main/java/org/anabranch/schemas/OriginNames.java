package org.anabranch.schemas;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The names of origins as one string each: there are few, and every stamp names one. They are found by their bytes, so that
 * nothing is made of a name that was read before. Not thread-safe.
 */
final class OriginNames {

    /** Regions are fewer; against damaged bytes. */
    private static final int KEPT_MAX = 64;

    private final List<byte[]> encoded = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    String name(byte[] buffer, int from, int to) {
        for (int i = 0; i < encoded.size(); i++) {
            byte[] known = encoded.get(i);
            if (Arrays.equals(known, 0, known.length, buffer, from, to)) {
                return names.get(i);
            }
        }
        String name = new String(buffer, from, to - from, StandardCharsets.UTF_8);
        if (names.size() < KEPT_MAX) {
            encoded.add(Arrays.copyOfRange(buffer, from, to));
            names.add(name);
        }
        return name;
    }
}
