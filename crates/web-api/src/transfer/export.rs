//! All tasks out.

use http::{Method, StatusCode, header};
use rondo_domain::ValueError;
use rondo_ical::Shape;
use rondo_ports::Platform;
use rondo_store::{calendar, task_transfer};

use super::csv;
use crate::auth::identify;
use crate::calendar_feed::entries;
use crate::{Endpoint, Problem, Reply, Request};

/// `/api/tasks/export`.
pub struct Export;

impl Endpoint for Export {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        match request.method {
            Method::GET => export(platform, request).await,
            _ => Err(Problem::method_not_allowed("GET")),
        }
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
            let calendar = entries::calendar(calendar::entries(platform, identity.user).await?, Shape::Todos)?;
            (Reply::text(StatusCode::OK, "text/calendar; charset=utf-8", calendar), "rondo-tasks.ics")
        }
    };
    Ok(reply.with_header(header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{file}\"")))
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
