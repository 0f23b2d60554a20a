//! The seams: what Rondo's code asks of whatever runs it. Each has two implementations, `rondo-spin` inside a
//! component and `rondo-native` in tests and on the command line.
//!
//! The futures need not be `Send`: a component has one thread, and natively a request stays on its own.

mod http;
mod sidecar;
mod sql;

use jiff::Timestamp;

pub use http::{Answer, Http, HttpError, Outbound};
pub use sidecar::{Alarm, Invocation, Invoked, Message, Registered, Sidecar, SidecarError};
pub use sql::{Document, Sql, SqlError, despite_deadlocks};

/// The wall clock.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits until `instant`.
    fn sleep_until(&self, instant: Timestamp);
}

/// Random bytes that nobody can guess.
pub trait Entropy {
    /// Fills `buffer`.
    fn fill(&self, buffer: &mut [u8]);

    /// As many random bytes as are asked for.
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        self.fill(&mut buffer);
        buffer
    }
}

/// What the operator set.
pub trait Settings {
    /// The value of the variable `name`.
    ///
    /// # Errors
    /// The component is not given that variable.
    fn variable(&self, name: &str) -> Result<String, MissingVariable>;
}

/// A variable that the operator has not set, or that spin.toml does not give to the component.
#[derive(Debug, thiserror::Error)]
#[error("the variable {0} is not set: give it in spin.toml's [component.….variables]")]
pub struct MissingVariable(pub String);

/// The files that come with a component, read-only.
pub trait Files {
    /// The content of the file at `path` (relative, with `/`), if there is one.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// Everything at once: what an endpoint may ask for.
pub trait Platform: Sql + Sidecar + Http + Clock + Entropy + Settings + Files {}

impl<P: Sql + Sidecar + Http + Clock + Entropy + Settings + Files> Platform for P {}
