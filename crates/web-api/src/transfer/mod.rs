//! `/api/tasks/export` and `/api/tasks/import`: all tasks out, tasks in, as JSON, CSV or iCalendar.

mod csv;
mod ical;
mod imported;

use http::{Method, StatusCode, header};
use rondo_domain::ValueError;
use rondo_ports::Platform;
use rondo_store::{Creation, task_transfer};
use serde_json::Value;

use self::imported::Imported;
use crate::auth::identify;
use crate::form::Form;
use crate::idempotency::key_reused;
use crate::{Endpoint, FieldError, Problem, Reply, Request};

/// The most tasks in one import.
const AT_MOST: usize = 1_000;

/// `/api/tasks/export`, `/api/tasks/import`.
pub struct Transfer;

impl Endpoint for Transfer {
    const BODY_LIMIT: usize = 1024 * 1024;

    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        match (request.path.as_str(), &request.method) {
            ("/api/tasks/export", &Method::GET) => export(platform, request).await,
            ("/api/tasks/export", _) => Err(Problem::method_not_allowed("GET")),
            ("/api/tasks/import", &Method::POST) => import(platform, request).await,
            ("/api/tasks/import", _) => Err(Problem::method_not_allowed("POST")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
enum Format {
    #[default]
    Json,
    Csv,
    Ical,
}

impl std::str::FromStr for Format {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        match name {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "ical" => Ok(Self::Ical),
            _ => Err(ValueError::new("must be json, csv or ical")),
        }
    }
}

impl Format {
    /// What `request` accepts first of what there is.
    fn accepted_by(request: &Request) -> Self {
        let accepted = request.header(header::ACCEPT.as_str()).unwrap_or_default().split(',');
        let formats = accepted.filter_map(|range| match range.split(';').next().unwrap_or_default().trim() {
            "application/json" => Some(Self::Json),
            "text/csv" => Some(Self::Csv),
            rondo_ical::MEDIA_TYPE => Some(Self::Ical),
            _ => None,
        });
        formats.into_iter().next().unwrap_or_default()
    }
}

async fn export<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let mut query = request.query();
    let format = query.one("format", str::parse).unwrap_or_else(|| Format::accepted_by(request));
    let format = query.finish(format)?;
    let tasks = async || task_transfer::export(platform, identity.context(request)).await;
    let (reply, file) = match format {
        Format::Json => {
            let tasks = tasks().await?;
            let document = format!("{{\"tasks\":{}}}", tasks.into_text());
            (Reply::json_text(StatusCode::OK, document), "rondo-tasks.json")
        }
        Format::Csv => {
            let rows =
                csv::write(&tasks().await?.read::<Vec<csv::Row>>()?).map_err(|error| Problem::internal(&error))?;
            (Reply::text(StatusCode::OK, "text/csv; charset=utf-8", rows), "rondo-tasks.csv")
        }
        Format::Ical => {
            let calendar = ical::export(platform, identity.user).await?;
            (Reply::text(StatusCode::OK, "text/calendar; charset=utf-8", calendar), "rondo-tasks.ics")
        }
    };
    Ok(reply.with_header(header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{file}\"")))
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
