package org.anabranch.capture;

import java.util.function.Predicate;
import org.anabranch.schemas.TableName;

/**
 * One entry of the configuration's tables.
 *
 * @param text as it is written there, a name or a glob
 * @param matches whether it means a table
 */
public record TablePattern(String text, Predicate<TableName> matches) {}
