//! Publishes what a crash left in the outbox, and forgets what is old.

rondo_spin::component!(rondo_web_api::outbox_sweep::OutboxSweep);
