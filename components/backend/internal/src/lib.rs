//! What notification-service asks about a reminder that is due.

rondo_spin::component!(rondo_web_api::internal::Internal);
