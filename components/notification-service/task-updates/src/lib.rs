//! Consumes the topic task-updates.

rondo_spin::component!(rondo_web_api::task_updates::TaskUpdates);
