//! Sending a component's request to where it belongs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::Caller;
use super::allowed::default_port;
use crate::guest::RequestContext;
use crate::observer::{Directive, ImportKind};

/// What comes of a request: a response, and the work that goes on behind it.
pub type Sent = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

/// How long a host may take to answer when the component does not say.
const FIRST_BYTE: Duration = Duration::from_secs(60);

/// What a request or response may hold when it stays in this process.
const IN_PROCESS_BYTES: usize = 16 << 20;

/// The domain in which components are hosts.
const COMPONENTS: &str = ".spin.internal";

/// Sends a component's request, if it may.
pub async fn send(context: Arc<RequestContext>, request: Request<WasiBody>, options: Option<RequestOptions>) -> Sent {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let Some(target) = Target::of(&uri) else { return Err(Error::HttpRequestUriInvalid) };
    if !context.component.allowed.permits(target.scheme, target.host, target.port) {
        tracing::warn!(
            component = context.component.id,
            request_id = context.request_id.as_str(),
            "a request to {}://{}:{} is not in allowed_outbound_hosts",
            target.scheme,
            target.host,
            target.port,
        );
        return Err(Error::HttpRequestDenied);
    }
    let index = context.next_call();
    let kind = || ImportKind::Http { method: &method, uri: &uri };
    obey(&context, context.before(index, kind())).await;
    let sent = dispatch(&context, &target, request, options).await;
    obey(&context, context.after(index, kind())).await;
    sent
}

/// A trap can't be raised from here: the driver of the component is told, and this call never returns.
async fn obey(context: &RequestContext, directive: Directive) {
    if directive == Directive::Trap {
        context.kill();
        std::future::pending::<()>().await;
    }
}

struct Target<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
}

impl<'a> Target<'a> {
    fn of(uri: &'a Uri) -> Option<Self> {
        let scheme = uri.scheme_str()?;
        let port = uri.port_u16().or_else(|| default_port(scheme))?;
        Some(Self { scheme, host: uri.host()?, port })
    }
}

async fn dispatch(
    context: &Arc<RequestContext>,
    target: &Target<'_>,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Sent {
    // What only a wildcard admits is meant to be out in the world: it is no component, and nothing that is answered here.
    let component = &context.component;
    if component.guarded.is_some() && !component.allowed.names(target.scheme, target.host, target.port) {
        return to_network(context, target, request, options).await;
    }
    if let Some(name) = target.host.strip_suffix(COMPONENTS) {
        return to_component(context, name, request).await;
    }
    let is_target = |(host, port): &(String, u16)| *port == target.port && host.eq_ignore_ascii_case(target.host);
    if let Some((_, answers)) = context.shared.in_process.iter().find(|(authority, _)| is_target(authority)) {
        let caller = Caller { component: context.component.id.clone(), app_id: context.component.app_id.clone() };
        let (parts, body) = request.into_parts();
        let body = collect(body).await?;
        let response = answers.call(&caller, Request::from_parts(parts, body)).await;
        return Ok(sent(response.map(|bytes| Full::new(bytes).map_err(|never| match never {}).boxed_unsync())));
    }
    to_network(context, target, request, options).await
}

fn sent(response: Response<WasiBody>) -> (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>) {
    (response, Box::new(std::future::ready(Ok(()))))
}

async fn collect(body: WasiBody) -> Result<Bytes, Error> {
    match Limited::new(body, IN_PROCESS_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::HttpRequestBodySize(None)),
        Err(_) => Err(Error::HttpProtocolError),
    }
}

/// Boxed, for a component may call a component that calls a component.
async fn to_component(context: &Arc<RequestContext>, name: &str, request: Request<WasiBody>) -> Sent {
    let Some(component) = context.shared.component(name) else { return Err(Error::DestinationNotFound) };
    let response = Box::pin(context.shared.chain(component, request)).await;
    Ok(sent(response.map(BodyExt::boxed_unsync)))
}

async fn to_network(
    context: &RequestContext,
    target: &Target<'_>,
    mut request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Sent {
    // Hyper sends what it is told to frame by, and frames by itself.
    if request.method() == Method::CONNECT {
        return Err(Error::HttpRequestMethodInvalid);
    }
    *request.version_mut() = http::Version::HTTP_11;
    let component = &context.component;
    let is_named = component.allowed.names(target.scheme, target.host, target.port);
    let guarded = component.guarded.as_ref().filter(|_| !is_named);
    let client = guarded.unwrap_or(&context.shared.http);
    let wait = options.and_then(|options| options.first_byte_timeout).unwrap_or(FIRST_BYTE);
    let answered = tokio::time::timeout(wait, client.request(request)).await;
    let response = answered.unwrap_or(Err(Error::ConnectionReadTimeout)).inspect_err(|error| {
        tracing::warn!(
            component = component.id,
            request_id = context.request_id.as_str(),
            ?error,
            "an outbound request to {}://{}:{} failed",
            target.scheme,
            target.host,
            target.port,
        );
    })?;
    Ok(sent(response.map(|body| body.map_err(Error::from).boxed_unsync())))
}
