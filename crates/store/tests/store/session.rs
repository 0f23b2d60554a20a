//! Sessions: refreshed, reused, ended.

use rondo_domain::ids::SessionId;
use rondo_store::session::{self, Refreshed};
use rondo_store::user::{self, PasswordChange, UserPatch};

use crate::people::{Person, hash, hours, json, new_session, refresh_token};
use crate::server::{Scratch, number, run};

/// Opens a session whose first token has the hash `n`.
async fn open(person: &Person, n: u64) -> SessionId {
    let session = new_session();
    let token = refresh_token(session, hash(n), hours(1));
    let opened = user::open_session(&person.sql, person.id, &person.password_hash().await, &token).await;
    opened.expect("an answer").expect("the user is there");
    session
}

/// Spends the token `old` for `new`.
async fn refresh(person: &Person, old: u64, new: u64) -> Option<Refreshed> {
    // The session of the new token is taken from the old one, whatever is said here.
    let next = refresh_token(new_session(), hash(new), hours(1));
    session::refresh(&person.sql, &hash(old), &next).await.expect("an answer")
}

#[tokio::test]
async fn a_session_goes_on_from_token_to_token() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let session = open(&ada, 1).await;
    for n in 1..4 {
        let refreshed = refresh(&ada, n, n + 1).await.expect("refreshed");
        assert_eq!((refreshed.id, refreshed.session), (ada.id, session));
        assert_eq!(json(&refreshed.user)["email"], "ada@example.com");
    }
}

#[tokio::test]
async fn a_token_that_is_used_again_ends_its_session_and_no_other() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    open(&ada, 1).await;
    open(&ada, 10).await;
    refresh(&ada, 1, 2).await.expect("refreshed");
    assert!(refresh(&ada, 1, 3).await.is_none(), "it is spent");
    assert!(refresh(&ada, 2, 4).await.is_none(), "its session has ended");
    assert!(refresh(&ada, 10, 11).await.is_some(), "the other session goes on");
}

#[tokio::test]
async fn a_token_that_is_used_twice_at_once_ends_its_session() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let thief = ada.elsewhere(&scratch).await;
    open(&ada, 1).await;
    run(&ada.sql, "begin").await;
    refresh(&ada, 1, 2).await.expect("refreshed");
    assert!(scratch.after_commit_of(&ada.sql, refresh(&thief, 1, 3)).await.is_none());
    assert!(refresh(&ada, 2, 4).await.is_none(), "what the first was given ended with the session");
}

#[tokio::test]
async fn a_token_that_is_used_again_ends_the_session_that_is_being_refreshed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let thief = ada.elsewhere(&scratch).await;
    open(&ada, 1).await;
    refresh(&ada, 1, 2).await.expect("refreshed");
    run(&ada.sql, "begin").await;
    refresh(&ada, 2, 3).await.expect("refreshed");
    assert!(scratch.after_commit_of(&ada.sql, refresh(&thief, 1, 4)).await.is_none());
    assert!(refresh(&ada, 3, 5).await.is_none(), "the session has ended");
}

#[tokio::test]
async fn an_expired_token_refreshes_nothing_and_ends_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    open(&ada, 1).await;
    run(&ada.sql, &format!("update refresh_tokens set expires_at = now() where token_hash = '\\x{}'", hash(1))).await;
    let before = number(&ada.sql, "select count(*) from refresh_tokens").await;
    assert!(refresh(&ada, 1, 2).await.is_none());
    assert_eq!(number(&ada.sql, "select count(*) from refresh_tokens").await, before);
}

#[tokio::test]
async fn a_token_that_nobody_has_refreshes_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    assert!(refresh(&ada, 404, 405).await.is_none());
}

#[tokio::test]
async fn signing_out_ends_the_session_once_and_for_all() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    open(&ada, 1).await;
    open(&ada, 10).await;
    refresh(&ada, 1, 2).await.expect("refreshed");
    session::end(&ada.sql, &hash(2)).await.expect("ended");
    assert!(refresh(&ada, 2, 3).await.is_none());
    session::end(&ada.sql, &hash(2)).await.expect("ending it again does nothing");
    assert!(refresh(&ada, 10, 11).await.is_some(), "the other session goes on");
}

#[tokio::test]
async fn signing_out_ends_the_session_that_is_being_refreshed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    open(&ada, 1).await;
    run(&ada.sql, "begin").await;
    refresh(&ada, 1, 2).await.expect("refreshed");
    let first = hash(1);
    scratch.after_commit_of(&ada.sql, session::end(&other.sql, &first)).await.expect("ended");
    assert!(refresh(&ada, 2, 3).await.is_none());
}

fn new_password(keep_session: Option<SessionId>) -> UserPatch {
    let password = PasswordChange { replaces: "hash of ada".to_owned(), hash: "another hash".to_owned(), keep_session };
    UserPatch { password: Some(password), ..UserPatch::default() }
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_the_one_it_was_set_in() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let bob = Person::register(&scratch, "bob").await;
    let kept = open(&ada, 1).await;
    open(&ada, 2).await;
    open(&bob, 3).await;
    user::change(&ada.sql, ada.id, &new_password(Some(kept))).await.expect("an answer").expect("changed");
    assert!(refresh(&ada, 1, 11).await.is_some());
    assert!(refresh(&ada, 2, 12).await.is_none());
    assert!(refresh(&bob, 3, 13).await.is_some());
}

#[tokio::test]
async fn a_new_password_that_is_set_by_an_api_token_ends_all_sessions() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    open(&ada, 1).await;
    user::change(&ada.sql, ada.id, &new_password(None)).await.expect("an answer").expect("changed");
    assert!(refresh(&ada, 1, 11).await.is_none());
}

#[tokio::test]
async fn a_new_password_ends_the_session_that_is_being_refreshed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    open(&ada, 1).await;
    run(&ada.sql, "begin").await;
    refresh(&ada, 1, 2).await.expect("refreshed");
    let patch = new_password(None);
    let change = scratch.after_commit_of(&ada.sql, user::change(&other.sql, other.id, &patch)).await;
    change.expect("an answer").expect("changed");
    assert!(refresh(&ada, 2, 3).await.is_none());
}

#[tokio::test]
async fn who_signs_in_with_a_password_that_is_being_changed_gets_no_session() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let thief = ada.elsewhere(&scratch).await;
    let token = refresh_token(new_session(), hash(1), hours(1));
    run(&ada.sql, "begin").await;
    user::change(&ada.sql, ada.id, &new_password(None)).await.expect("an answer").expect("changed");
    let old = thief.password_hash().await;
    let opened = scratch.after_commit_of(&ada.sql, user::open_session(&thief.sql, thief.id, &old, &token)).await;
    assert!(opened.expect("an answer").is_none());
    assert!(refresh(&ada, 1, 2).await.is_none());
}

#[tokio::test]
async fn a_new_password_ends_the_session_that_is_being_opened() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    run(&ada.sql, "begin").await;
    open(&ada, 1).await;
    let patch = new_password(None);
    let change = scratch.after_commit_of(&ada.sql, user::change(&other.sql, other.id, &patch)).await;
    change.expect("an answer").expect("changed");
    assert!(refresh(&ada, 1, 2).await.is_none());
}

#[tokio::test]
async fn another_name_ends_no_session() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    open(&ada, 1).await;
    let patch = UserPatch { name: Some(None), ..UserPatch::default() };
    user::change(&ada.sql, ada.id, &patch).await.expect("an answer").expect("changed");
    assert!(refresh(&ada, 1, 2).await.is_some());
}
