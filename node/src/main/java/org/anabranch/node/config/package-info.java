/** The one configuration file: read as a whole, with every problem at its position, before anything is touched. */
@NullMarked
package org.anabranch.node.config;

import org.jspecify.annotations.NullMarked;
