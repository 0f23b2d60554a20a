//! The endpoints.

use std::fmt::Display;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use jiff::Timestamp;
use rondo_domain::ids::TaskId;
use rondo_domain::listing::{Page, SearchText, SortBy, SortOrder, TaskFilter};
use rondo_domain::tag::{TagName, TagNames};
use rondo_domain::task::{Description, NewTask, Priority, Status, Title};
use rondo_domain::{ValueError, time};
use rondo_ports::SqlError;
use rondo_store::{Creation, RawJson, task, task_list};
use rondo_web_api::{Relay, X_REQUEST_ID, follow_up};
use serde::Deserialize;

use super::Server;
use super::caller::{Caller, random};

pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/health", get(async || r#"{"status":"healthy","service":"yardstick"}"#))
        .route("/api/tasks", get(list).post(create))
        .route("/api/tasks/{id}", get(show))
        .with_state(server)
}

type Answer = Result<Response, StatusCode>;

async fn list(State(server): State<Arc<Server>>, caller: Caller, RawQuery(query): RawQuery) -> Answer {
    let (filter, sort, page) = asked(query.as_deref().unwrap_or_default()).map_err(unprocessable)?;
    let document =
        task_list::list(&server.platform.pool, caller.context(), &filter, sort, page).await.map_err(internal)?;
    Ok(json(&caller, StatusCode::OK, document.into_text()))
}

async fn show(State(server): State<Arc<Server>>, caller: Caller, Path(id): Path<String>) -> Answer {
    let id = TaskId::parse(&id).ok_or(StatusCode::NOT_FOUND)?;
    let found = task::get(&server.platform.pool, caller.context(), id).await.map_err(internal)?;
    let found = found.ok_or(StatusCode::NOT_FOUND)?;
    let tag = described(&found)?.entity_tag();
    Ok(([(header::ETAG, tag)], json(&caller, StatusCode::OK, found.into_text())).into_response())
}

async fn create(State(server): State<Arc<Server>>, caller: Caller, body: Bytes) -> Answer {
    let form: TaskForm = serde_json::from_slice(&body).map_err(unprocessable)?;
    let task = form.parse().map_err(unprocessable)?;
    let id = TaskId::new(Timestamp::now(), random()?);
    let outcome = task::create(&server.platform.pool, caller.context(), id, &task, None).await.map_err(internal)?;
    let Creation::Made { reply, relay } = outcome else { return Err(StatusCode::UNPROCESSABLE_ENTITY) };
    if let Some(batch) = relay {
        let relay = Relay::new(caller.context().user, batch);
        // What is done after the reply, as Rondo's host lets a component go on.
        tokio::spawn(async move { follow_up(&*server.platform, relay).await });
    }
    let made = described(&reply)?;
    let headers = [(header::LOCATION, format!("/api/tasks/{}", made.id)), (header::ETAG, made.entity_tag())];
    Ok((headers, json(&caller, StatusCode::CREATED, reply.into_text())).into_response())
}

fn json(caller: &Caller, status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (X_REQUEST_ID, caller.request_id()),
    ];
    (status, headers, text).into_response()
}

/// What the headers of a reply say of its task.
#[derive(Deserialize)]
struct Described {
    id: String,
    version: u64,
}

impl Described {
    fn entity_tag(&self) -> String {
        format!("\"{}\"", self.version)
    }
}

fn described(task: &RawJson) -> Result<Described, StatusCode> {
    task.read().map_err(internal)
}

fn asked(query: &str) -> Result<(TaskFilter, (SortBy, SortOrder), Page), ValueError> {
    let mut filter = TaskFilter::default();
    let mut tags = Vec::new();
    let (mut sort_by, mut sort_order, mut page) = (None, SortOrder::default(), Page::default());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "status" => filter.status.push(value.parse()?),
            "priority" => filter.priority.push(value.parse()?),
            "tags" => tags.push(TagName::parse(&value)?),
            "search" => filter.search = SearchText::parse(&value)?,
            "due_before" => filter.due_before = Some(time::instant(&value)?),
            "due_after" => filter.due_after = Some(time::instant(&value)?),
            "sort_by" => sort_by = Some(value.parse()?),
            "sort_order" => sort_order = value.parse()?,
            "page" => page = page.with_number(&value)?,
            "page_size" => page = page.with_size(&value)?,
            _ => return Err(ValueError::new("is not a parameter that this takes")),
        }
    }
    filter.tags = TagNames::new(tags)?;
    let by_itself = if filter.search.is_some() { SortBy::Relevance } else { SortBy::default() };
    Ok((filter, (sort_by.unwrap_or(by_itself), sort_order), page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskForm {
    title: String,
    description: Option<String>,
    status: Option<String>,
    priority: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    due_at: Option<String>,
}

impl TaskForm {
    fn parse(self) -> Result<NewTask, ValueError> {
        let tags = self.tags.iter().map(|name| TagName::parse(name)).collect::<Result<Vec<_>, _>>()?;
        Ok(NewTask {
            title: Title::parse(&self.title)?,
            description: self.description.as_deref().map(Description::parse).transpose()?,
            status: self.status.map_or(Ok(Status::default()), |name| name.parse())?,
            priority: self.priority.map_or(Ok(Priority::default()), |name| name.parse())?,
            tags: TagNames::new(tags)?,
            due_at: self.due_at.as_deref().map(time::instant).transpose()?,
        })
    }
}

fn unprocessable(_: impl Display) -> StatusCode {
    StatusCode::UNPROCESSABLE_ENTITY
}

fn internal(error: SqlError) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}
