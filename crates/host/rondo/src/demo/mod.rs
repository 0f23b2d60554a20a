//! A user with a believable month of tasks, made through the API like anybody's.

mod month;
mod series;

use anyhow::{Context, bail};
use http::StatusCode;
use jiff::{Timestamp, ToSpan};
use rondo_postgres::Progress;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use month::Plan;

/// Whom the demo's tasks belong to.
pub const EMAIL: &str = "demo@rondo.example";
/// Their password; the server listens on this machine only.
pub const PASSWORD: &str = "a month of tasks";

/// Where they live.
const ZONE: &str = "Europe/Berlin";

/// Makes the demo's user and tasks, unless the user is there already.
pub async fn make(client: &Client, progress: &dyn Progress) -> anyhow::Result<()> {
    let Some(token) = register(client).await? else {
        return Ok(());
    };
    let client = client.clone().with_token(token);
    let plans = month::plans()?;
    let mut reminded = false;
    for plan in &plans {
        let create = async {
            let task = create(&client, plan).await?;
            if !reminded && !plan.done && plan.due.is_some_and(|due| due.days > 0) {
                remind(&client, &task).await?;
                reminded = true;
            }
            anyhow::Ok(())
        };
        create.await.with_context(|| format!("the demo's task `{}`", plan.title))?;
    }
    for body in series::bodies(ZONE) {
        let answer = client.post("/api/tasks/recurring", &body).await?;
        if answer.status() != StatusCode::CREATED {
            bail!("the demo's {}: {}: {}", body["title"], answer.status(), String::from_utf8_lossy(answer.body()));
        }
    }
    progress.step(&format!("Made a demo user with {} tasks, and some that recur", plans.len()));
    Ok(())
}

/// The new user's access token; `None` if the user is there already.
async fn register(client: &Client) -> anyhow::Result<Option<String>> {
    #[derive(Deserialize)]
    struct Session {
        access_token: String,
    }
    let user = json!({ "email": EMAIL, "password": PASSWORD, "name": "Robin Demo", "timezone": ZONE });
    let answer = client.post("/api/auth/register", &user).await?;
    match answer.status() {
        StatusCode::CREATED => Ok(Some(serde_json::from_slice::<Session>(answer.body())?.access_token)),
        StatusCode::CONFLICT => Ok(None),
        status => bail!("the demo's user was refused with {status}: {}", String::from_utf8_lossy(answer.body())),
    }
}

/// Makes a task; its id.
async fn create(client: &Client, plan: &Plan) -> anyhow::Result<String> {
    #[derive(Deserialize)]
    struct Created {
        id: String,
    }
    let answer = client.post("/api/tasks", &body(plan)?).await?;
    if answer.status() != StatusCode::CREATED {
        bail!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    }
    let Created { id } = serde_json::from_slice(answer.body())?;
    if plan.done {
        let answer = client.post(&format!("/api/tasks/{id}/complete"), &json!({})).await?;
        if answer.status() != StatusCode::OK {
            bail!("completing it: {}", answer.status());
        }
    }
    Ok(id)
}

/// Has a task that is due tomorrow or later be reminded of.
async fn remind(client: &Client, task: &str) -> anyhow::Result<()> {
    let answer = client.post("/api/reminders", &json!({ "task_id": task, "minutes_before": 15 })).await?;
    if answer.status() != StatusCode::CREATED {
        bail!("its reminder: {}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    }
    Ok(())
}

fn body(plan: &Plan) -> anyhow::Result<Value> {
    let due_at = plan.due.map(|due| due.from(Timestamp::now())).transpose()?;
    let mut body = json!({ "title": plan.title, "priority": plan.priority, "tags": plan.tags });
    if let Some(description) = &plan.description {
        body["description"] = json!(description);
    }
    if let Some(due_at) = due_at {
        body["due_at"] = json!(due_at.to_string());
    }
    Ok(body)
}

impl month::Due {
    /// The same hour of the day, so many days from `now`.
    fn from(self, now: Timestamp) -> anyhow::Result<Timestamp> {
        let midnight = now.as_second() - now.as_second().rem_euclid(24 * 60 * 60);
        let day = Timestamp::from_second(midnight)?;
        Ok(day.checked_add((i64::from(self.days) * 24).hours())?.checked_add(self.minutes.minutes())?)
    }
}
