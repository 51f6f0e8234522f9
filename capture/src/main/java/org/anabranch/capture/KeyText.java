package org.anabranch.capture;

import java.util.function.UnaryOperator;

final class KeyText {
    private KeyText() {}

    static UnaryOperator<String> canonical(String type) {
        return t -> t;
    }
}
