//! How a start tells a waiting person what it is doing.

/// Hears, in plain words, what takes time during a start.
pub trait Progress: Send + Sync {
    /// One line, such as `Fetching PostgreSQL 17.11.0 (15 MB, once)`.
    fn step(&self, what: &str);
}

impl<F: Fn(&str) + Send + Sync> Progress for F {
    fn step(&self, what: &str) {
        self(what);
    }
}

/// Says nothing: for tests and for commands that print only their result.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _what: &str) {}
}
