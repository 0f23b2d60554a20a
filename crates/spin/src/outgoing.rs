//! Replies as they go out.

use rondo_web_api::{Body, Reply};
use wasi::http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::io::streams::{OutputStream, StreamError};

use crate::SpinPlatform;

/// Sends `reply`. A client that goes away ends it; nothing is left to be done about that.
pub(crate) async fn send(platform: &SpinPlatform, reply: Reply, out: ResponseOutparam) {
    let length = match &reply.body {
        Body::Full(bytes) => Some(bytes.len()),
        Body::Events(_) => None,
    };
    let response = OutgoingResponse::new(fields(&reply, length));
    // Refused only for a status outside 100 to 999.
    let _ = response.set_status_code(reply.status.as_u16());
    let Ok(body) = response.body() else { return };
    let Ok(stream) = body.write() else { return };
    match reply.body {
        Body::Full(bytes) => {
            // What fits goes in before the head is handed over, so that both leave in one piece.
            let begun = write_what_fits(&stream, &bytes);
            ResponseOutparam::set(out, Ok(response));
            let _ = begun.and_then(|written| write_all(&stream, &bytes[written..]));
        }
        Body::Events(mut events) => {
            ResponseOutparam::set(out, Ok(response));
            while let Some(chunk) = events.next(platform).await {
                if write_all(&stream, chunk.as_bytes()).is_err() {
                    break;
                }
            }
        }
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

fn fields(reply: &Reply, length: Option<usize>) -> Fields {
    let headers = reply.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    // A reply of 204 has no length (RFC 9110 §8.6).
    let length = length.filter(|_| reply.status != http::StatusCode::NO_CONTENT);
    let length = length.map(|length| ("content-length".to_owned(), length.to_string().into_bytes()));
    // Refused only for names that a host keeps to itself; we set none.
    Fields::from_list(&headers.chain(length).collect::<Vec<_>>()).unwrap_or_else(|_| Fields::new())
}

/// Writes what there is room for, without waiting, and says how much that was.
pub(crate) fn write_what_fits(stream: &OutputStream, bytes: &[u8]) -> Result<usize, StreamError> {
    let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX).min(bytes.len());
    if room > 0 {
        stream.write(&bytes[..room])?;
    }
    Ok(room)
}

/// Writes all of `bytes`, waiting for room.
pub(crate) fn write_all(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        stream.subscribe().block();
        let written = write_what_fits(stream, bytes)?;
        bytes = &bytes[written..];
    }
    stream.blocking_flush()
}
