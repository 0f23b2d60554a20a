//! `/api/notification-settings` and `/api/push-subscriptions`: by which channels a person is told, and when not.

mod push;
mod webhook;

use http::{Method, StatusCode};
use rondo_domain::ValueError;
use rondo_domain::notification::{QuietHours, Reach, TimeOfDay};
use rondo_ports::Platform;
use rondo_store::notification_settings::{self as store, Available, SettingsChange, SettingsPatch};
use serde_json::Value;

use crate::auth::identify;
use crate::form::Form;
use crate::{Endpoint, Problem, Reply, Request};

/// `/api/notification-settings`, `/api/notification-settings/webhook`, `/api/push-subscriptions`, `/api/push-subscriptions/key`,
/// `/api/push-subscriptions/{id}`.
pub struct NotificationSettings;

impl Endpoint for NotificationSettings {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        if let Some(segments) = request.segments_after("/api/push-subscriptions") {
            return push::handle(platform, request, &segments).await;
        }
        let segments = request.segments_after("/api/notification-settings").unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => show(platform, request).await,
            ([], &Method::PATCH) => change(platform, request).await,
            ([], _) => Err(Problem::method_not_allowed("GET, PATCH")),
            (["webhook"], &Method::PUT) => webhook::set(platform, request).await,
            (["webhook"], &Method::DELETE) => webhook::delete(platform, request).await,
            (["webhook"], _) => Err(Problem::method_not_allowed("PUT, DELETE")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

async fn show<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    Ok(Reply::document(store::get(platform, identity.user, available(platform)?).await?))
}

async fn change<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let available = available(platform)?;
    let patch = wanted(request.merge_patch()?, available)?;
    match store::change(platform, identity.user, patch, available).await? {
        SettingsChange::Changed(settings) => Ok(Reply::raw(StatusCode::OK, settings)),
        SettingsChange::NoWebhook => Err(Problem::invalid_value(
            "webhook",
            "can be turned on once there is an address: PUT /api/notification-settings/webhook first",
        )),
    }
}

/// Which channels the operator has set up.
fn available<P: Platform>(platform: &P) -> Result<Available, Problem> {
    Ok(Available {
        web_push: !platform.variable("vapid_private_key")?.is_empty(),
        email: !platform.variable("mail_url")?.is_empty(),
    })
}

/// How far the addresses may lead that people give.
pub(crate) fn reach<P: Platform>(platform: &P) -> Result<Reach, Problem> {
    Ok(if platform.variable("blocked_networks")?.trim().is_empty() { Reach::Anywhere } else { Reach::Public })
}

fn wanted(mut form: Form, available: Available) -> Result<SettingsPatch, Problem> {
    let patch = SettingsPatch {
        web_push: switch(&mut form, "web_push", available.web_push),
        webhook: switch(&mut form, "webhook", true),
        email: switch(&mut form, "email", available.email),
        quiet_hours: quiet_hours(&mut form),
    };
    form.finish(Some(patch))
}

/// Takes whether a channel is to be used, which must be set up for that.
fn switch(form: &mut Form, name: &str, is_available: bool) -> Option<bool> {
    let value = form.take(name)?;
    let wanted = value.as_bool();
    if wanted.is_none() {
        form.fail(name, "must be true or false");
    } else if wanted == Some(true) && !is_available {
        form.fail(name, "can't be turned on here: whoever runs this Rondo has not set it up");
    }
    wanted
}

fn quiet_hours(form: &mut Form) -> Option<Option<QuietHours>> {
    let value = form.take("quiet_hours")?;
    if value.is_null() {
        return Some(None);
    }
    match between(value) {
        Ok(hours) => Some(Some(hours)),
        Err(wrong) => {
            for error in wrong {
                form.fail(&error.field, error.message);
            }
            None
        }
    }
}

fn between(value: Value) -> Result<QuietHours, Vec<crate::FieldError>> {
    let mut form = Form::of(value, "quiet_hours.".to_owned()).map_err(|error| vec![error])?;
    let times = form.required("from", TimeOfDay::parse).zip(form.required("until", TimeOfDay::parse));
    let hours = times.map(|(from, until)| QuietHours::new(from, until));
    let hours = hours.and_then(|hours: Result<QuietHours, ValueError>| form.check("until", hours));
    let errors = form.into_errors();
    hours.filter(|_| errors.is_empty()).ok_or(errors)
}
