//! Somebody who is told by other channels than the page, and the servers that those lead to.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rondo_domain::ids::UserId;
use serde_json::Value;
use support::clock::DrivenClock;
use support::mortality::Mortality;
use support::people::access_token;
use support::receiver::{Manner, Receiver};
use support::{App, Setup, User};

/// The job that sends.
pub const JOB: &str = "/job/notification-deliveries";
pub const VAPID_PRIVATE_KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
pub const VAPID_PUBLIC_KEY: &str =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
pub const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
// A browser's keys: those of RFC 8291, appendix A.
pub const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
pub const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
pub const BROWSER_PRIVATE_KEY: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";

/// An application whose clock the test drives, with a push service, a webhook and a mail service that take everything.
pub struct Scene {
    pub app: App,
    pub clock: Arc<DrivenClock>,
    pub mortality: Arc<Mortality>,
    pub push: Receiver,
    pub webhook: Receiver,
    pub mail: Receiver,
    pub ada: User,
}

impl Scene {
    pub async fn set() -> Self {
        Self::set_where("").await
    }

    /// The same, where these networks are blocked.
    pub async fn set_where(blocked_networks: &str) -> Self {
        let (push, webhook, mail) = tokio::join!(taker(), taker(), taker());
        let clock = DrivenClock::at(Timestamp::now());
        let mortality = Arc::new(Mortality::default());
        let variables = variables(blocked_networks, &mail);
        let setup = Setup { clock: Some(clock.clone()), imports: mortality.clone(), variables, ..Setup::default() };
        let app = App::with(setup).await;
        let ada = app.user().await;
        Self { app, clock, mortality, push, webhook, mail, ada }
    }

    /// Has Ada told by these channels.
    pub async fn use_channels(&self, channels: &[&str]) {
        let user = &self.ada.id;
        let is_on = |channel| channels.contains(&channel);
        let (push, webhook) = (self.push.url("/device"), self.webhook.url("/hook"));
        self.app
            .arrange(&format!(
                "insert into notification_settings (user_id, web_push, webhook, email)
                values ('{user}', {}, {}, {});
                insert into push_subscriptions (id, user_id, endpoint, p256dh, auth)
                values (gen_random_uuid(), '{user}', '{push}', '{P256DH}', '{AUTH}');
                insert into webhooks (id, user_id, url, secret)
                values (gen_random_uuid(), '{user}', '{webhook}', '{WEBHOOK_SECRET}')",
                is_on("web_push"),
                is_on("webhook"),
                is_on("email"),
            ))
            .await;
    }

    /// Has it told that a task is due now, and put on its way; the task's id.
    pub async fn notify(&self) -> String {
        let task = self.ada.new_task("Pay rent").await.id();
        let (user, now) = (&self.ada.id, self.clock.now());
        self.app
            .arrange(&format!(
                "insert into notifications (id, user_id, task_id, title, body, due_at, scheduled_for, delivered_at, created_at)
                values (gen_random_uuid(), '{user}', '{task}', 'Pay rent', 'Due now', '{now}', '{now}', '{now}', '{now}');
                select send_notification(notifications, '{now}') from notifications where task_id = '{task}'"
            ))
            .await;
        task
    }

    pub async fn run_job(&self) {
        self.app.deliver("notification-service", JOB, "{}").await.is(204);
    }

    pub fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
    }

    /// What Ada's only notification says of its deliveries.
    pub async fn deliveries(&self) -> Vec<Value> {
        let ada = UserId::parse(&self.ada.id).expect("an id");
        // Hours may have passed since she signed in.
        let ada = self.app.stranger().with_token(&access_token(ada, self.clock.now()));
        let listed = ada.call("listNotifications").await.is(200);
        listed["notifications"][0]["deliveries"].as_array().expect("deliveries").clone()
    }

    /// The one by that channel.
    pub async fn delivery(&self, channel: &str) -> Value {
        self.deliveries().await.into_iter().find(|delivery| delivery["channel"] == channel).expect("a delivery")
    }
}

/// A server that takes everything.
pub async fn taker() -> Receiver {
    Receiver::answering(Manner::Status(200)).await
}

/// What an operator sets for all channels.
pub fn variables(blocked_networks: &str, mail: &Receiver) -> Vec<(&'static str, String)> {
    vec![
        ("blocked_networks", blocked_networks.to_owned()),
        ("vapid_private_key", VAPID_PRIVATE_KEY.to_owned()),
        ("vapid_subject", "mailto:ops@example.org".to_owned()),
        ("mail_url", mail.url("/emails")),
        ("mail_token", "re_token".to_owned()),
        ("mail_from", "Rondo <rondo@example.org>".to_owned()),
    ]
}
