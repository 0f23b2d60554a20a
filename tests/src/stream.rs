//! Server-Sent Events, as a browser reads them.

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use tokio::time::timeout;

use crate::PATIENCE;

/// What a stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Event { id: String, name: String, data: Value },
    Comment(String),
}

/// A stream that is open.
pub struct Events {
    body: Incoming,
    unread: String,
}

impl Events {
    pub fn new(body: Incoming) -> Self {
        Self { body, unread: String::new() }
    }

    /// The next event; comments are passed over.
    pub async fn event(&mut self) -> (String, String, Value) {
        loop {
            if let Said::Event { id, name, data } = self.said().await {
                return (id, name, data);
            }
        }
    }

    /// The next comment; nothing else may come before it.
    pub async fn comment(&mut self) -> String {
        match self.said().await {
            Said::Comment(text) => text,
            Said::Event { name, .. } => panic!("{name} came instead of a comment"),
        }
    }

    async fn said(&mut self) -> Said {
        timeout(PATIENCE, self.next()).await.expect("the stream says something in time").expect("the stream goes on")
    }

    /// The next thing that is said; `None` when the stream is over.
    pub async fn next(&mut self) -> Option<Said> {
        loop {
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let said = read(block);
                self.unread = rest.to_owned();
                if said.is_some() {
                    return said;
                }
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.unread.push_str(std::str::from_utf8(&data).expect("UTF-8"));
            }
        }
    }
}

/// What a block of lines says; `None` if it only sets the time to come back.
fn read(block: &str) -> Option<Said> {
    let (mut id, mut name, mut data, mut comment) = (String::new(), None, String::new(), None);
    for line in block.lines() {
        match line.split_once(':').expect("a line with a colon") {
            ("", text) => comment = Some(text.trim().to_owned()),
            ("id", value) => id = value.trim().to_owned(),
            ("event", value) => name = Some(value.trim().to_owned()),
            ("data", value) => data.push_str(value.trim()),
            ("retry", _) => {}
            (unknown, _) => panic!("a browser would pass over {unknown}"),
        }
    }
    match name {
        Some(name) => Some(Said::Event { id, name, data: serde_json::from_str(&data).expect("JSON") }),
        None => comment.map(Said::Comment),
    }
}
