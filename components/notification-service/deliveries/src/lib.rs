//! Sends notifications by web push, webhook and e-mail.

rondo_spin::component!(rondo_web_api::deliveries::Deliveries);
