-- pgbench leaves its events in the outbox, and so does a server that ends in the middle of many; who relayed them is no more.
-- The rows of event_sequences first, as every relay takes its locks.
update event_sequences set relay_by = null, relay_until = null;
update outbox set published_at = now() where published_at is null;
