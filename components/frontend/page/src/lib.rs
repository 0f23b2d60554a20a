//! Serves the page.

rondo_spin::component!(rondo_web_api::page::Page);
