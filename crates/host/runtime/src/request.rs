//! One request of one component, from its head to the end of the work on it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body::Body;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{Error, WasiHttpView};

use crate::component::Loaded;
use crate::engine;
use crate::guest::{Guest, RequestContext};
use crate::headers;
use crate::host::Shared;
use crate::logging::ACCESS;
use crate::problem::Problem;
use crate::request_body::LimitedBody;
use crate::request_id::{RequestId, ensure_traceparent};
use crate::response::{Failure, GuestRun, ResponseBody, WhenAbandoned};

/// A response up to this size is sent in one piece when the component makes it in one go.
const GATHERED_BYTES: usize = 64 << 10;

/// A request with all its headers set.
pub struct Incoming<B> {
    /// The request.
    pub request: Request<B>,
    /// Its id.
    pub request_id: RequestId,
}

type Reply = Result<Response<HyperOutgoingBody>, ErrorCode>;

/// Has a component answer a request.
pub async fn answer<B>(shared: Arc<Shared>, component: Arc<Loaded>, mut incoming: Incoming<B>) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let start = Instant::now();
    let traceparent = ensure_traceparent(incoming.request.headers_mut());
    let method = incoming.request.method().clone();
    let path = headers::path_to_log(&incoming.request, component.secret_paths).to_owned();
    let context = Arc::new(RequestContext::new(shared, component, incoming.request_id, traceparent));
    let response = match attempt(&context, incoming.request).await {
        Ok(response) => response,
        Err(problem) => problem.response(&context.request_id),
    };
    record(&context, &method, &path, &response, start);
    response
}

async fn attempt<B>(context: &Arc<RequestContext>, request: Request<B>) -> Result<Response<ResponseBody>, Problem>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let shared = &context.shared;
    let limit = shared.limits.request_body_bytes;
    if declared_length(&request).is_some_and(|length| length > limit) {
        return Err(Problem::TooLarge);
    }
    let permit = Arc::clone(&shared.instances).try_acquire_owned().map_err(|_| Problem::Busy)?;
    let is_overrun = Arc::new(AtomicBool::new(false));
    let overrun = Arc::clone(&is_overrun);
    let request = request.map(|body| LimitedBody::new(body, limit, overrun));
    let (reply, replied) = oneshot::channel();
    let work = work(Arc::clone(context), request, reply, permit);
    let when_abandoned = if context.component.stream { WhenAbandoned::Drop } else { WhenAbandoned::Finish };
    let run = GuestRun::new(work, when_abandoned, shared.tasks.clone());
    let response = gather(context, run, replied).await;
    // Whatever the component made of the half of a body, the reason is that there was more.
    if is_overrun.load(Ordering::Relaxed) { Err(Problem::TooLarge) } else { response }
}

fn declared_length<B>(request: &Request<B>) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Drives the component until its response begins, and on until it would have to be waited for: so a response made in one
/// go, which is most of them, goes out in one piece and with its length.
async fn gather(
    context: &Arc<RequestContext>,
    mut run: GuestRun,
    mut replied: oneshot::Receiver<Reply>,
) -> Result<Response<ResponseBody>, Problem> {
    let mut ended = None;
    let reply = poll_fn(|task| {
        if ended.is_none()
            && let Poll::Ready(result) = run.poll(task)
        {
            ended = Some(result);
        }
        Pin::new(&mut replied).poll(task)
    });
    let reply = reply.await;
    let (parts, mut body) = match (reply, ended) {
        (_, Some(Err(Failure::TimedOut))) => return Err(Problem::TimedOut),
        (_, Some(Err(Failure::Trapped))) | (Err(_), _) => return Err(Problem::Failed),
        (Ok(Err(code)), _) => {
            tracing::error!(
                component = context.component.id,
                request_id = context.request_id.as_str(),
                ?code,
                "the component answers with an error"
            );
            return Err(Problem::Failed);
        }
        (Ok(Ok(response)), _) => response.into_parts(),
    };
    let mut ready = VecDeque::new();
    let state = poll_fn(|task| Poll::Ready(pump(task, &mut run, &mut body, &mut ready))).await;
    let body = match state {
        Pumped::Failed(problem) => return Err(problem),
        Pumped::Whole => ResponseBody::parts(ready),
        Pumped::Flowing => {
            let stops = context.component.stream.then(|| context.shared.stopping.clone().cancelled_owned());
            ResponseBody::streaming(ready, body, run, stops)
        }
    };
    Ok(Response::from_parts(parts, body))
}

enum Pumped {
    /// The body is complete.
    Whole,
    /// The component is waiting for something, or there is enough to send.
    Flowing,
    /// The component failed before anything was sent.
    Failed(Problem),
}

/// Moves what the component makes into the response for as long as there is something without waiting.
fn pump(
    task: &mut Context<'_>,
    run: &mut GuestRun,
    body: &mut HyperOutgoingBody,
    ready: &mut VecDeque<Bytes>,
) -> Pumped {
    let mut bytes = 0;
    loop {
        match run.poll(task) {
            Poll::Ready(Err(Failure::TimedOut)) => return Pumped::Failed(Problem::TimedOut),
            Poll::Ready(Err(Failure::Trapped)) => return Pumped::Failed(Problem::Failed),
            _ => {}
        }
        match Pin::new(&mut *body).poll_frame(task) {
            Poll::Ready(None) => return Pumped::Whole,
            Poll::Ready(Some(Err(_))) => return Pumped::Failed(Problem::Failed),
            Poll::Pending => return Pumped::Flowing,
            Poll::Ready(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    bytes += data.len();
                    ready.push_back(data);
                }
            }
        }
        if bytes > GATHERED_BYTES {
            return Pumped::Flowing;
        }
    }
}

/// Everything that a component does for a request, within its time.
async fn work<B>(
    context: Arc<RequestContext>,
    request: Request<LimitedBody<B>>,
    reply: oneshot::Sender<Reply>,
    permit: OwnedSemaphorePermit,
) -> Result<(), Failure>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let _live = Live::new(&context, permit);
    let run = killable(&context, engine::in_turns(run(Arc::clone(&context), request, reply)));
    let result = if context.component.stream {
        Some(run.await)
    } else {
        let limit = context.component.request_time.unwrap_or(context.shared.limits.request_time);
        tokio::time::timeout(limit, run).await.ok()
    };
    let (id, component) = (context.request_id.as_str(), &context.component);
    match result {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => {
            context.shared.metrics.trapped(component.index);
            tracing::error!(
                service = component.app_id,
                component = component.id,
                request_id = id,
                cause = format!("{error:?}"),
                "the component trapped"
            );
            Err(Failure::Trapped)
        }
        None => {
            context.shared.metrics.timed_out(component.index);
            tracing::error!(
                service = component.app_id,
                component = component.id,
                request_id = id,
                "the component took too long"
            );
            Err(Failure::TimedOut)
        }
    }
}

/// A component that an observer ends while it waits for an answer ends here.
async fn killable(context: &RequestContext, run: impl Future<Output = wasmtime::Result<()>>) -> wasmtime::Result<()> {
    let mut run = std::pin::pin!(run);
    poll_fn(|task| {
        if context.is_killed(task.waker()) {
            return Poll::Ready(Err(wasmtime::format_err!("trapped at an outbound HTTP call")));
        }
        run.as_mut().poll(task)
    })
    .await
}

async fn run<B>(
    context: Arc<RequestContext>,
    request: Request<LimitedBody<B>>,
    reply: oneshot::Sender<Reply>,
) -> wasmtime::Result<()>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let pre = context.component.pre.clone();
    let mut store = Store::new(pre.engine(), Guest::new(Arc::clone(&context))?);
    store.set_epoch_deadline(1);
    // Giving way through tokio's own yield has the network looked after before the component goes on.
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))));
    let mut http = store.data_mut().http();
    let request = http.new_incoming_request(Scheme::Http, request)?;
    let reply = http.new_response_outparam(reply)?;
    let proxy = pre.instantiate_async(&mut store).await?;
    proxy.wasi_http_incoming_handler().call_handle(&mut store, request, reply).await?;
    context.is_finished.store(true, Ordering::Relaxed);
    Ok(())
}

/// Counts an instance for as long as it lives.
struct Live {
    context: Arc<RequestContext>,
    _permit: OwnedSemaphorePermit,
}

impl Live {
    fn new(context: &Arc<RequestContext>, permit: OwnedSemaphorePermit) -> Self {
        context.shared.metrics.live(1);
        Self { context: Arc::clone(context), _permit: permit }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.context.shared.metrics.live(-1);
    }
}

/// Counts a request, and logs it: always where that is asked for, else when it failed or was slow.
fn record(context: &RequestContext, method: &Method, path: &str, response: &Response<ResponseBody>, start: Instant) {
    let (status, time) = (response.status(), start.elapsed());
    let component = &context.component;
    context.shared.metrics.answered(component.index, method, status, time);
    let is_remarkable = status.is_server_error() || time > context.shared.limits.slow_request;
    if !is_remarkable && !tracing::enabled!(target: ACCESS, tracing::Level::INFO) {
        return;
    }
    macro_rules! log {
        ($level:expr) => {
            tracing::event!(
                target: ACCESS,
                $level,
                service = component.app_id,
                component = component.id,
                request_id = context.request_id.as_str(),
                traceparent = context.traceparent.to_str().unwrap_or_default(),
                method = method.as_str(),
                path,
                status = status.as_u16(),
                milliseconds = time.as_secs_f64() * 1e3,
                "request"
            )
        };
    }
    if is_remarkable { log!(tracing::Level::WARN) } else { log!(tracing::Level::INFO) }
}
