//! Keeps what people were told, for backend to ask for.

rondo_spin::component!(rondo_web_api::notifications::Inbox);
