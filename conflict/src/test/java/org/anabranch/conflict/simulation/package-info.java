/**
 * The protocol between regions that all write the same few rows, run step by step on one thread in an order that a seed chooses:
 * the merge, the resolver, the hybrid clock and the guard themselves, and models of what is around them.
 */
package org.anabranch.conflict.simulation;
