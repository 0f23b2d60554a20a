//! Users: registered, signed in, changed; wrong passwords counted.

use rondo_domain::user::{Name, ZoneName};
use rondo_store::hash_queue::HashLimits;
use rondo_store::user::{self, NewUser, PasswordChange, UserPatch};
use serde_json::Value;

use crate::people::{Person, ROOM_FOR_ALL, email, hash, hours, json, new_session, refresh_token};
use crate::server::{Scratch, number, run};

async fn fail(person: &Person, times: u32) -> u32 {
    let mut failures = 0;
    for _ in 0..times {
        failures = user::record_login_failure(&person.sql, &email("ada")).await.expect("an answer");
    }
    failures
}

async fn blocked_seconds(person: &Person) -> Option<f64> {
    let attempt = user::find_for_login(&person.sql, &email("ada"), ROOM_FOR_ALL).await.expect("an answer");
    assert_eq!(attempt.turn.is_none(), attempt.blocked_seconds.is_some(), "who is blocked takes nobody's turn");
    attempt.blocked_seconds
}

#[tokio::test]
async fn registering_opens_a_session_and_shows_the_user() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let user = json(&user::get(&ada.sql, ada.id).await.expect("an answer").expect("a user"));
    assert_eq!((&user["id"], &user["email"]), (&ada.id.to_string().into(), &"ada@example.com".into()));
    assert_eq!((&user["name"], &user["timezone"]), (&Value::Null, &"UTC".into()));
    assert!(user.get("password_hash").is_none());
    assert_eq!(number(&ada.sql, "select count(*) from refresh_tokens").await, 1);
}

#[tokio::test]
async fn an_address_is_given_once_also_to_two_at_once() {
    let scratch = Scratch::new().await;
    let first = scratch.connect().await;
    run(&first, "begin").await;
    let register = async |sql| {
        let id = rondo_domain::ids::UserId::new(jiff::Timestamp::now(), crate::people::random());
        let address = email("ada");
        let zone = ZoneName::parse("Europe/Berlin").expect("a zone");
        let new = NewUser { id, email: &address, name: None, zone: &zone, password_hash: "h" };
        let token = refresh_token(new_session(), id.to_string().replace('-', "").repeat(2), hours(1));
        user::register(sql, &new, &token).await.expect("an answer")
    };
    assert!(register(&first).await.is_some());
    let second = scratch.connect().await;
    assert!(scratch.after_commit_of(&first, register(&second)).await.is_none());
    assert_eq!(number(&first, "select count(*) from users").await, 1);
    assert_eq!(number(&first, "select count(*) from refresh_tokens").await, 1, "nobody else got a session");
}

#[tokio::test]
async fn a_user_who_is_gone_is_nobody() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    run(&ada.sql, "delete from users").await;
    let token = refresh_token(new_session(), hash(1), hours(1));
    assert!(user::get(&ada.sql, ada.id).await.expect("an answer").is_none());
    assert!(user::open_session(&ada.sql, ada.id, "hash of ada", &token).await.expect("an answer").is_none());
    assert!(user::change(&ada.sql, ada.id, &UserPatch::default()).await.expect("an answer").is_none());
    assert!(user::password(&ada.sql, ada.id, ROOM_FOR_ALL).await.expect("an answer").password_hash.is_none());
}

#[tokio::test]
async fn a_change_of_the_user_changes_what_it_names() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let change = async |patch: UserPatch| {
        json(&user::change(&ada.sql, ada.id, &patch).await.expect("an answer").expect("a user"))
    };
    let name = Name::parse("Ada \"the\" Countess").expect("a name");
    let named = change(UserPatch { name: Some(Some(name)), ..UserPatch::default() }).await;
    assert_eq!((&named["name"], &named["timezone"]), (&"Ada \"the\" Countess".into(), &"UTC".into()));
    let zone = ZoneName::parse("Asia/Karachi").expect("a zone");
    let moved = change(UserPatch { zone: Some(zone), ..UserPatch::default() }).await;
    assert_eq!((&moved["name"], &moved["timezone"]), (&"Ada \"the\" Countess".into(), &"Asia/Karachi".into()));
    let nameless = change(UserPatch { name: Some(None), ..UserPatch::default() }).await;
    assert_eq!(nameless["name"], Value::Null);
    let kept = user::password(&ada.sql, ada.id, ROOM_FOR_ALL).await.expect("an answer");
    assert_eq!(kept.password_hash.as_deref(), Some("hash of ada"));
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_not_changed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let change = async |sql, hash: &str| {
        let password = PasswordChange { replaces: "hash of ada".into(), hash: hash.into(), keep_session: None };
        let patch = UserPatch { password: Some(password), ..UserPatch::default() };
        user::change(sql, ada.id, &patch).await.expect("an answer")
    };
    run(&ada.sql, "begin").await;
    assert!(change(&ada.sql, "first").await.is_some());
    assert!(scratch.after_commit_of(&ada.sql, change(&other.sql, "second")).await.is_none());
    let kept = user::password(&ada.sql, ada.id, ROOM_FOR_ALL).await.expect("an answer");
    assert_eq!(kept.password_hash.as_deref(), Some("first"));
}

#[tokio::test]
async fn an_address_that_nobody_has_gets_its_turn_like_any_other() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let known = user::find_for_login(&ada.sql, &email("ada"), ROOM_FOR_ALL).await.expect("an answer");
    assert_eq!((known.id, known.password_hash.as_deref()), (Some(ada.id), Some("hash of ada")));
    assert_eq!((known.turn.map(|turn| turn.ahead), known.blocked_seconds), (Some(0), None));
    let unknown = user::find_for_login(&ada.sql, &email("nobody"), ROOM_FOR_ALL).await.expect("an answer");
    assert_eq!((unknown.id, unknown.password_hash), (None, None));
    assert_eq!((unknown.turn.map(|turn| turn.ahead), unknown.blocked_seconds), (Some(0), None));
}

#[tokio::test]
async fn the_tenth_wrong_password_in_a_row_blocks_and_each_further_one_twice_as_long() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    assert_eq!(fail(&ada, 9).await, 9);
    assert_eq!(blocked_seconds(&ada).await, None);
    for (failures, longest) in [(10, 30.0), (11, 60.0), (12, 120.0), (13, 240.0), (14, 480.0), (15, 900.0), (16, 900.0)]
    {
        assert_eq!(fail(&ada, 1).await, failures);
        let seconds = blocked_seconds(&ada).await.expect("blocked");
        assert!(seconds <= longest && seconds > longest - 25.0, "{failures} failures block for {seconds} s");
    }
    let other = user::find_for_login(&ada.sql, &email("bob"), ROOM_FOR_ALL).await.expect("an answer");
    assert_eq!(other.blocked_seconds, None, "nobody else is blocked");
}

#[tokio::test]
async fn any_number_of_wrong_passwords_blocks_a_quarter_of_an_hour() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    fail(&ada, 1).await;
    run(&ada.sql, "update login_failures set failures = 2000000000").await;
    let seconds = blocked_seconds(&ada).await.expect("blocked");
    assert!(seconds <= 900.0 && seconds > 800.0, "{seconds}");
}

#[tokio::test]
async fn a_block_passes_and_the_next_wrong_password_blocks_again() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    fail(&ada, 10).await;
    run(&ada.sql, "update login_failures set last_failure_at = now() - interval '31 seconds'").await;
    assert_eq!(blocked_seconds(&ada).await, None);
    assert_eq!(fail(&ada, 1).await, 11);
    assert!(blocked_seconds(&ada).await.is_some());
}

#[tokio::test]
async fn after_an_hour_wrong_passwords_are_counted_anew() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    fail(&ada, 12).await;
    run(&ada.sql, "update login_failures set last_failure_at = now() - interval '61 minutes'").await;
    assert_eq!(fail(&ada, 1).await, 1);
}

#[tokio::test]
async fn signing_in_forgives_the_users_wrong_passwords_and_nobody_elses() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    fail(&ada, 9).await;
    user::record_login_failure(&ada.sql, &email("bob")).await.expect("an answer");
    let token = refresh_token(new_session(), hash(1), hours(1));
    user::open_session(&ada.sql, ada.id, "hash of ada", &token).await.expect("an answer").expect("a user");
    assert_eq!(fail(&ada, 1).await, 1);
    assert_eq!(user::record_login_failure(&ada.sql, &email("bob")).await.expect("an answer"), 2);
}

#[tokio::test]
async fn who_is_to_be_told_too_many_wait_is_told_at_sign_in_too() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let one = HashLimits { at_once: 1, longest_queue: 0, lease_milliseconds: 60_000 };
    let first = user::find_for_login(&ada.sql, &email("ada"), one).await.expect("an answer");
    assert_eq!(first.turn.map(|turn| turn.ahead), Some(0));
    let second = user::find_for_login(&ada.sql, &email("ada"), one).await.expect("an answer");
    assert_eq!((second.turn, second.blocked_seconds), (None, None));
    assert_eq!(user::password(&ada.sql, ada.id, one).await.expect("an answer").turn, None);
}
