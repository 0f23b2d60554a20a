//! All tasks out, as JSON, CSV or iCalendar.

rondo_spin::component!(rondo_web_api::transfer::Export);
