"""From the outbox to Kafka: what a transaction left to be published is published, in order, at least once."""
