//! Tasks out and in as JSON and CSV.

rondo_spin::component!(rondo_web_api::transfer::Transfer);
