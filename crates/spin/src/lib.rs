//! The ports inside a component, and what makes an endpoint a component.
//!
//! The only crate that names `spin-sdk` and WASI: moving on to another version of either is a change here.
//!
//! A component serves one request at a time and has one thread, so everything here waits by blocking the instance; the
//! host lets others run meanwhile. Every future is therefore ready when it is first polled.

mod clock;
mod http;
mod incoming;
mod outgoing;
mod sidecar;
mod sql;

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rondo_ports::{Files, MissingVariable, Settings};
use rondo_web_api::{Endpoint, answer, follow_up};
use spin_sdk::pg4::Connection;

pub use wasi;
use wasi::http::types::{IncomingRequest, ResponseOutparam};

/// Makes a component of an endpoint: `component!(rondo_web_api::tasks::Tasks);` is all of its `lib.rs`.
#[macro_export]
macro_rules! component {
    ($endpoint:ty) => {
        struct Component;

        impl $crate::wasi::exports::http::incoming_handler::Guest for Component {
            fn handle(
                request: $crate::wasi::http::types::IncomingRequest,
                response: $crate::wasi::http::types::ResponseOutparam,
            ) {
                $crate::serve::<$endpoint>(request, response);
            }
        }

        $crate::wasi::http::proxy::export!(Component with_types_in $crate::wasi);
    };
}

/// What a component runs on. Lives for one request.
#[derive(Default)]
pub struct SpinPlatform {
    /// The connection in use, if there is one: checked out once for a request, given back while waiting.
    connection: RefCell<Option<Connection>>,
}

/// Answers one request by the endpoint `E`, then does what the answer left to do.
pub fn serve<E: Endpoint>(request: IncomingRequest, response: ResponseOutparam) {
    let platform = SpinPlatform::default();
    run(async {
        let request = incoming::read(&platform, request, E::BODY_LIMIT);
        let mut reply = answer::<E, _>(&platform, &request).await;
        let relay = reply.relay.take();
        outgoing::send(&platform, reply, response).await;
        if let Some(relay) = relay {
            follow_up(&platform, relay).await;
        }
    });
}

/// Runs a future that never has to be polled twice.
fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("all ports of a component wait by blocking"),
    }
}

impl Settings for SpinPlatform {
    fn variable(&self, name: &str) -> Result<String, MissingVariable> {
        spin_sdk::variables::get(name).map_err(|_| MissingVariable(name.to_owned()))
    }
}

impl Files for SpinPlatform {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(format!("/{path}")).ok()
    }
}
