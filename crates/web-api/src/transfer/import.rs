//! Tasks in: all of a file, or none.

use http::{Method, StatusCode};
use rondo_ports::Platform;
use rondo_store::{Creation, task_transfer};
use serde_json::Value;

use super::imported::Imported;
use super::{csv, ical};
use crate::auth::identify;
use crate::form::Form;
use crate::idempotency::key_reused;
use crate::{Endpoint, FieldError, Problem, Reply, Request};

/// The most tasks in one import.
const AT_MOST: usize = 1_000;

/// `/api/tasks/import`.
pub struct Import;

impl Endpoint for Import {
    const BODY_LIMIT: usize = 1024 * 1024;

    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        match request.method {
            Method::POST => import(platform, request).await,
            _ => Err(Problem::method_not_allowed("POST")),
        }
    }
}

async fn import<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let key = request.idempotency_key()?;
    let listed = match request.media_type().as_deref() {
        Some("text/csv") => listed(platform, csv::forms(request.bytes()?)?)?,
        Some(rondo_ical::MEDIA_TYPE) => ical::listed(platform, request, identity.user, AT_MOST).await?,
        None | Some("application/json") => listed(platform, json_forms(request.form()?)?)?,
        Some(_) => {
            return Err(Problem::unsupported_media_type(&["application/json", "text/csv", rondo_ical::MEDIA_TYPE]));
        }
    };
    match task_transfer::import(platform, identity.context(request), &listed, key.as_ref()).await? {
        Creation::Made { reply, relay } => Ok(Reply::raw(StatusCode::OK, reply).with_relay(identity.user, relay)),
        Creation::Replayed(reply) => Ok(Reply::raw(StatusCode::OK, reply)),
        Creation::KeyReused => Err(key_reused()),
    }
}

/// The tasks of `{"tasks": […]}`, each still to be looked at.
fn json_forms(mut form: Form) -> Result<Vec<Form>, Problem> {
    let tasks = match form.take("tasks") {
        Some(Value::Array(tasks)) => tasks,
        Some(_) => return Err(Problem::invalid_value("tasks", "must be a list")),
        None => return Err(Problem::invalid_value("tasks", "is required")),
    };
    form.finish(Some(()))?;
    let forms = tasks.into_iter().enumerate().map(|(index, task)| Form::of(task, format!("tasks.{index}.")));
    forms.collect::<Result<_, _>>().map_err(|error| Problem::invalid(vec![error]))
}

/// The tasks that `forms` describe, as the statement takes them: all, or 422 naming what is wrong with each.
fn listed<P: Platform>(platform: &P, forms: Vec<Form>) -> Result<String, Problem> {
    if forms.len() > AT_MOST {
        return Err(Problem::invalid_value("tasks", format!("must be at most {AT_MOST}, not {}", forms.len())));
    }
    let mut errors: Vec<FieldError> = Vec::new();
    let mut tasks = Vec::with_capacity(forms.len());
    for (position, form) in forms.into_iter().enumerate() {
        match Imported::read(form) {
            Ok(task) => tasks.push(task.listed(position, platform)),
            Err(wrong) => errors.extend(wrong),
        }
    }
    if errors.is_empty() { Ok(Value::Array(tasks).to_string()) } else { Err(Problem::invalid(errors)) }
}
