//! People with tasks, and what is asked of them in most tests.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use rondo_domain::ids::{RefreshTokenId, SessionId, TagId, TaskId, UserId};
use rondo_domain::tag::{TagName, TagNames};
use rondo_domain::task::{Description, NewTask, Priority, Status, Title};
use rondo_domain::user::{Email, ZoneName};
use rondo_native::Database;
use rondo_store::hash_queue::HashLimits;
use rondo_store::outbox::{self, Then};
use rondo_store::session::NewRefreshToken;
use rondo_store::user::NewUser;
use rondo_store::{Creation, RawJson, RelayBatch, RequestContext, tag, task, user};
use serde_json::Value;

use crate::server::Scratch;

/// The request that all changes here are made by.
pub const REQUEST: &str = "request-1";

/// Nobody who wants to hash a password is ever refused.
pub const ROOM_FOR_ALL: HashLimits = HashLimits { at_once: 1_000, longest_queue: 0, lease_milliseconds: 60_000 };

/// Ten bytes that no other call gave.
pub fn random() -> [u8; 10] {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&DRAWN.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

/// SHA-256, as far as the store is concerned: 64 hexadecimal digits, others for each `n`.
pub fn hash(n: u64) -> String {
    format!("{n:064x}")
}

pub fn hours(from_now: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(from_now)
}

pub fn new_task_id() -> TaskId {
    TaskId::new(Timestamp::now(), random())
}

pub fn new_session() -> SessionId {
    SessionId::new(Timestamp::now(), random())
}

pub fn tags(names: &[&str]) -> TagNames {
    let names = names.iter().map(|name| TagName::parse(name).expect("a right name"));
    TagNames::new(names).expect("not too many")
}

pub fn titled(title: &str) -> NewTask {
    NewTask {
        title: Title::parse(title).expect("a right title"),
        description: None,
        status: Status::Pending,
        priority: Priority::Medium,
        tags: TagNames::default(),
        due_at: None,
    }
}

pub fn tagged(title: &str, names: &[&str]) -> NewTask {
    NewTask { tags: tags(names), ..titled(title) }
}

pub fn described(title: &str, description: &str) -> NewTask {
    NewTask { description: Some(Description::parse(description).expect("a right description")), ..titled(title) }
}

pub fn refresh_token(session: SessionId, hash: String, expires_at: Timestamp) -> NewRefreshToken {
    NewRefreshToken { id: RefreshTokenId::new(Timestamp::now(), random()), session, hash, expires_at }
}

pub fn json(raw: &RawJson) -> Value {
    raw.read().expect("JSON")
}

/// What an event of the outbox says.
#[derive(Debug)]
pub struct Event {
    pub sequence: i64,
    /// Empty, if it is for the stream alone.
    pub topic: String,
    pub event_type: String,
    pub subject: String,
    pub data: Value,
}

/// Somebody with an account, at a connection of their own.
pub struct Person {
    pub sql: Database,
    pub id: UserId,
}

impl Person {
    /// Registers somebody whose address is `name`@example.com and whose password's hash is `hash of {name}`.
    pub async fn register(scratch: &Scratch, name: &str) -> Self {
        let person = Self { sql: scratch.connect().await, id: UserId::new(Timestamp::now(), random()) };
        let token = refresh_token(new_session(), format!("{:0>64}", person.id.to_string().replace('-', "")), hours(1));
        let registration = NewUser {
            id: person.id,
            email: &email(name),
            name: None,
            zone: &ZoneName::default(),
            password_hash: &format!("hash of {name}"),
        };
        user::register(&person.sql, &registration, &token).await.expect("an answer").expect("the address is free");
        person
    }

    pub async fn password_hash(&self) -> String {
        let check = user::password(&self.sql, self.id, ROOM_FOR_ALL).await.expect("an answer");
        check.password_hash.expect("the user is there")
    }

    /// The same person at another connection.
    pub async fn elsewhere(&self, scratch: &Scratch) -> Self {
        Self { sql: scratch.connect().await, id: self.id }
    }

    pub fn context(&self) -> RequestContext<'static> {
        RequestContext { user: self.id, request_id: REQUEST }
    }

    /// Makes a task; the document and what is to be relayed.
    pub async fn create(&self, id: TaskId, task: &NewTask) -> (Value, Option<RelayBatch>) {
        made(task::create(&self.sql, self.context(), id, task, None).await.expect("an answer"))
    }

    pub async fn make(&self, task: &NewTask) -> TaskId {
        let id = new_task_id();
        self.create(id, task).await;
        id
    }

    pub async fn get(&self, id: TaskId) -> Option<Value> {
        task::get(&self.sql, self.context(), id).await.expect("an answer").as_ref().map(json)
    }

    /// The task, which is there.
    pub async fn read(&self, id: TaskId) -> Value {
        self.get(id).await.expect("the task is there")
    }

    pub async fn tag_list(&self) -> Vec<(String, u64)> {
        let tags: Vec<Value> = tag::list(&self.sql, self.context()).await.expect("an answer").read().expect("tags");
        tags.iter().map(|tag| (text(tag, "name"), tag["task_count"].as_u64().expect("a count"))).collect()
    }

    pub async fn tag_id(&self, name: &str) -> TagId {
        let tags: Vec<Value> = tag::list(&self.sql, self.context()).await.expect("an answer").read().expect("tags");
        let tag = tags.iter().find(|tag| tag["name"] == name).expect("a tag of that name");
        TagId::parse(&text(tag, "id")).expect("an id")
    }

    /// Everything in the outbox that is about this person, in order.
    pub async fn events(&self) -> Vec<Event> {
        let query = "select sequence, coalesce(topic, ''), event_type, task_id::text, data from outbox
            where user_id::text = $1 order by sequence";
        let rows = self.sql.client().query(query, &[&self.id.to_string()]).await.expect("events");
        rows.iter()
            .map(|row| Event {
                sequence: row.get(0),
                topic: row.get(1),
                event_type: row.get(2),
                subject: row.get(3),
                data: row.get(4),
            })
            .collect()
    }

    /// The events after `sequence`, as "type of task".
    pub async fn told_since(&self, sequence: i64) -> Vec<(String, String)> {
        let events = self.events().await.into_iter().filter(|event| event.sequence > sequence);
        events.map(|event| (event.event_type, event.subject)).collect()
    }

    pub async fn last_sequence(&self) -> i64 {
        outbox::sequence_range(&self.sql, self.id).await.expect("an answer").last
    }

    /// Publishes, as far as the store can tell, what `batch` and its followers hold; returns the sequences in order.
    pub async fn relay(&self, batch: Option<RelayBatch>) -> Vec<i64> {
        let mut relayed = Vec::new();
        let mut next = batch;
        while let Some(batch) = next {
            let sequences: Vec<i64> = batch.events.iter().map(|event| event.sequence).collect();
            next = outbox::confirm(&self.sql, self.id, &batch.holder, &sequences, Then::Continue)
                .await
                .expect("an answer");
            relayed.extend(sequences);
        }
        relayed
    }
}

pub fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).expect("an address")
}

pub fn made(creation: Creation) -> (Value, Option<RelayBatch>) {
    match creation {
        Creation::Made { reply, relay } => (json(&reply), relay),
        other => panic!("not made: {other:?}"),
    }
}

/// A field that is a string.
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} of {value}")).to_owned()
}
