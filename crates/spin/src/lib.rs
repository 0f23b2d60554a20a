//! spin
