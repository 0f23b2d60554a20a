//! The inbox: what is listed, in which order, and what is read.

use rondo_domain::ids::NotificationId;
use rondo_domain::listing::Page;
use rondo_store::RawJson;
use rondo_store::notification::{self, StatusFilter};
use serde_json::{Value, json};

use super::inbox;
use crate::people::{Person, random};
use crate::server::{Scratch, run};

/// Puts a notification into the inbox, that many minutes ago; its id.
async fn note(person: &Person, minutes_ago: u32) -> NotificationId {
    let id = NotificationId::new(jiff::Timestamp::now(), random());
    let at = format!("date_trunc('minute', now()) - interval '{minutes_ago} minutes'");
    run(
        &person.sql,
        &format!(
            "insert into notifications (id, user_id, title, created_at) values ('{id}', '{}', 'x', {at})",
            person.id
        ),
    )
    .await;
    id
}

fn ids(page: &Value) -> Vec<String> {
    page["notifications"].as_array().expect("a list").iter().map(|n| n["id"].as_str().expect("an id").into()).collect()
}

#[tokio::test]
async fn the_inbox_has_the_newest_first_and_counts_what_is_unread() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    note(&eve, 0).await;
    let (oldest, tied, tied_too, newest) =
        (note(&ada, 9).await, note(&ada, 5).await, note(&ada, 5).await, note(&ada, 1).await);
    let order = [newest, tied.max(tied_too), tied.min(tied_too), oldest].map(|id| id.to_string());
    let page = inbox(&ada).await;
    assert_eq!((ids(&page), &page["unread"], &page["total"]), (order.to_vec(), &json!(4), &json!(4)));
    notification::read(&ada.sql, ada.id, tied).await.expect("an answer");
    let mut paged = Vec::new();
    for number in 1..=3 {
        let page =
            Page::default().with_size("2").and_then(|page| page.with_number(&number.to_string())).expect("a page");
        let page = notification::list(&ada.sql, ada.id, StatusFilter::All, page).await.expect("an answer");
        paged.extend(ids(&page.read().expect("JSON")));
    }
    assert_eq!(paged, order);
    let unread = notification::list(&ada.sql, ada.id, StatusFilter::Unread, Page::default()).await.expect("an answer");
    let unread: Value = unread.read().expect("JSON");
    assert_eq!((ids(&unread).len(), &unread["unread"], &unread["total"]), (3, &json!(3), &json!(3)));
    assert!(!ids(&unread).contains(&tied.to_string()));
}

#[tokio::test]
async fn reading_twice_is_the_same_as_once_and_nobody_reads_for_others() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let id = note(&ada, 1).await;
    let read = async |person: &Person| notification::read(&person.sql, person.id, id).await.expect("an answer");
    assert!(read(&eve).await.is_none());
    assert!(notification::get(&eve.sql, eve.id, id).await.expect("an answer").is_none());
    let first: RawJson = read(&ada).await.expect("it is hers");
    let again = read(&ada).await.expect("it is hers");
    assert_eq!(first.as_str(), again.as_str());
    assert_eq!(crate::people::json(&first)["status"], "read");

    note(&eve, 1).await;
    let all = notification::read_all(&ada.sql, ada.id).await.expect("an answer").read::<Value>().expect("JSON");
    assert_eq!(all, json!({ "unread": 0, "updated": 0 }));
    note(&ada, 1).await;
    note(&ada, 2).await;
    let all = notification::read_all(&ada.sql, ada.id).await.expect("an answer").read::<Value>().expect("JSON");
    assert_eq!(all, json!({ "unread": 0, "updated": 2 }));
    assert_eq!((&inbox(&ada).await["unread"], &inbox(&eve).await["unread"]), (&json!(0), &json!(1)));
}
