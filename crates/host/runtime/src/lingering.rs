//! Ending a connection whose request was answered before it was read to its end.
//!
//! If such a connection were closed at once, the kernel would reset it for what still comes in, and the reset takes along what
//! the client has not yet read of the answer. So the answer says `Connection: close`, the sending side is closed behind it, and
//! what the client still sends is read and forgotten until it closes too, or for a while: nginx's lingering close.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may go on sending what nobody wants. Forgetting costs nothing else, so bytes are not counted.
const LONGEST: Duration = Duration::from_secs(30);
/// How long it may send nothing meanwhile.
const LONGEST_SILENCE: Duration = Duration::from_secs(5);

/// A connection to serve, and what its requests are answered through.
#[must_use]
pub fn over(socket: TcpStream) -> (LingeringSocket, Exchanges) {
    let has_unread = Arc::new(AtomicBool::new(false));
    let exchanges = Exchanges { has_unread: Arc::clone(&has_unread) };
    (LingeringSocket { socket, has_unread, lingering: None }, exchanges)
}

/// The requests of a connection and their answers: notices an answer that does not wait for the end of its request.
#[derive(Clone, Debug)]
pub struct Exchanges {
    has_unread: Arc<AtomicBool>,
}

impl Exchanges {
    /// Has a request answered; if its body was not read to the end by then, the answer is the last on its connection.
    pub async fn answer<F, B>(
        &self,
        request: Request<Incoming>,
        by: impl FnOnce(Request<WatchedBody>) -> F,
    ) -> Response<B>
    where
        F: Future<Output = Response<B>>,
    {
        let is_read = Arc::new(AtomicBool::new(request.body().is_end_stream()));
        let watched = request.map(|body| WatchedBody { body, is_read: Arc::clone(&is_read) });
        let mut response = by(watched).await;
        if !is_read.load(Ordering::Relaxed) {
            self.has_unread.store(true, Ordering::Relaxed);
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// The body of a request, which remembers whether it was read to its end.
#[derive(Debug)]
pub struct WatchedBody {
    body: Incoming,
    is_read: Arc<AtomicBool>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.is_read.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket that lingers when it is shut down with a request unread.
#[derive(Debug)]
pub struct LingeringSocket {
    socket: TcpStream,
    has_unread: Arc<AtomicBool>,
    lingering: Option<Lingering>,
}

/// The time that a socket still has.
#[derive(Debug)]
struct Lingering {
    end: Instant,
    patience: Pin<Box<Sleep>>,
}

impl Lingering {
    fn begin() -> Self {
        let now = Instant::now();
        Self { end: now + LONGEST, patience: Box::pin(sleep_until(now + LONGEST_SILENCE)) }
    }

    /// Forgets what comes, until nothing does any more.
    fn poll(&mut self, socket: &mut TcpStream, context: &mut Context<'_>) -> Poll<()> {
        let mut forgotten = [0; 8 << 10];
        loop {
            if self.patience.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut forgotten);
            let read = ready!(Pin::new(&mut *socket).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
            self.patience.as_mut().reset(self.end.min(Instant::now() + LONGEST_SILENCE));
        }
    }
}

impl AsyncRead for LingeringSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for LingeringSocket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.socket).poll_shutdown(context))?;
        }
        if !this.has_unread.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        let lingering = this.lingering.get_or_insert_with(Lingering::begin);
        lingering.poll(&mut this.socket, context).map(Ok)
    }
}
