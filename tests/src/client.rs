//! The one place that knows how requests are made: an operation of the OpenAPI document each.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::openapi::{Body, Operation, operation};
use crate::stream::Events;
use crate::{Call, Reply};

/// Somebody's way to the application.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, token: None }
    }

    /// The same, signed in with an access token or an API token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// What it signs its requests with.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub fn register(&self, body: Value) -> Call {
        self.call("register").json(body)
    }

    pub fn login(&self, email: &str, password: &str) -> Call {
        self.call("login").json(json!({ "email": email, "password": password }))
    }

    pub fn refresh(&self, refresh_token: &str) -> Call {
        self.call("refreshSession").json(json!({ "refresh_token": refresh_token }))
    }

    pub fn logout(&self, refresh_token: &str) -> Call {
        self.call("logout").json(json!({ "refresh_token": refresh_token }))
    }

    pub fn profile(&self) -> Call {
        self.call("getProfile")
    }

    pub fn change_profile(&self, patch: Value) -> Call {
        self.call("changeProfile").json(patch)
    }

    pub fn api_tokens(&self) -> Call {
        self.call("listApiTokens")
    }

    pub fn create_api_token(&self, body: Value) -> Call {
        self.call("createApiToken").json(body)
    }

    pub fn delete_api_token(&self, id: &str) -> Call {
        self.call("deleteApiToken").path("id", id)
    }

    pub fn tasks(&self) -> Call {
        self.call("listTasks")
    }

    pub fn create_task(&self, body: Value) -> Call {
        self.call("createTask").json(body)
    }

    /// Makes a task of which only the title matters.
    pub async fn new_task(&self, title: &str) -> Reply {
        self.create_task(json!({ "title": title })).await.is(201)
    }

    pub fn task(&self, id: &str) -> Call {
        self.call("getTask").path("id", id)
    }

    pub fn change_task(&self, id: &str, patch: Value) -> Call {
        self.call("changeTask").path("id", id).json(patch)
    }

    pub fn delete_task(&self, id: &str) -> Call {
        self.call("deleteTask").path("id", id)
    }

    pub fn complete_task(&self, id: &str) -> Call {
        self.call("completeTask").path("id", id)
    }

    pub fn reopen_task(&self, id: &str) -> Call {
        self.call("reopenTask").path("id", id)
    }

    pub fn change_tasks(&self, body: Value) -> Call {
        self.call("changeTasks").json(body)
    }

    pub fn export(&self, format: &str) -> Call {
        self.call("exportTasks").query("format", format)
    }

    pub fn import(&self, media_type: &str, body: impl Into<Bytes>) -> Call {
        self.call("importTasks").body(media_type, body)
    }

    pub fn calendar_feeds(&self) -> Call {
        self.call("listCalendarFeeds")
    }

    pub fn create_calendar_feed(&self) -> Call {
        self.call("createCalendarFeed")
    }

    pub fn revoke_calendar_feed(&self, id: &str) -> Call {
        self.call("revokeCalendarFeed").path("id", id)
    }

    /// The calendar at an address that the API gave.
    pub fn calendar(&self, url: &str) -> Call {
        let (_, file) = url.split_once("/api/calendar/").expect("the address of a calendar");
        self.call("readCalendar").path("token", file.strip_suffix(".ics").expect("a calendar's name"))
    }

    pub fn recurring_tasks(&self) -> Call {
        self.call("listRecurringTasks")
    }

    pub fn create_recurring_task(&self, body: Value) -> Call {
        self.call("createRecurringTask").json(body)
    }

    pub fn recurring_task(&self, task: &str) -> Call {
        self.call("getRecurringTask").path("task_id", task)
    }

    pub fn change_recurring_task(&self, task: &str, patch: Value) -> Call {
        self.call("changeRecurringTask").path("task_id", task).json(patch)
    }

    pub fn cancel_recurring_task(&self, task: &str) -> Call {
        self.call("cancelRecurringTask").path("task_id", task)
    }

    pub fn task_instances(&self, task: &str) -> Call {
        self.call("listTaskInstances").path("task_id", task)
    }

    pub fn complete_task_instance(&self, task: &str, id: &str) -> Call {
        self.call("completeTaskInstance").path("task_id", task).path("id", id)
    }

    pub fn skip_task_instance(&self, task: &str, id: &str) -> Call {
        self.call("skipTaskInstance").path("task_id", task).path("id", id)
    }

    pub fn preview(&self, body: Value) -> Call {
        self.call("previewRecurrence").json(body)
    }

    pub fn reminders(&self) -> Call {
        self.call("listReminders")
    }

    pub fn create_reminder(&self, body: Value) -> Call {
        self.call("createReminder").json(body)
    }

    pub fn reminder(&self, id: &str) -> Call {
        self.call("getReminder").path("id", id)
    }

    pub fn cancel_reminder(&self, id: &str) -> Call {
        self.call("cancelReminder").path("id", id)
    }

    pub fn snooze_reminder(&self, id: &str, body: Value) -> Call {
        self.call("snoozeReminder").path("id", id).json(body)
    }

    pub fn notifications(&self) -> Call {
        self.call("listNotifications")
    }

    pub fn notification(&self, id: &str) -> Call {
        self.call("getNotification").path("id", id)
    }

    pub fn read_notification(&self, id: &str) -> Call {
        self.call("readNotification").path("id", id)
    }

    pub fn read_all_notifications(&self) -> Call {
        self.call("readAllNotifications")
    }

    pub fn notification_settings(&self) -> Call {
        self.call("getNotificationSettings")
    }

    pub fn change_notification_settings(&self, patch: Value) -> Call {
        self.call("changeNotificationSettings").json(patch)
    }

    pub fn set_webhook(&self, url: &str) -> Call {
        self.call("setWebhook").json(json!({ "url": url }))
    }

    pub fn delete_webhook(&self) -> Call {
        self.call("deleteWebhook")
    }

    pub fn push_key(&self) -> Call {
        self.call("getPushKey")
    }

    pub fn push_subscriptions(&self) -> Call {
        self.call("listPushSubscriptions")
    }

    pub fn create_push_subscription(&self, body: Value) -> Call {
        self.call("createPushSubscription").json(body)
    }

    pub fn delete_push_subscription(&self, id: &str) -> Call {
        self.call("deletePushSubscription").path("id", id)
    }

    pub fn tags(&self) -> Call {
        self.call("listTags")
    }

    pub fn rename_tag(&self, id: &str, name: &str) -> Call {
        self.call("renameTag").path("id", id).json(json!({ "name": name }))
    }

    pub fn delete_tag(&self, id: &str) -> Call {
        self.call("deleteTag").path("id", id)
    }

    /// Opens the stream of events, after the event `last` if there is one.
    pub async fn stream(&self, last: Option<&str>) -> Events {
        let mut call = self.call("streamTasks");
        if let Some(last) = last {
            call = call.header("last-event-id", last);
        }
        let (operation, response) = (operation("streamTasks"), call.begin().await.expect("an answer"));
        operation.check(response.status(), response.headers(), Body::Streamed);
        assert_eq!(response.status(), StatusCode::OK);
        Events::new(response.into_body())
    }

    /// Any operation of the document.
    pub fn call(&self, id: &str) -> Call {
        let operation = operation(id);
        self.prepare(Some(operation), operation.method.clone(), operation.path.clone())
    }

    /// What the document does not have: its reply is held against nothing.
    pub fn elsewhere(&self, method: Method, path: &str) -> Call {
        self.prepare(None, method, path.to_owned())
    }

    fn prepare(&self, operation: Option<&'static Operation>, method: Method, path: String) -> Call {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().expect("a header's value"));
        }
        Call::new(self.address, operation, method, path).headers(headers)
    }
}
