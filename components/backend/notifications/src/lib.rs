//! What people were told: list, read.

rondo_spin::component!(rondo_web_api::notifications::Notifications);
