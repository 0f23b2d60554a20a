//! Consumes the topic reminders: people are told.

rondo_spin::component!(rondo_web_api::reminder_events::ReminderEvents);
