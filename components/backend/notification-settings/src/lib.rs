//! By which channels people are told, and when not.

rondo_spin::component!(rondo_web_api::notification_settings::NotificationSettings);
