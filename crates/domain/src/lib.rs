//! What Rondo is about: tasks, tags, users, and which values they may have.
//!
//! Pure: no I/O, no clock, no randomness; what is needed of those comes in as an argument. Parsing is the only way
//! in, so a value of one of these types is a right one.
//!
//! Read [`task`] first, then [`series`] (what recurs), [`reminder`], [`listing`] (finding tasks) and [`user`].

pub mod delivery;
pub mod ids;
pub mod listing;
pub mod notification;
pub mod reminder;
pub mod series;
pub mod tag;
pub mod task;
pub mod text;
pub mod time;
pub mod user;

/// Why a value can't be taken. The text is for the person who sent it: what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(String);

impl ValueError {
    /// An error that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}
