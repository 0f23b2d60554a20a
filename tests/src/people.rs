//! People who use an application. Signing up costs a password hash, so who is not there for that is arranged.

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use rondo_domain::ids::{SessionId, UserId};
use rondo_web_api::auth::jwt::{Claims, Keys};

use crate::lane::Lane;
use crate::{App, Client};

/// The keys that sign access tokens: the first signs, both verify.
pub const JWT_KEYS: &str =
    "new:TmV3IGtleSBvZiB0aGUgZW5kLXRvLWVuZCB0ZXN0cyE,old:T2xkIGtleSBvZiB0aGUgZW5kLXRvLWVuZCB0ZXN0cyE";

static MET: AtomicU32 = AtomicU32::new(0);

/// Somebody with an account, signed in.
pub struct User {
    pub id: String,
    client: Client,
}

impl User {
    /// Puts somebody into the database and signs an access token for them.
    pub(crate) async fn arrange(app: &App) -> Self {
        let (now, number) = (Timestamp::now(), MET.fetch_add(1, Ordering::Relaxed));
        let id = UserId::new(now, random());
        app.arrange(&format!(
            "insert into users (id, email, password_hash) values ('{id}', 'user{number}.{id}@example.com', 'arranged, so no password fits')"
        ))
        .await;
        let client = app.stranger().with_token(&access_token(id, now));
        Self { id: id.to_string(), client }
    }
}

impl Deref for User {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// An access token that is issued at `now`.
pub fn access_token(user: UserId, now: Timestamp) -> String {
    let claims = Claims { user, session: SessionId::new(now, random()) };
    Keys::read(Lane::get().map_or(JWT_KEYS, |lane| &lane.jwt_keys)).expect("keys").sign(claims, now).expect("a token")
}

/// An e-mail address that nobody has.
pub fn new_email() -> String {
    format!("new.{}@example.com", new_id())
}

/// An id that nothing has.
pub fn new_id() -> String {
    UserId::new(Timestamp::now(), random()).to_string()
}

fn random() -> [u8; 10] {
    std::array::from_fn(|_| fastrand::u8(..))
}
