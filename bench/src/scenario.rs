//! What is measured: five requests, each as HTTP and as the statement behind it.

use std::sync::Arc;

use bytes::Bytes;
use clap::ValueEnum;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::Full;
use jiff::Timestamp;
use rondo_domain::ids::SessionId;
use rondo_web_api::auth::jwt::{Claims, Keys};
use serde_json::json;

use crate::dataset::{DataSet, User};

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scenario {
    /// The newest twenty of a user's tasks.
    List,
    /// Those of one status and priority with a tag.
    Filter,
    /// Those with a word that begins like this.
    Search,
    /// One task.
    Get,
    /// A new task with two tags.
    Create,
}

impl Scenario {
    /// All of them; the one that makes the data grow comes last.
    pub const ALL: [Self; 5] = [Self::List, Self::Filter, Self::Search, Self::Get, Self::Create];

    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Filter => "filter",
            Self::Search => "search",
            Self::Get => "get",
            Self::Create => "create",
        }
    }

    /// What a server answers that does it.
    pub fn expected(self) -> StatusCode {
        if self == Self::Create { StatusCode::CREATED } else { StatusCode::OK }
    }
}

/// Statuses to filter by.
pub const STATUSES: [&str; 3] = ["pending", "in_progress", "completed"];
/// Priorities to filter by.
pub const PRIORITIES: [&str; 3] = ["High", "Medium", "Low"];

/// Makes requests: each by another user, for something else.
#[derive(Debug, Clone)]
pub struct Requests {
    data: Arc<DataSet>,
    authorizations: Arc<[HeaderValue]>,
}

impl Requests {
    /// Requests on `data`, signed with `jwt_keys` for the next quarter of an hour.
    ///
    /// # Errors
    /// The keys are no keys.
    pub fn new(data: Arc<DataSet>, jwt_keys: &str) -> anyhow::Result<Self> {
        let (keys, now) = (Keys::read(jwt_keys)?, Timestamp::now());
        let authorization = |user: &User| {
            let token = keys.sign(Claims { user: user.id, session: SessionId::new(now, [0; 10]) }, now)?;
            Ok(HeaderValue::try_from(format!("Bearer {token}"))?)
        };
        let authorizations = data.users.iter().map(authorization).collect::<anyhow::Result<_>>()?;
        Ok(Self { data, authorizations })
    }

    /// The next request.
    ///
    /// # Errors
    /// What was drawn makes no request; it does not happen.
    pub fn draw(&self, scenario: Scenario, dice: &mut Dice) -> http::Result<Request<Full<Bytes>>> {
        let user = dice.below(self.data.users.len());
        let (method, path, body) = match scenario {
            Scenario::Create => (Method::POST, "/api/tasks".to_owned(), self.new_task(dice)),
            asking => (Method::GET, self.path(asking, user, dice), String::new()),
        };
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "rondo.bench")
            .header(header::AUTHORIZATION, &self.authorizations[user])
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))
    }

    fn path(&self, scenario: Scenario, user: usize, dice: &mut Dice) -> String {
        match scenario {
            Scenario::Filter => {
                let (status, priority) = (dice.one_of(&STATUSES), dice.one_of(&PRIORITIES));
                format!("/api/tasks?status={status}&priority={priority}&tags={}", dice.one_of(&self.data.tags))
            }
            Scenario::Search => {
                let typed = dice.one_of(&self.data.searches);
                let typed: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
                format!("/api/tasks?search={typed}")
            }
            Scenario::Get => format!("/api/tasks/{}", dice.one_of(&self.data.users[user].tasks)),
            Scenario::List | Scenario::Create => "/api/tasks".to_owned(),
        }
    }

    fn new_task(&self, dice: &mut Dice) -> String {
        json!({
            "title": format!("Call {} about number {}", dice.one_of(&self.data.searches), dice.below(1_000_000)),
            "description": "Ask for the latest numbers first, and reply to everyone afterwards.",
            "priority": dice.one_of(&PRIORITIES),
            "tags": [dice.one_of(&self.data.tags), dice.one_of(&self.data.tags)],
            "due_at": "2027-03-01T09:00:00Z",
        })
        .to_string()
    }
}

/// Chance that repeats itself (xorshift64), so that every server is asked the same.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice of which no two numbers roll alike.
    pub fn number(number: u32) -> Self {
        Self((u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number from 0, less than `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) as usize) % limit.max(1)
    }

    /// One of `choices`, which are some.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}
