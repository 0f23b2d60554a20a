//! What the operator has set up: by what Rondo identifies itself to push services, and its mail service.

use rondo_domain::notification::Reach;
use rondo_ports::Platform;
use rondo_push::VapidKey;

use crate::Problem;
use crate::notification_settings::reach;

/// What the operator has set up.
pub(super) struct Operator {
    /// Identifies this installation to push services.
    pub vapid_key: Option<VapidKey>,
    /// Where whoever runs this can be reached (`mailto:` or `https:`): push services may want to know.
    pub vapid_subject: Option<String>,
    /// How far the addresses may lead that people gave.
    pub reach: Reach,
    /// The mail service.
    pub mail: Option<MailService>,
}

/// An HTTP API that takes e-mail in the manner of Resend (<https://resend.com/docs/api-reference/emails/send-email>).
pub(super) struct MailService {
    /// Where it takes them.
    pub url: String,
    /// Proves that we may.
    pub token: String,
    /// Whom they come from.
    pub from: String,
}

impl Operator {
    /// What the variables say.
    ///
    /// # Errors
    /// One of them is not what it has to be.
    pub(super) fn read<P: Platform>(platform: &P) -> Result<Self, Problem> {
        let given = |name| Ok::<_, Problem>(Some(platform.variable(name)?).filter(|value| !value.is_empty()));
        let vapid_key = given("vapid_private_key")?.map(|text| VapidKey::parse(&text)).transpose();
        let vapid_key =
            vapid_key.map_err(|error| Problem::internal(&format!("the variable vapid_private_key {error}")))?;
        let vapid_subject = given("vapid_subject")?;
        if vapid_subject.as_ref().is_some_and(|subject| !is_contact(subject)) {
            return Err(Problem::internal(&"the variable vapid_subject must begin with mailto: or https://"));
        }
        let mail = match given("mail_url")? {
            Some(url) => {
                let from =
                    given("mail_from")?.ok_or_else(|| Problem::internal(&"mail_url is set: set mail_from, too"))?;
                Some(MailService { url, token: platform.variable("mail_token")?, from })
            }
            None => None,
        };
        Ok(Self { vapid_key, vapid_subject, reach: reach(platform)?, mail })
    }
}

/// RFC 8292 §2.1.
fn is_contact(subject: &str) -> bool {
    subject.starts_with("mailto:") || subject.starts_with("https://")
}
