//! Recurring tasks: series, their instances, previews of rules.

rondo_spin::component!(rondo_web_api::recurring::Recurring);
