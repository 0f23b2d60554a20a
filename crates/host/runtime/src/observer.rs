//! The seam at which tests watch, and stop, what a component does to the world.

/// Is told of every database and HTTP call of a component, before and after it, and may end the component there.
pub trait ImportObserver: Send + Sync + 'static {
    /// The call is about to be made; a trap means that it never is.
    fn before(&self, _call: &ImportCall<'_>) -> Directive {
        Directive::Proceed
    }

    /// The call has had its effect; a trap means that the component never learns of it.
    fn after(&self, _call: &ImportCall<'_>) -> Directive {
        Directive::Proceed
    }
}

/// What becomes of a component at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directive {
    /// It goes on.
    Proceed,
    /// It traps.
    Trap,
}

/// A call of a component to the world.
#[derive(Debug)]
pub struct ImportCall<'a> {
    /// Who calls.
    pub component: &'a str,
    /// For which request.
    pub request_id: &'a str,
    /// The number of the call within the request, from 0.
    pub index: u32,
    /// What is called.
    pub kind: ImportKind<'a>,
}

/// What a component calls.
#[derive(Debug)]
pub enum ImportKind<'a> {
    /// A query to Postgres.
    Query {
        /// Its SQL.
        statement: &'a str,
    },
    /// A statement to Postgres of which no rows are wanted.
    Execute {
        /// Its SQL.
        statement: &'a str,
    },
    /// An HTTP request, be it to the network, the sidecar or another component.
    Http {
        /// Its method.
        method: &'a http::Method,
        /// Its URI.
        uri: &'a http::Uri,
    },
}

/// Watches nothing.
pub struct Unobserved;

impl ImportObserver for Unobserved {}
