//! The whole, from outside: the real components in the real host on a real Postgres, with the embedded sidecar or on the real lane.
//!
//! Modules mirror the routes; `events` follows what changes into the topics, `openapi` holds the document and the replies
//! together, `faults` breaks things. Read `support` (`tests/src`) first. Each test has an application and a database of its own, or on the lane
//! shares them and looks at what is its own.

mod auth;
mod auth_me;
mod auth_tokens;
mod calendar;
mod calendar_transfer;
mod channels;
mod components;
mod events;
mod events_consumed;
mod faults;
mod idempotency;
mod notification_settings;
mod notifications;
mod occurrences;
mod openapi;
mod recurrence;
mod recurring;
mod recurring_change;
mod recurring_instances;
mod reminders;
mod service;
mod tags;
mod tasks;
mod tasks_bulk;
mod tasks_change;
mod tasks_list;
mod tasks_search;
mod tasks_stream;
mod tasks_transfer;
