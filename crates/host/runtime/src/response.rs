//! The body of a response, and the component that is still making it.
//!
//! A component is driven by whoever waits for its response: first by the request's handler, then, while the body flows, by
//! the body itself, and once the body is complete, what the component still does goes on as a task of its own. So a request
//! costs no task of its own, a slow client slows its own component down, and a client that goes away takes its stream along.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tokio_util::task::TaskTracker;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

/// Why a component did not finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It trapped.
    Trapped,
    /// It took longer than it may.
    TimedOut,
}

/// What becomes of a component whose response nobody wants any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenAbandoned {
    /// It goes on: it may be about to publish what it has saved.
    Finish,
    /// It ends: all it does is to feed the response.
    Drop,
}

type Work = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// A component at work on a request.
pub struct GuestRun {
    work: Option<Work>,
    when_abandoned: WhenAbandoned,
    tasks: TaskTracker,
}

impl GuestRun {
    /// Work that has not begun.
    pub fn new(
        work: impl Future<Output = Result<(), Failure>> + Send + 'static,
        when_abandoned: WhenAbandoned,
        tasks: TaskTracker,
    ) -> Self {
        Self { work: Some(Box::pin(work)), when_abandoned, tasks }
    }

    /// Lets the component work; ready when it has ended, also when it had before.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let Some(work) = &mut self.work else { return Poll::Ready(Ok(())) };
        let result = std::task::ready!(work.as_mut().poll(context));
        self.work = None;
        Poll::Ready(result)
    }

    /// Lets the component go on by itself.
    fn detach(&mut self) {
        if let Some(work) = self.work.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            self.tasks.spawn_on(work, &runtime);
        }
    }
}

impl Drop for GuestRun {
    fn drop(&mut self) {
        if self.when_abandoned == WhenAbandoned::Finish {
            self.detach();
        }
    }
}

/// The body of a response.
#[derive(Default)]
pub struct ResponseBody {
    ready: VecDeque<Bytes>,
    stream: Option<Stream>,
}

struct Stream {
    body: HyperOutgoingBody,
    run: GuestRun,
    is_broken: bool,
    /// Set for those that would never end by themselves.
    host_stops: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl ResponseBody {
    /// A body that is there.
    pub fn full(bytes: Bytes) -> Self {
        let ready = if bytes.is_empty() { VecDeque::new() } else { VecDeque::from([bytes]) };
        Self { ready, stream: None }
    }

    /// A body of several parts that are there.
    pub fn parts(ready: VecDeque<Bytes>) -> Self {
        Self { ready, stream: None }
    }

    /// A body that the component is still making.
    pub fn streaming(
        ready: VecDeque<Bytes>,
        body: HyperOutgoingBody,
        run: GuestRun,
        host_stops: Option<WaitForCancellationFutureOwned>,
    ) -> Self {
        let host_stops = host_stops.map(Box::pin);
        Self { ready, stream: Some(Stream { body, run, is_broken: false, host_stops }) }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(bytes) = self.ready.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
        let frame = std::task::ready!(stream.poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.stream = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ready.is_empty() && self.stream.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let ready = self.ready.iter().map(|bytes| bytes.len() as u64).sum();
        match &self.stream {
            None => SizeHint::with_exact(ready),
            Some(stream) => {
                let mut hint = SizeHint::new();
                hint.set_lower(ready);
                if let Some(rest) = stream.body.size_hint().exact() {
                    hint.set_upper(ready + rest);
                }
                hint
            }
        }
    }
}

impl Stream {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.host_stops.as_mut().is_some_and(|stops| stops.as_mut().poll(context).is_ready()) {
            return Poll::Ready(None);
        }
        if let Poll::Ready(Err(_)) = self.run.poll(context) {
            self.is_broken = true;
        }
        match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
            None if self.is_broken => Poll::Ready(Some(Err(Error::HttpResponseIncomplete))),
            frame => Poll::Ready(frame),
        }
    }
}
