-- The yardstick and pgbench leave their events in the outbox, and the right to relay them with nobody.
-- The rows of event_sequences first, as every relay takes its locks.
update event_sequences set relay_by = null, relay_until = null;
update outbox set published_at = now() where published_at is null;
