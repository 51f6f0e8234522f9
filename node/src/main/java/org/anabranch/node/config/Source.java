package org.anabranch.node.config;

import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * What every part of the reading needs.
 *
 * @param file the file's name, for positions
 * @param problems what was found so far
 * @param placeholders resolves texts
 */
record Source(String file, Problems problems, Placeholders placeholders) {

    /** The path of the outermost section. */
    static final String ROOT = "the file";

    Position position(Node node) {
        return node.getStartMark().map(this::position).orElse(Position.wholeFile(file));
    }

    Position position(Mark mark) {
        return new Position(file, mark.getLine() + 1, mark.getColumn() + 1);
    }
}
