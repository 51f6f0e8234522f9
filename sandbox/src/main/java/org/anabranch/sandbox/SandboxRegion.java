package org.anabranch.sandbox;

/** One region: its PostgreSQL server and its Kafka cluster. */
public record SandboxRegion(String name, PostgresServer postgres, KafkaBroker kafka) {}
