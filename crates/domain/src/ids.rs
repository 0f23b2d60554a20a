//! The ids: UUIDs of version 7 (RFC 9562 §5.7), so that they sort by age.

use jiff::Timestamp;
use uuid::{Builder, Uuid};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, made at `now` from ten random bytes.
            #[must_use]
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The id that `text` spells; `None` if it is no UUID.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

id!(
    /// A person with an account.
    UserId
);
id!(
    /// A task.
    TaskId
);
id!(
    /// A tag of one user.
    TagId
);
id!(
    /// A recurring task: the record of a series.
    RecurringTaskId
);
id!(
    /// A series: what a template task and the record of its recurrence share.
    SeriesId
);
id!(
    /// One occurrence of a recurring task, made.
    TaskInstanceId
);
id!(
    /// A sign-in: the chain of refresh tokens that began with it.
    SessionId
);
id!(
    /// One refresh token.
    RefreshTokenId
);
id!(
    /// A personal API token.
    ApiTokenId
);
id!(
    /// A private address of a calendar.
    CalendarFeedId
);
id!(
    /// A reminder.
    ReminderId
);
id!(
    /// What a person was told.
    NotificationId
);
id!(
    /// A browser on a device, as it subscribed to its push service.
    PushSubscriptionId
);
id!(
    /// An address that notifications are posted to.
    WebhookId
);
id!(
    /// A notification on its way to a device or an address.
    DeliveryId
);
id!(
    /// A request that came without an id of its own.
    RequestId
);

fn uuid_v7(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let earlier = TaskId::new(Timestamp::from_millisecond(1_000).expect("in range"), [0xff; 10]);
        let later = TaskId::new(Timestamp::from_millisecond(1_001).expect("in range"), [0; 10]);
        assert!(earlier < later);
        assert!(earlier.to_string() < later.to_string());
    }

    #[test]
    fn an_id_is_of_version_7() {
        let id = TaskId::new(Timestamp::UNIX_EPOCH, [0xab; 10]);
        assert_eq!(id.0.get_version_num(), 7);
        assert_eq!(TaskId::parse(&id.to_string()), Some(id));
        assert_eq!(TaskId::parse("12"), None);
    }
}
