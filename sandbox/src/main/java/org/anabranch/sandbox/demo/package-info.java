/**
 * {@code anabranch demo}: three regions on this machine, a small shop under load, and a view of how far behind each region
 * is. {@link org.anabranch.sandbox.demo.Demo} is where to start reading.
 */
@NullMarked
package org.anabranch.sandbox.demo;

import org.jspecify.annotations.NullMarked;
