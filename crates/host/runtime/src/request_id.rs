//! What ties the log lines of a request together: its `x-request-id` and its `traceparent`.

use std::time::SystemTime;

use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

/// The id of a request: the client's when it is usable, else a new one.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// Takes the id from the headers, or makes one and puts it there.
    pub fn ensure(headers: &mut HeaderMap) -> Self {
        if let Some(id) = headers.get("x-request-id").filter(|id| is_usable(id.as_bytes())) {
            return Self(id.clone());
        }
        let mut buffer = Uuid::encode_buffer();
        let text = new_id().hyphenated().encode_lower(&mut buffer);
        let id = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("none"));
        headers.insert("x-request-id", id.clone());
        Self(id)
    }

    /// The id as a text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id as a header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Sorts by time. Its randomness comes from the thread's generator: the system's costs a call each.
fn new_id() -> Uuid {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let milliseconds = u64::try_from(now.as_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &rand::random()).into_uuid()
}

/// 1 to 128 printable ASCII characters.
fn is_usable(id: &[u8]) -> bool {
    (1..=128).contains(&id.len()) && id.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// Takes the W3C trace context from the headers, or begins a trace and puts it there.
pub fn ensure_traceparent(headers: &mut HeaderMap) -> HeaderValue {
    if let Some(parent) = headers.get("traceparent").filter(|parent| is_traceparent(parent.as_bytes())) {
        return parent.clone();
    }
    let (trace, span): (u128, u64) = rand::random();
    let text = format!("00-{:032x}-{:016x}-00", trace.max(1), span.max(1));
    let parent = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    headers.insert("traceparent", parent.clone());
    headers.remove("tracestate");
    parent
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, of which trace and span are not all zero.
fn is_traceparent(text: &[u8]) -> bool {
    let is_hex = |part: &[u8], length: usize| {
        part.len() == length && part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |part: &[u8], length| is_hex(part, length) && part.iter().any(|byte| *byte != b'0');
    let parts: Vec<&[u8]> = text.split(|byte| *byte == b'-').collect();
    matches!(parts[..], [version, trace, span, flags]
        if version == b"00" && is_id(trace, 32) && is_id(span, 16) && is_hex(flags, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_usable_id_is_kept() {
        assert_eq!(RequestId::ensure(&mut headers("x-request-id", "abc-1")).as_str(), "abc-1");
    }

    #[test]
    fn an_unusable_id_is_replaced_in_the_headers_too() {
        for id in ["", "a\tb", &"x".repeat(129)] {
            let mut headers = headers("x-request-id", id);
            let made = RequestId::ensure(&mut headers);
            assert_eq!(made.as_str().len(), 36, "{id}");
            assert_eq!(headers["x-request-id"], made.as_str());
        }
    }

    #[test]
    fn a_trace_is_continued_and_a_broken_one_begun_anew() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(ensure_traceparent(&mut headers("traceparent", parent)), parent);
        for broken in ["", "00-abc", "00-00000000000000000000000000000000-b7ad6b7169203331-01", &parent.to_uppercase()]
        {
            let mut headers = headers("traceparent", broken);
            let made = ensure_traceparent(&mut headers);
            assert!(is_traceparent(made.as_bytes()), "{made:?}");
            assert_eq!(headers["traceparent"], made);
        }
    }
}
