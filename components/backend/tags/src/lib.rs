//! Tags: list, rename, merge, delete.

rondo_spin::component!(rondo_web_api::tags::Tags);
