//! Arms and disarms series as their events say.

rondo_spin::component!(rondo_web_api::occurrences::TaskEvents);
