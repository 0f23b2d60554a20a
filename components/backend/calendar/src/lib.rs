//! Calendar feeds: private addresses that calendar programs read.

rondo_spin::component!(rondo_web_api::calendar_feed::CalendarFeeds);
