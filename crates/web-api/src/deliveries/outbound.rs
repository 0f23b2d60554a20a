//! What is sent by each channel.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rondo_domain::delivery::Channel;
use rondo_domain::ids::{NotificationId, TaskId, TaskInstanceId};
use rondo_domain::notification::{Occasion, OutboundUrl};
use rondo_ports::{Outbound, Platform};
use rondo_push::webhook::Secret;
use rondo_push::{Receiver, VapidKey};
use rondo_store::notification_delivery::{Delivery, Notification, PushSubscription, Webhook};
use serde::Serialize;
use serde_json::json;

use super::operator::{MailService, Operator};

/// How long an answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long a push service keeps a message for a device that is away, in seconds: a reminder of yesterday is of no use.
const TTL_S: u32 = 86_400;

/// A delivery that can't be sent; why, for the person whose it is.
pub(super) struct Unsendable(pub String);

impl Unsendable {
    fn because(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// Composes what is sent of one batch.
pub(super) struct Wires<'a, P> {
    platform: &'a P,
    operator: &'a Operator,
    now: Timestamp,
    /// What identifies us, by the origin of the push service.
    identifications: BTreeMap<String, String>,
}

impl<'a, P: Platform> Wires<'a, P> {
    /// For what is sent now.
    pub(super) fn new(platform: &'a P, operator: &'a Operator) -> Self {
        Self { platform, operator, now: platform.now(), identifications: BTreeMap::new() }
    }

    /// The request that delivers `delivery`.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn compose(&mut self, delivery: &Delivery) -> Result<Outbound, Unsendable> {
        let told = as_told(delivery);
        match delivery.channel {
            Channel::WebPush => {
                let device = delivery.push_subscription.as_ref();
                self.push(&told, device.ok_or_else(|| Unsendable::because("The device has unsubscribed."))?)
            }
            Channel::Webhook => {
                let webhook = delivery.webhook.as_ref();
                let webhook = webhook.ok_or_else(|| Unsendable::because("The webhook was taken away."))?;
                self.webhook(delivery, &told, webhook)
            }
            Channel::Email => match (&self.operator.mail, &delivery.email) {
                (Some(service), Some(address)) => Ok(mail(delivery, &told, service, address)),
                _ => Err(Unsendable::because("E-mail is not set up here any more.")),
            },
        }
    }

    fn push(&mut self, told: &Notification, device: &PushSubscription) -> Result<Outbound, Unsendable> {
        let Some(key) = &self.operator.vapid_key else {
            return Err(Unsendable::because("Web push is not set up here any more."));
        };
        self.check(&device.endpoint, "The device's push service")?;
        let receiver = Receiver::parse(&device.p256dh, &device.auth)
            .map_err(|error| Unsendable(format!("What the device subscribed with {error}.")))?;
        let message = json_of(&PushMessage {
            notification_id: told.id,
            task_id: told.task_id,
            task_instance_id: told.task_instance_id,
            title: &told.title,
            body: &told.body,
            is_late: told.is_late,
        });
        let body = receiver
            .encrypt(&message, self.platform.bytes(), || self.platform.bytes())
            .map_err(|error| Unsendable(error.to_string()))?;
        let authorization = self.identification(key, &device.endpoint);
        let headers = [
            ("authorization", authorization),
            ("content-encoding", "aes128gcm".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("ttl", TTL_S.to_string()),
            ("urgency", "high".to_owned()),
            ("topic", topic(told.id)),
        ];
        Ok(post(&device.endpoint, headers, body))
    }

    /// What identifies us to the push service of `endpoint`. Signing takes a while, and most devices have one of few.
    fn identification(&mut self, key: &VapidKey, endpoint: &str) -> String {
        let made = self.identifications.entry(origin(endpoint).to_owned());
        let subject = self.operator.vapid_subject.as_deref();
        made.or_insert_with_key(|origin| key.authorization(origin, subject, self.now)).clone()
    }

    /// Looks at an address that a person gave, as was done when it was given: what is allowed may have changed.
    fn check(&self, url: &str, whose: &str) -> Result<(), Unsendable> {
        let checked = OutboundUrl::parse(url, self.operator.reach);
        checked.map(drop).map_err(|error| Unsendable(format!("{whose} {error}.")))
    }

    fn webhook(&self, delivery: &Delivery, told: &Notification, webhook: &Webhook) -> Result<Outbound, Unsendable> {
        self.check(&webhook.url, "The webhook's address")?;
        let secret =
            Secret::parse(&webhook.secret).map_err(|error| Unsendable(format!("The webhook's secret {error}.")))?;
        let body =
            json_of(&WebhookEvent { event_type: "notification.created", timestamp: told.created_at, data: told });
        let id = delivery.id.to_string();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("user-agent", "Rondo".to_owned()),
            ("webhook-signature", secret.sign(&id, self.now, &body)),
            ("webhook-timestamp", self.now.as_second().to_string()),
            ("webhook-id", id),
        ];
        Ok(post(&webhook.url, headers, body))
    }
}

/// What the service worker of the page shows; by the ids it knows where a click leads (`web/sw/shown.ts`).
#[derive(Serialize)]
struct PushMessage<'a> {
    notification_id: NotificationId,
    task_id: Option<TaskId>,
    task_instance_id: Option<TaskInstanceId>,
    title: &'a str,
    body: &'a str,
    is_late: bool,
}

/// The body of a webhook (<https://www.standardwebhooks.com>).
#[derive(Serialize)]
struct WebhookEvent<'a> {
    #[serde(rename = "type")]
    event_type: &'a str,
    timestamp: Timestamp,
    data: &'a Notification,
}

fn mail(delivery: &Delivery, told: &Notification, service: &MailService, address: &str) -> Outbound {
    let body = json!({
        "from": service.from,
        "to": [address],
        "subject": format!("Reminder: {}", told.title),
        "text": mail_text(told),
    });
    let headers = [
        ("authorization", format!("Bearer {}", service.token)),
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", delivery.id.to_string()),
    ];
    post(&service.url, headers, json_of(&body))
}

fn mail_text(told: &Notification) -> String {
    let facts = [told.title.as_str(), told.body.as_str()].into_iter().filter(|fact| !fact.is_empty());
    let facts = facts.collect::<Vec<_>>().join("\n");
    format!("{facts}\n\n-- \nSent by Rondo. You choose in its settings by which ways you are reminded.\n")
}

/// The notification, with a text that is true now.
fn as_told(delivery: &Delivery) -> Notification {
    let mut told = delivery.notification.clone();
    if let (true, Some(scheduled_for)) = (delivery.is_past, delivery.clocks.scheduled_for) {
        let occasion =
            Occasion { due: delivery.clocks.due, scheduled_for, zone: &delivery.clocks.zone, is_late: told.is_late };
        told.body = occasion.body_afterwards();
    }
    told
}

/// RFC 8030 §5.4: a message takes the place of one of the same topic that still waits. At most 32 characters of base64url, as
/// many as an id has without its dashes.
fn topic(id: NotificationId) -> String {
    id.to_string().replace('-', "")
}

/// Scheme, host and port of a URL (RFC 6454 §6.2).
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |end| end + 3);
    let end = url[host..].find(['/', '?']).map_or(url.len(), |end| host + end);
    &url[..end]
}

fn post<const N: usize>(url: &str, headers: [(&'static str, String); N], body: Vec<u8>) -> Outbound {
    Outbound { url: url.to_owned(), headers: headers.into(), body, time_limit: TIME_LIMIT }
}

fn json_of(value: &impl Serialize) -> Vec<u8> {
    // Serialising plain data into memory does not fail.
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (url, expected) in [
            ("https://push.example/a/b?c", "https://push.example"),
            ("https://push.example:8443?c", "https://push.example:8443"),
            ("https://push.example", "https://push.example"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }

    #[test]
    fn a_topic_is_as_long_as_push_services_take() {
        assert_eq!(topic(NotificationId::new(Timestamp::UNIX_EPOCH, [0xff; 10])).len(), 32);
    }
}
