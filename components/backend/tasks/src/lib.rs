//! Tasks: create, read, change, complete, delete, find, in bulk.

rondo_spin::component!(rondo_web_api::tasks::Tasks);
