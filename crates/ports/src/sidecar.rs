//! The sidecar: what Rondo asks of Dapr.

use jiff::Timestamp;

/// The sidecar, reached by its HTTP API (<https://docs.dapr.io/reference/api/>).
pub trait Sidecar {
    /// Publishes `messages` and says for each whether the broker has it. Those with one key arrive in their order.
    fn publish(&self, messages: &[Message]) -> impl Future<Output = Vec<Result<(), SidecarError>>>;

    /// Sees to it that the job `name` is registered with this description, `job`, unless there is one of that name.
    /// It is called back at `POST /job/{name}`.
    ///
    /// # Errors
    /// See [`SidecarError`].
    fn ensure_job(&self, name: &str, job: &serde_json::Value)
    -> impl Future<Output = Result<Registered, SidecarError>>;

    /// Registers `jobs`, each in the place of the job that had its name, if there was one; says for each whether the
    /// sidecar has it. A callback that fails is repeated until it succeeds or the job is deleted or replaced.
    fn set_alarms(&self, jobs: &[Alarm]) -> impl Future<Output = Vec<Result<(), SidecarError>>>;

    /// Whether it answers.
    ///
    /// # Errors
    /// See [`SidecarError`].
    fn ping(&self) -> impl Future<Output = Result<(), SidecarError>>;

    /// Sees to it that there is no job `name`.
    ///
    /// # Errors
    /// See [`SidecarError`].
    fn delete_job(&self, name: &str) -> impl Future<Output = Result<(), SidecarError>>;

    /// Has the app `app` answer a request, once: it may or may not have come there where an error is returned.
    ///
    /// # Errors
    /// See [`SidecarError`]. The app is unknown, away, or in trouble itself (5xx): its own sidecar says these alike.
    fn invoke(&self, app: &str, request: &Invocation<'_>) -> impl Future<Output = Result<Invoked, SidecarError>>;
}

/// What an app is asked by another (<https://docs.dapr.io/reference/api/service_invocation_api/>).
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The path there, with its query, from the first `/` on.
    pub target: &'a str,
    /// What is sent with it, by POST; `None`: it is a GET.
    pub body: Option<&'a serde_json::Value>,
    /// The request that it is done for.
    pub request_id: &'a str,
}

/// What an app answered: anything below 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoked {
    /// The HTTP status.
    pub status: u16,
    /// The body, as it came.
    pub body: Vec<u8>,
}

/// A job that is called back once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name: it is called back at `POST /job/{name}`. None of `/ ? # \`.
    pub name: String,
    /// When; at once, if that is past.
    pub due: Timestamp,
    /// What the callback brings, and nothing else. Numbers pass through doubles, so ids are strings.
    pub data: serde_json::Value,
}

impl Alarm {
    /// The job as the sidecar is told of it (<https://docs.dapr.io/reference/api/jobs_api/>).
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "dueTime": self.due.to_string(),
            "data": self.data,
            "overwrite": true,
            // Without maxRetries it is never given up.
            "failurePolicy": { "constant": { "interval": "2s" } },
        })
    }
}

/// A CloudEvent for a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic.
    pub topic: String,
    /// What decides the partition: messages with one key keep their order.
    pub partition_key: String,
    /// The event as JSON (CloudEvents 1.0, structured mode).
    pub cloud_event: String,
}

/// What became of a job that was to be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It is new.
    New,
    /// There was one of that name.
    Before,
}

/// Why the sidecar did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// It can't be reached. Worth another try.
    #[error("the sidecar is away: {0}")]
    Away(String),
    /// It answered with an error.
    #[error("the sidecar answered {status}: {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said.
        body: String,
    },
}
