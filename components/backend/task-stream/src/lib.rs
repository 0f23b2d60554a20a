//! Server-Sent Events of what changes.

rondo_spin::component!(rondo_web_api::stream::TaskStream);
