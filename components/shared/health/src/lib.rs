//! Alive, ready, and what the database knows as Prometheus metrics.

rondo_spin::component!(rondo_web_api::health::Health);
