//! What the store of one request holds, and the WASI that a component sees.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use http::HeaderValue;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView,
    WasiHttpHooks, WasiHttpView,
};

use crate::component::Loaded;
use crate::config::{Clock, Randomness};
use crate::host::Shared;
use crate::logging::{GuestStream, LineLog};
use crate::observer::{Directive, ImportCall, ImportKind};
use crate::outbound::http::{Sent, send};
use crate::request_id::RequestId;

/// A request that a component works on.
pub struct RequestContext {
    /// What all requests share.
    pub shared: Arc<Shared>,
    /// Who works on it.
    pub component: Arc<Loaded>,
    /// Its id.
    pub request_id: RequestId,
    /// Its trace.
    pub traceparent: HeaderValue,
    /// Whether the component came to its end; what it left behind may be used again only then.
    pub is_finished: AtomicBool,
    calls: AtomicU32,
    is_killed: AtomicBool,
    driver: AtomicWaker,
}

impl RequestContext {
    /// A request that is about to be worked on.
    pub fn new(shared: Arc<Shared>, component: Arc<Loaded>, request_id: RequestId, traceparent: HeaderValue) -> Self {
        Self {
            shared,
            component,
            request_id,
            traceparent,
            is_finished: AtomicBool::new(false),
            calls: AtomicU32::new(0),
            is_killed: AtomicBool::new(false),
            driver: AtomicWaker::new(),
        }
    }

    /// Numbers a call of the component to the world.
    pub fn next_call(&self) -> u32 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// Asks the observer about a call to come.
    pub fn before(&self, index: u32, kind: ImportKind<'_>) -> Directive {
        self.shared.imports.before(&self.call(index, kind))
    }

    /// Asks the observer about a call that was made.
    pub fn after(&self, index: u32, kind: ImportKind<'_>) -> Directive {
        self.shared.imports.after(&self.call(index, kind))
    }

    fn call<'a>(&'a self, index: u32, kind: ImportKind<'a>) -> ImportCall<'a> {
        ImportCall { component: &self.component.id, request_id: self.request_id.as_str(), index, kind }
    }

    /// Ends the component from within a call that can't trap by itself.
    pub fn kill(&self) {
        self.is_killed.store(true, Ordering::Release);
        self.driver.wake();
    }

    /// Whether the component was ended; if not yet, the driver is woken when it is.
    pub fn is_killed(&self, driver: &Waker) -> bool {
        self.driver.register(driver);
        self.is_killed.load(Ordering::Acquire)
    }
}

/// The data of a store: one request of one component.
pub struct Guest {
    /// The resources that the component holds.
    pub table: ResourceTable,
    /// The request.
    pub request: Arc<RequestContext>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
}

impl Guest {
    /// A fresh world for a component.
    ///
    /// # Errors
    /// When a mounted folder can't be opened.
    pub fn new(request: Arc<RequestContext>) -> wasmtime::Result<Self> {
        Ok(Self {
            table: ResourceTable::new(),
            wasi: wasi(&request)?,
            http: WasiHttpCtx::new(),
            hooks: Hooks(Arc::clone(&request)),
            request,
        })
    }
}

fn wasi(request: &Arc<RequestContext>) -> wasmtime::Result<WasiCtx> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.stdout(LineLog::new(Arc::clone(request), GuestStream::Stdout));
    wasi.stderr(LineLog::new(Arc::clone(request), GuestStream::Stderr));
    for (key, value) in &request.component.environment {
        wasi.env(key, value);
    }
    for mount in &request.component.mounts {
        wasi.preopened_dir(&mount.source, &mount.destination, FsPerms::ReadOnly)?;
    }
    if let Some(clock) = &request.shared.clock {
        wasi.wall_clock(DrivenClock(Arc::clone(clock)));
        wasi.monotonic_clock(DrivenClock(Arc::clone(clock)));
    }
    if let Some(randomness) = &request.shared.randomness {
        wasi.secure_random(DrivenRandomness(Arc::clone(randomness)));
        wasi.insecure_random(DrivenRandomness(Arc::clone(randomness)));
        let mut seed = [0; 16];
        randomness.fill(&mut seed);
        wasi.insecure_random_seed(u128::from_le_bytes(seed));
    }
    Ok(wasi.build())
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}

struct Hooks(Arc<RequestContext>);

static FORBIDDEN_HEADERS: LazyLock<ForbiddenHeaderFilter> =
    LazyLock::new(|| Arc::new(|name| DEFAULT_FORBIDDEN_HEADERS.contains(name)));

impl WasiHttpHooks for Hooks {
    fn is_forbidden_header(&mut self, name: &http::HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::clone(&FORBIDDEN_HEADERS)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), wasmtime_wasi_http::Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        Box::new(send(Arc::clone(&self.0), request, options))
    }
}

struct DrivenClock(Arc<dyn Clock>);

impl wasmtime_wasi::HostWallClock for DrivenClock {
    fn resolution(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(1)
    }

    fn now(&self) -> std::time::Duration {
        self.0.wall()
    }
}

impl wasmtime_wasi::HostMonotonicClock for DrivenClock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.monotonic().as_nanos()).unwrap_or(u64::MAX)
    }
}

struct DrivenRandomness(Arc<dyn Randomness>);

impl rand::TryRng for DrivenRandomness {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(buffer);
        Ok(())
    }
}
