//! Makes the occurrences of series when their jobs call, and reconciles.

rondo_spin::component!(rondo_web_api::occurrences::Occurrences);
