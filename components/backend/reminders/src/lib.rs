//! Reminders: made, found, called off, put off.

rondo_spin::component!(rondo_web_api::reminders::Reminders);
