/**
 * What a node says by HTTP: metrics, health, the status of all regions as JSON and as events, and the console. {@link
 * org.anabranch.node.http.HttpPart} is where to start reading.
 */
@NullMarked
package org.anabranch.node.http;

import org.jspecify.annotations.NullMarked;
