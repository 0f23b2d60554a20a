//! Responses that flow, work after the response, and stopping.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use rondo_runtime::{Caller, InProcess};
use support::eventually;
use tokio::sync::Notify;

use crate::support::{Served, manifest};

const STREAM: &str = "[component.fixture.tool.rondo]\nstream = true";

async fn open(host: &Served, path: &str) -> Response<Incoming> {
    host.open(host.request(Method::GET, path).body(Full::default()).unwrap()).await
}

async fn chunk(body: &mut Incoming) -> Option<Bytes> {
    let frame = body.frame().await?;
    Some(frame.expect("the stream is not torn").into_data().unwrap())
}

#[tokio::test]
async fn chunks_arrive_as_they_are_made_and_without_a_time_limit() {
    let host =
        Served::start_with(&manifest(STREAM), |config| config.limits.request_time = Duration::from_millis(50)).await;
    let mut body = open(&host, "/stream?10").await.into_body();
    assert_eq!(chunk(&mut body).await.unwrap(), "data: 0\n\n");
    assert_eq!(host.metric("rondo_instances"), Some(1.0), "the component is still at work");
    for number in 1..10 {
        assert_eq!(chunk(&mut body).await.unwrap(), format!("data: {number}\n\n"));
    }
    assert_eq!(chunk(&mut body).await, None);
}

#[tokio::test]
async fn a_stream_whose_client_goes_away_ends_with_it() {
    let host = Served::start(&manifest(STREAM)).await;
    let mut body = open(&host, "/stream?1000000").await.into_body();
    chunk(&mut body).await.unwrap();
    drop(body);
    eventually("the instance is gone", async || (host.metric("rondo_instances") == Some(0.0)).then_some(())).await;
}

#[tokio::test]
async fn a_response_that_breaks_off_is_not_taken_for_a_whole_one() {
    let host = Served::start(&manifest("")).await;
    assert!(open(&host, "/torn").await.into_body().collect().await.is_err());
}

#[tokio::test]
async fn streams_end_when_the_host_stops() {
    let host = Served::start(&manifest(STREAM)).await;
    let mut body = open(&host, "/stream?1000000").await.into_body();
    chunk(&mut body).await.unwrap();
    let rest = async { while chunk(&mut body).await.is_some() {} };
    futures_util::future::join(rest, host.stop()).await;
}

/// Keeps whoever comes until it is told to let them go, and counts those.
#[derive(Default)]
struct Doorman {
    open: Notify,
    gone: AtomicU32,
}

#[async_trait::async_trait]
impl InProcess for Doorman {
    async fn call(&self, _: &Caller, _: Request<Bytes>) -> Response<Bytes> {
        self.open.notified().await;
        self.gone.fetch_add(1, Ordering::SeqCst);
        Response::new(Bytes::new())
    }
}

#[tokio::test]
async fn work_after_the_response_is_done_before_the_host_stops() {
    let doorman = Arc::new(Doorman::default());
    let there = Arc::clone(&doorman);
    let more = manifest("allowed_outbound_hosts = [\"http://doorman:80\"]");
    let host = Served::start_with(&more, |config| config.in_process = vec![("doorman:80".to_owned(), there)]).await;
    assert_eq!(host.get("/after?http://doorman/").await.text, "said", "the response does not wait for it");
    futures_util::future::join(host.stop(), async { doorman.open.notify_one() }).await;
    assert_eq!(doorman.gone.load(Ordering::SeqCst), 1);
}
