//! Marks reminders as due when their jobs call, and reconciles.

rondo_spin::component!(rondo_web_api::reminders::ReminderJobs);
