//! Registration, sessions, the user's profile and personal API tokens.

rondo_spin::component!(rondo_web_api::auth::Auth);
