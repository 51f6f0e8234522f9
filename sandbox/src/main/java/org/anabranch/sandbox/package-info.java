/**
 * Regions on one machine: PostgreSQL servers, Kafka brokers and Java programs as child processes that can be killed, paused and
 * started again on the same data, and TCP proxies between them. Linux on x86-64 only. Made for the demo, tests and benchmarks:
 * data survives the SIGKILL of any process, but not a crash of the machine.
 */
@NullMarked
package org.anabranch.sandbox;

import org.jspecify.annotations.NullMarked;
