/** The commands: what they share, how they end, and what they log. */
@NullMarked
package org.anabranch.node.cli;

import org.jspecify.annotations.NullMarked;
