//! `GET /api/tasks?search=`: words, beginnings, typing errors, and whatever people type.

use serde_json::json;
use support::{App, User};

use crate::tasks_list::{make, sorted_titles, titles};

async fn search(user: &User, text: &str) -> Vec<String> {
    sorted_titles(user.tasks().query("search", text)).await
}

#[tokio::test]
async fn a_search_finds_words_of_title_and_description_whole_or_by_their_beginning() {
    let app = App::start().await;
    let ada = app.user().await;
    make(&ada, json!({ "title": "Buy groceries", "description": "milk and bread" })).await;
    make(&ada, json!({ "title": "Call mum" })).await;
    assert_eq!(search(&ada, "groceries").await, ["Buy groceries"]);
    assert_eq!(search(&ada, "GROC").await, ["Buy groceries"]);
    assert_eq!(search(&ada, "mil").await, ["Buy groceries"]);
    assert_eq!(search(&ada, "bread buy").await, ["Buy groceries"]);
    assert_eq!(search(&ada, "mum").await, ["Call mum"]);
    assert!(search(&ada, "bread mum").await.is_empty());
    assert!(search(&ada, "elephants").await.is_empty());
}

#[tokio::test]
async fn a_search_forgives_typing_errors() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("Buy groceries").await;
    ada.new_task("Dentist appointment").await;
    assert_eq!(search(&ada, "grocereis").await, ["Buy groceries"]);
    assert_eq!(search(&ada, "apointment").await, ["Dentist appointment"]);
}

#[tokio::test]
async fn a_search_looks_past_accents_and_case() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("Café à la crème").await;
    assert_eq!(search(&ada, "cafe").await, ["Café à la crème"]);
    assert_eq!(search(&ada, "CRÈM").await, ["Café à la crème"]);
}

#[tokio::test]
async fn a_match_in_the_title_comes_before_one_in_the_description() {
    let app = App::start().await;
    let ada = app.user().await;
    make(&ada, json!({ "title": "budget" })).await;
    make(&ada, json!({ "title": "call the bank", "description": "about the budget" })).await;
    let both = ada.tasks().query("search", "budget");
    assert_eq!(titles(both.clone()).await, ["budget", "call the bank"]);
    assert_eq!(titles(both.clone().query("sort_by", "relevance")).await, ["budget", "call the bank"]);
    assert_eq!(titles(both.query("sort_by", "created_at")).await, ["call the bank", "budget"]);
}

#[tokio::test]
async fn a_search_finds_tasks_that_have_no_description() {
    let app = App::start().await;
    let ada = app.user().await;
    make(&ada, json!({ "title": "plain" })).await;
    make(&ada, json!({ "title": "plain too", "description": null })).await;
    assert_eq!(search(&ada, "plain").await, ["plain", "plain too"]);
}

#[tokio::test]
async fn what_is_searched_for_is_never_taken_for_a_command() {
    let app = App::start().await;
    let ada = app.user().await;
    let title = "Robert'); DROP TABLE tasks;-- \"quoted\" 100% & | ! ( ) : * <-> \\ $1";
    ada.new_task(title).await;
    for text in [
        "Robert'); DROP TABLE tasks;--",
        "'",
        "\"quoted\"",
        "drop & table",
        "robert | nobody",
        "!",
        "(",
        ":*",
        "<->",
        "\\",
        "100%",
        "$1",
        "''",
        "a' or '1'='1",
        "%",
        "_",
        "* ",
        "drop:*",
        "'''':*",
    ] {
        let found = ada.tasks().query("search", text).await.is(200);
        assert!(found["total"].as_u64().is_some_and(|total| total <= 1), "{text}");
    }
    assert_eq!(search(&ada, "DROP TABLE").await, [title]);
    assert_eq!(search(&ada, "\"quoted\"").await, [title]);
    assert_eq!(search(&ada, "100%").await, [title]);
    assert!(search(&ada, "a' or '1'='1").await.is_empty());
}

#[tokio::test]
async fn a_search_finds_emoji_and_writing_from_right_to_left() {
    let app = App::start().await;
    let ada = app.user().await;
    for title in ["Feed the 🐈 today", "Feed the 🐕 today", "לקנות חלב", "شراء الخبز", "買い物をする"]
    {
        ada.new_task(title).await;
    }
    assert_eq!(search(&ada, "🐈").await, ["Feed the 🐈 today"]);
    assert_eq!(search(&ada, "חלב").await, ["לקנות חלב"]);
    assert_eq!(search(&ada, "الخبز").await, ["شراء الخبز"]);
    assert_eq!(search(&ada, "買い物").await, ["買い物をする"]);
    assert_eq!(search(&ada, "物をす").await, ["買い物をする"]);
}

#[tokio::test]
async fn the_last_word_of_ten_thousand_characters_is_found() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut description = String::new();
    for n in 0.. {
        let word = format!("word{n} ");
        if description.len() + word.len() > 9_990 {
            break;
        }
        description.push_str(&word);
    }
    description.push_str("needle");
    description.push_str(&"x".repeat(10_000 - description.len()));
    make(&ada, json!({ "title": "long", "description": description })).await;
    assert_eq!(search(&ada, "needle").await, ["long"]);
    assert_eq!(search(&ada, "word1000").await, ["long"]);
    make(&ada, json!({ "title": "longer", "description": "é".repeat(10_000) })).await;
}

#[tokio::test]
async fn a_blank_search_is_none() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("x").await;
    assert_eq!(search(&ada, "").await, ["x"]);
    assert_eq!(search(&ada, "  ").await, ["x"]);
}

#[tokio::test]
async fn a_search_is_narrowed_by_filters_and_never_finds_other_peoples_tasks() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    eve.new_task("report on eve").await;
    make(&ada, json!({ "title": "report a", "priority": "High", "tags": ["work"] })).await;
    make(&ada, json!({ "title": "report b", "status": "completed" })).await;
    assert_eq!(search(&ada, "report").await, ["report a", "report b"]);
    assert_eq!(sorted_titles(ada.tasks().query("search", "report").query("tags", "work")).await, ["report a"]);
    assert_eq!(sorted_titles(ada.tasks().query("search", "report").query("status", "completed")).await, ["report b"]);
    assert!(search(&ada, "eve").await.is_empty());
}

#[tokio::test]
async fn a_changed_task_is_found_by_its_new_words_only() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("aubergine").await.id();
    ada.change_task(&task, json!({ "title": "zucchini" })).await.is(200);
    assert!(search(&ada, "aubergine").await.is_empty());
    assert_eq!(search(&ada, "zucchini").await, ["zucchini"]);
}
