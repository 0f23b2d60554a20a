//! Structured logs: one JSON object a line, on standard error.
//!
//! [`init`] sets up the subscriber. What components print becomes lines as well: a line that is a JSON object keeps its
//! fields and gets those that it lacks (`timestamp`, `service`, `component`, `request_id`, `traceparent`).

use std::fmt;
use std::io::Write as _;
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::guest::RequestContext;

/// What is logged unless `RUST_LOG` says otherwise: of the requests only those that failed or were slow.
const DEFAULT_FILTER: &str = "info,rondo::access=warn,wasmtime_wasi_http=error";

const QUIET_FILTER: &str = "warn,wasmtime_wasi_http=error";

/// The target of the line that each request leaves; `RUST_LOG=info,rondo::access=info` shows all of them.
pub const ACCESS: &str = "rondo::access";

/// The longest line of a component; more is split.
const LINE_BYTES: usize = 16 << 10;

/// Sets up logging for the process. A second call changes nothing.
pub fn init() {
    init_with(DEFAULT_FILTER);
}

/// Sets up logging for a process whose standard error a person reads: what is well is not told, unless `RUST_LOG` says so.
pub fn init_quietly() {
    init_with(QUIET_FILTER);
}

fn init_with(default_filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).event_format(JsonLines).finish();
    // Whoever was first, such as another test of the process, has set up the same.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields(Map::new());
        fields.0.insert("timestamp".to_owned(), now());
        fields.0.insert("level".to_owned(), json!(event.metadata().level().as_str()));
        fields.0.insert("target".to_owned(), json!(event.metadata().target()));
        event.record(&mut fields);
        writeln!(writer, "{}", Value::Object(fields.0))
    }
}

fn now() -> Value {
    Value::String(format!("{:.6}", jiff::Timestamp::now()))
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

/// Where a component prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// An output of a component, of which each line becomes a line of the log.
pub struct LineLog {
    request: Arc<RequestContext>,
    stream: GuestStream,
}

impl LineLog {
    /// An output of a component that works on a request.
    pub fn new(request: Arc<RequestContext>, stream: GuestStream) -> Self {
        Self { request, stream }
    }
}

impl IsTerminal for LineLog {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LineLog {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(LineWriter { request: Arc::clone(&self.request), stream: self.stream, line: Vec::new() })
    }
}

struct LineWriter {
    request: Arc<RequestContext>,
    stream: GuestStream,
    line: Vec<u8>,
}

impl LineWriter {
    fn end_line(&mut self) {
        let line = mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if !text.is_empty() {
            log_guest_line(&self.request, self.stream, text);
        }
    }
}

impl OutputStream for LineWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() > LINE_BYTES {
                self.end_line();
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LINE_BYTES)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LineWriter {
    async fn ready(&mut self) {}
}

/// The last line may have no end.
impl Drop for LineWriter {
    fn drop(&mut self) {
        self.end_line();
    }
}

fn log_guest_line(request: &RequestContext, stream: GuestStream, line: &str) {
    let component = &request.component;
    let (id, trace) = (request.request_id.as_str(), request.traceparent.to_str().unwrap_or_default());
    let structured = if line.starts_with('{') { serde_json::from_str::<Map<String, Value>>(line).ok() } else { None };
    let Some(mut fields) = structured else {
        let service = &component.app_id;
        match stream {
            GuestStream::Stdout => {
                tracing::info!(service, component = component.id, request_id = id, traceparent = trace, "{line}")
            }
            GuestStream::Stderr => {
                tracing::warn!(service, component = component.id, request_id = id, traceparent = trace, "{line}")
            }
        }
        return;
    };
    let level = fields.get("level").and_then(Value::as_str).and_then(|level| level.parse::<Level>().ok());
    if level.unwrap_or(Level::INFO) > tracing::level_filters::LevelFilter::current() {
        return;
    }
    for (name, value) in [
        ("timestamp", now()),
        ("level", json!("INFO")),
        ("service", json!(component.app_id)),
        ("component", json!(component.id)),
        ("request_id", json!(id)),
        ("traceparent", json!(trace)),
    ] {
        fields.entry(name).or_insert(value);
    }
    let _ = writeln!(std::io::stderr().lock(), "{}", Value::Object(fields));
}
