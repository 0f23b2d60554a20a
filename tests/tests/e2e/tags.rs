//! `/api/tags`: what tags a user has, renaming, merging, deleting.

use serde_json::{Value, json};
use support::reply::pick;
use support::{App, User};

/// The id of the tag of this name.
async fn tag_id(user: &User, name: &str) -> String {
    let tags = user.tags().await.is(200);
    let tag = tags.json.as_array().expect("tags").iter().find(|tag| tag["name"] == name);
    tag.unwrap_or_else(|| panic!("no tag {name} in {}", tags.text()))["id"].as_str().expect("an id").to_owned()
}

async fn tagged(user: &User, title: &str, tags: Value) -> String {
    user.create_task(json!({ "title": title, "tags": tags })).await.is(201).id()
}

async fn counts(user: &User) -> Vec<(String, String)> {
    let tags = user.tags().await.is(200).json;
    pick(&tags, "name").into_iter().zip(pick(&tags, "task_count")).collect()
}

#[tokio::test]
async fn tags_are_listed_in_alphabetical_order_with_how_many_tasks_have_them() {
    let app = App::start().await;
    let ada = app.user().await;
    assert_eq!(ada.tags().await.is(200).json, json!([]));
    tagged(&ada, "a", json!(["work", "home"])).await;
    tagged(&ada, "b", json!(["home"])).await;
    assert_eq!(counts(&ada).await, [("home".into(), "2".into()), ("work".into(), "1".into())]);
}

#[tokio::test]
async fn a_tag_is_trimmed_and_lower_cased_and_there_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada
        .create_task(json!({ "title": "x", "tags": [" Home", "HOME ", "ÄRGER", "two words", "🙂", "בית"] }))
        .await
        .is(201);
    assert_eq!(task["tags"], json!(["home", "two words", "ärger", "בית", "🙂"]));
    tagged(&ada, "y", json!(["hoMe"])).await;
    assert_eq!(counts(&ada).await[0], ("home".into(), "2".into()));
}

#[tokio::test]
async fn a_task_has_at_most_twenty_tags_of_one_to_fifty_characters() {
    let app = App::start().await;
    let ada = app.user().await;
    let tags = |count: usize| (0..count).map(|n| format!("tag {n}")).collect::<Vec<_>>();
    assert_eq!(
        ada.create_task(json!({ "title": "x", "tags": tags(20) })).await.is(201)["tags"].as_array().map(Vec::len),
        Some(20)
    );
    assert_eq!(ada.create_task(json!({ "title": "x", "tags": tags(21) })).await.wrong_fields(), ["tags"]);
    for wrong in ["", " ", "a,b", "tab\there", "new\nline", "nul\u{0}", &"x".repeat(51)] {
        assert_eq!(
            ada.create_task(json!({ "title": "x", "tags": [wrong] })).await.wrong_fields(),
            ["tags.0"],
            "{wrong:?}"
        );
    }
    tagged(&ada, "y", json!(["🙂".repeat(50)])).await;
}

#[tokio::test]
async fn renaming_a_tag_renames_it_on_all_its_tasks() {
    let app = App::start().await;
    let ada = app.user().await;
    let (one, other) = (tagged(&ada, "a", json!(["work"])).await, tagged(&ada, "b", json!(["home"])).await);
    let renamed = ada.rename_tag(&tag_id(&ada, "work").await, "  Office ").await.is(200);
    assert_eq!((&renamed["name"], &renamed["task_count"]), (&json!("office"), &json!(1)));
    let one = ada.task(&one).await;
    assert_eq!((&one["tags"], &one["version"]), (&json!(["office"]), &json!(2)));
    assert_eq!(ada.task(&other).await["version"], 1);
    assert_eq!(renamed.id(), tag_id(&ada, "office").await);
}

#[tokio::test]
async fn renaming_a_tag_into_another_merges_the_two() {
    let app = App::start().await;
    let ada = app.user().await;
    let both = tagged(&ada, "both", json!(["job", "work", "zoo"])).await;
    let first = tagged(&ada, "first", json!(["job"])).await;
    let second = tagged(&ada, "second", json!(["work"])).await;
    let work = tag_id(&ada, "work").await;
    let merged = ada.rename_tag(&tag_id(&ada, "job").await, "WORK").await.is(200);
    assert_eq!((merged.id(), &merged["task_count"]), (work, &json!(3)));
    assert_eq!(ada.task(&both).await["tags"], json!(["work", "zoo"]));
    assert_eq!(ada.task(&first).await["tags"], json!(["work"]));
    assert_eq!(ada.task(&second).await["version"], 1);
    assert_eq!(counts(&ada).await, [("work".into(), "3".into()), ("zoo".into(), "1".into())]);
}

#[tokio::test]
async fn renaming_a_tag_to_what_it_is_called_changes_nothing() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = tagged(&ada, "x", json!(["work"])).await;
    ada.rename_tag(&tag_id(&ada, "work").await, "Work").await.is(200);
    assert_eq!(ada.task(&task).await["version"], 1);
}

#[tokio::test]
async fn a_deleted_tag_is_off_all_tasks() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = tagged(&ada, "x", json!(["home", "work"])).await;
    let work = tag_id(&ada, "work").await;
    ada.delete_tag(&work).await.is(204);
    ada.delete_tag(&work).await.is(404);
    ada.rename_tag(&work, "y").await.is(404);
    assert_eq!(ada.task(&task).await["tags"], json!(["home"]));
    assert_eq!(counts(&ada).await, [("home".into(), "1".into())]);
}

#[tokio::test]
async fn someone_elses_tag_reads_as_absent() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let task = tagged(&ada, "x", json!(["work"])).await;
    let work = tag_id(&ada, "work").await;
    eve.rename_tag(&work, "mine").await.is(404);
    eve.delete_tag(&work).await.is(404);
    assert_eq!(eve.tags().await.json, json!([]));
    tagged(&eve, "y", json!(["work"])).await;
    eve.rename_tag(&tag_id(&eve, "work").await, "play").await.is(200);
    assert_eq!(ada.task(&task).await["tags"], json!(["work"]));
}

#[tokio::test]
async fn a_name_that_no_tag_can_have_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    tagged(&ada, "x", json!(["work"])).await;
    let work = tag_id(&ada, "work").await;
    for wrong in ["", "  ", "a,b", "a\nb", &"x".repeat(51)] {
        assert_eq!(ada.rename_tag(&work, wrong).await.wrong_fields(), ["name"], "{wrong:?}");
    }
    let rename = || ada.rename_tag(&work, "x");
    assert_eq!(rename().json(json!({})).await.wrong_fields(), ["name"]);
    assert_eq!(rename().json(json!({ "name": "x", "colour": "red" })).await.wrong_fields(), ["colour"]);
    rename().body("application/json", "{").await.is(400);
    rename().body("text/plain", "x").await.is(415);
    rename().body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
    rename().body("application/merge-patch+json", "{\"name\": \"office\"}").await.is(200);
}

#[tokio::test]
async fn tags_are_nobodys_business_without_signing_in() {
    let app = App::start().await;
    let stranger = app.stranger();
    stranger.tags().await.is(401);
    stranger.rename_tag("0199a0b0-0000-7000-8000-000000000000", "x").await.is(401);
    stranger.delete_tag("0199a0b0-0000-7000-8000-000000000000").await.is(401);
}

#[tokio::test]
async fn tags_take_no_other_methods_and_no_unknown_parameters() {
    let app = App::start().await;
    let ada = app.user().await;
    assert_eq!(ada.tags().method(http::Method::POST).await.is(405).header("allow"), "GET");
    assert_eq!(ada.delete_tag("x").method(http::Method::GET).await.is(405).header("allow"), "PATCH, DELETE");
    assert_eq!(ada.tags().query("page", "1").await.wrong_fields(), ["page"]);
    ada.delete_tag("not-an-id").await.is(404);
    ada.rename_tag("not-an-id", "x").await.is(404);
}

#[tokio::test]
async fn making_tasks_with_the_same_new_tags_at_once_makes_each_tag_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let names = ["a", "b", "c", "d"];
    let calls: Vec<_> = (0..8)
        .map(|n| {
            let mut tags = names.to_vec();
            tags.rotate_left(n % 4);
            tokio::spawn(ada.create_task(json!({ "title": "x", "tags": tags })).into_future())
        })
        .collect();
    for call in calls {
        call.await.expect("an answer").is(201);
    }
    assert_eq!(counts(&ada).await, names.map(|name| (name.to_owned(), "8".to_owned())));
}
