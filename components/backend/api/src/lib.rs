//! The OpenAPI document, and the 404 of the API.

rondo_spin::component!(rondo_web_api::api::Api);
