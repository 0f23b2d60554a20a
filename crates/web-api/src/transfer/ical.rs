//! Tasks that come in as iCalendar.

use rondo_domain::ids::{RecurringTaskId, SeriesId, TaskId, TaskInstanceId, UserId};
use rondo_domain::user::ZoneName;
use rondo_ical::{Instance, Refusal, Todo};
use rondo_ports::Platform;
use rondo_store::{task_transfer, user};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{FieldError, Problem, Request};

/// The to-dos in the body of `request`, as the statement takes them.
///
/// # Errors
/// 400 if it is no iCalendar; 422 naming all that is wrong by to-do and property.
pub(super) async fn listed<P: Platform>(
    platform: &P,
    request: &Request,
    user: UserId,
    at_most: usize,
) -> Result<String, Problem> {
    let file = std::str::from_utf8(request.bytes()?)
        .map_err(|_| Problem::bad_request("The body is not iCalendar: it is not UTF-8."))?;
    let home = home(platform, user).await?;
    let todos = rondo_ical::read(file, &home, platform.now(), at_most).map_err(|refusal| refused(refusal, at_most))?;
    let listed = todos.iter().enumerate().map(|(position, todo)| row(platform, user, position, todo));
    Ok(Value::Array(listed.collect()).to_string())
}

fn refused(refusal: Refusal, at_most: usize) -> Problem {
    match refusal {
        Refusal::Unreadable(why) => Problem::bad_request(why),
        Refusal::TooMany => Problem::invalid_value("todos", format!("must be at most {at_most}")),
        Refusal::Faults(faults) => {
            let named = faults.into_iter().map(|fault| FieldError {
                field: format!("todos.{}.{}", fault.todo, fault.property),
                message: fault.message,
            });
            Problem::invalid(named.collect())
        }
    }
}

/// The zone in which `user` lives.
async fn home<P: Platform>(platform: &P, user: UserId) -> Result<ZoneName, Problem> {
    #[derive(Deserialize)]
    struct Profile {
        timezone: String,
    }
    let profile = user::get(platform, user).await?.ok_or_else(|| Problem::unauthorized("There is no such user."))?;
    let Profile { timezone } = profile.read()?;
    Ok(ZoneName::parse(&timezone).unwrap_or_default())
}

fn row<P: Platform>(platform: &P, user: UserId, position: usize, todo: &Todo) -> Value {
    let now = platform.now();
    let fresh_id =
        todo.uid.as_deref().map_or_else(|| TaskId::new(now, platform.bytes()).to_string(), |uid| id_of(user, uid));
    let series = todo.series.as_ref();
    json!({
        "position": position,
        "fresh_id": fresh_id,
        "id": todo.uid.as_deref().and_then(TaskId::parse),
        "title": todo.task.title.as_str(),
        "description": todo.task.description.as_ref().map(|description| description.as_str()),
        "status": todo.task.status.as_str(),
        "priority": todo.task.priority.as_str(),
        "tags": todo.task.tags.iter().collect::<Vec<_>>(),
        "due_at": todo.task.due_at,
        "completed_at": todo.completed_at,
        "created_at": todo.created_at,
        "series": series.map(|series| {
            let ids = (RecurringTaskId::new(now, platform.bytes()), SeriesId::new(now, platform.bytes()));
            task_transfer::series_of(&series.plan, ids.0, ids.1)
        }),
        "instances": series.map(|series| {
            series.instances.iter().map(|made| instance(platform, made)).collect::<Vec<_>>()
        }),
    })
}

fn instance<P: Platform>(platform: &P, made: &Instance) -> Value {
    json!({
        "id": TaskInstanceId::new(platform.now(), platform.bytes()),
        "title": made.title.as_str(),
        "priority": made.priority.as_str(),
        "at": made.at,
        "local": made.local,
        "fold": i32::from(made.is_second_passage),
        "status": made.status.as_str(),
        "completed_at": made.completed_at,
    })
}

/// The id that a task of this `UID` gets where it can't be the id itself: the same for the same user each time, so that a file
/// that comes twice is taken once. A UUID of version 8 (RFC 9562 §5.8).
fn id_of(user: UserId, uid: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(format!("iCalendar\0{user}\0{uid}"))[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = crate::idempotency::hex(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
