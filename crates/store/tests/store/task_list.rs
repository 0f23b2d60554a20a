//! Lists: filter, order, page.

use rondo_domain::listing::{Page, SortBy, SortOrder, TaskFilter};
use rondo_domain::task::{NewTask, Priority, Status, TaskPatch, Title};
use rondo_store::{task, task_list};
use serde_json::{Value, json};

use crate::people::{Person, hours, tagged, tags, text, titled};
use crate::server::Scratch;

pub async fn list(person: &Person, filter: &TaskFilter, sort: (SortBy, SortOrder), page: Page) -> Value {
    let document = task_list::list(&person.sql, person.context(), filter, sort, page).await.expect("an answer");
    document.read().expect("a page")
}

pub fn titles(page: &Value) -> Vec<String> {
    page["tasks"].as_array().expect("tasks").iter().map(|task| text(task, "title")).collect()
}

fn page(number: usize, size: usize) -> Page {
    let page = Page::default().with_number(&number.to_string()).and_then(|page| page.with_size(&size.to_string()));
    page.expect("a page")
}

const OLDEST_FIRST: (SortBy, SortOrder) = (SortBy::CreatedAt, SortOrder::Ascending);

async fn filtered(person: &Person, filter: &TaskFilter) -> Vec<String> {
    let page = list(person, filter, OLDEST_FIRST, Page::default()).await;
    let titles = titles(&page);
    assert_eq!(page["total"], titles.len(), "the total is of what is filtered");
    titles
}

async fn both_ways(person: &Person, by: SortBy) -> (Vec<String>, Vec<String>) {
    let filter = TaskFilter::default();
    let up = list(person, &filter, (by, SortOrder::Ascending), Page::default()).await;
    let down = list(person, &filter, (by, SortOrder::Descending), Page::default()).await;
    (titles(&up), titles(&down))
}

#[tokio::test]
async fn a_page_shows_tasks_as_they_read_alone_and_nobody_elses() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    let id = ada.make(&tagged("Ada's", &["b", "a"])).await;
    bob.make(&tagged("Bob's", &["a"])).await;
    let shown = list(&ada, &TaskFilter::default(), OLDEST_FIRST, Page::default()).await;
    assert_eq!(shown, json!({"tasks": [ada.read(id).await], "total": 1, "page": 1, "page_size": 20}));
    let tagged = TaskFilter { tags: tags(&["a"]), ..TaskFilter::default() };
    assert_eq!(filtered(&ada, &tagged).await, ["Ada's"]);
}

#[tokio::test]
async fn nothing_found_is_an_empty_page_and_so_is_what_lies_behind_the_last() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let nothing = list(&ada, &TaskFilter::default(), OLDEST_FIRST, Page::default()).await;
    assert_eq!(nothing, json!({"tasks": [], "total": 0, "page": 1, "page_size": 20}));
    ada.make(&titled("One")).await;
    let behind = list(&ada, &TaskFilter::default(), OLDEST_FIRST, page(1_000_000, 100)).await;
    assert_eq!(behind, json!({"tasks": [], "total": 1, "page": 1_000_000, "page_size": 100}));
}

#[tokio::test]
async fn each_order_goes_both_ways() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let first = ada.make(&NewTask { priority: Priority::Low, due_at: Some(hours(3)), ..titled("banana") }).await;
    ada.make(&NewTask { priority: Priority::High, due_at: Some(hours(1)), ..titled("Apple") }).await;
    ada.make(&NewTask { priority: Priority::Medium, due_at: Some(hours(2)), ..titled("cherry") }).await;
    let patch = TaskPatch { title: Some(Title::parse("Banana").expect("right")), ..TaskPatch::default() };
    task::change(&ada.sql, ada.context(), first, &patch, None).await.expect("an answer");
    let expected = [
        (SortBy::CreatedAt, ["Banana", "Apple", "cherry"]),
        (SortBy::UpdatedAt, ["Apple", "cherry", "Banana"]),
        (SortBy::DueAt, ["Apple", "cherry", "Banana"]),
        (SortBy::Priority, ["Banana", "cherry", "Apple"]),
        (SortBy::Title, ["Apple", "Banana", "cherry"]),
    ];
    for (by, ascending) in expected {
        let mut descending = ascending;
        descending.reverse();
        assert_eq!(
            both_ways(&ada, by).await,
            (ascending.map(Into::into).into(), descending.map(Into::into).into()),
            "{by:?}"
        );
    }
}

#[tokio::test]
async fn a_missing_due_time_comes_last_either_way() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    ada.make(&titled("some day")).await;
    ada.make(&NewTask { due_at: Some(hours(2)), ..titled("later") }).await;
    ada.make(&NewTask { due_at: Some(hours(1)), ..titled("soon") }).await;
    let (up, down) = both_ways(&ada, SortBy::DueAt).await;
    assert_eq!(up, ["soon", "later", "some day"]);
    assert_eq!(down, ["later", "soon", "some day"]);
}

#[tokio::test]
async fn ties_are_ordered_by_id_whatever_the_order() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    for n in 0..12 {
        ada.make(&NewTask { status: Status::Pending, ..titled(if n % 2 == 0 { "same" } else { "SAME" }) }).await;
    }
    crate::server::run(&ada.sql, "update tasks set created_at = now(), updated_at = now()").await;
    for by in [SortBy::CreatedAt, SortBy::UpdatedAt, SortBy::DueAt, SortBy::Priority, SortBy::Title] {
        for order in [SortOrder::Ascending, SortOrder::Descending] {
            let mut ids = Vec::new();
            for number in 1..=4 {
                let page = list(&ada, &TaskFilter::default(), (by, order), page(number, 3)).await;
                ids.extend(page["tasks"].as_array().expect("tasks").iter().map(|task| text(task, "id")));
            }
            let mut sorted = ids.clone();
            sorted.sort();
            sorted.dedup();
            if order == SortOrder::Descending {
                sorted.reverse();
            }
            assert_eq!((ids.len(), &ids), (12, &sorted), "{by:?} {order:?}");
        }
    }
}

#[tokio::test]
async fn pages_hold_what_they_promise_and_the_total_is_of_all() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    for n in 0..7 {
        ada.make(&titled(&format!("Task {n}"))).await;
    }
    let mut seen = Vec::new();
    for (number, size) in [(1, 3), (2, 3), (3, 1)] {
        let shown = list(&ada, &TaskFilter::default(), OLDEST_FIRST, page(number, 3)).await;
        assert_eq!((&shown["total"], &shown["page"], &shown["page_size"]), (&json!(7), &json!(number), &json!(3)));
        assert_eq!(titles(&shown).len(), size);
        seen.extend(titles(&shown));
    }
    assert_eq!(seen, (0..7).map(|n| format!("Task {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_filter_keeps_what_it_names() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let noon = hours(12);
    ada.make(&NewTask { priority: Priority::High, due_at: Some(hours(6)), ..tagged("a", &["home"]) }).await;
    ada.make(&NewTask { status: Status::InProgress, due_at: Some(noon), ..tagged("b", &["home", "shop"]) }).await;
    ada.make(&NewTask { status: Status::Completed, priority: Priority::Low, ..tagged("c", &["shop"]) }).await;
    let all = TaskFilter::default();
    let cases = [
        (TaskFilter { status: vec![Status::Pending], ..all.clone() }, "a"),
        (TaskFilter { status: vec![Status::Completed, Status::InProgress], ..all.clone() }, "bc"),
        (TaskFilter { priority: vec![Priority::Medium], ..all.clone() }, "b"),
        (TaskFilter { priority: vec![Priority::High, Priority::Low], ..all.clone() }, "ac"),
        (TaskFilter { tags: tags(&["shop"]), ..all.clone() }, "bc"),
        (TaskFilter { tags: tags(&["home", "shop"]), ..all.clone() }, "b"),
        (TaskFilter { tags: tags(&["home", "unknown"]), ..all.clone() }, ""),
        (TaskFilter { due_before: Some(noon), ..all.clone() }, "a"),
        (TaskFilter { due_after: Some(noon), ..all.clone() }, "b"),
        (TaskFilter { due_after: Some(hours(1)), due_before: Some(hours(24)), ..all.clone() }, "ab"),
        (all, "abc"),
    ];
    for (filter, expected) in cases {
        assert_eq!(filtered(&ada, &filter).await.concat(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn all_filters_together_keep_what_passes_each() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let right = NewTask { priority: Priority::High, due_at: Some(hours(5)), ..tagged("Call mum", &["home", "phone"]) };
    ada.make(&right).await;
    ada.make(&NewTask { status: Status::InProgress, ..right.clone() }).await;
    ada.make(&NewTask { priority: Priority::Low, ..right.clone() }).await;
    ada.make(&NewTask { tags: tags(&["home"]), ..right.clone() }).await;
    ada.make(&NewTask { due_at: Some(hours(50)), ..right.clone() }).await;
    ada.make(&NewTask { due_at: None, ..right.clone() }).await;
    ada.make(&NewTask { title: Title::parse("Call dad").expect("right"), ..right }).await;
    let filter = TaskFilter {
        status: vec![Status::Pending],
        priority: vec![Priority::High],
        tags: tags(&["home", "phone"]),
        search: rondo_domain::listing::SearchText::parse("mum").expect("right"),
        due_before: Some(hours(6)),
        due_after: Some(hours(4)),
    };
    assert_eq!(filtered(&ada, &filter).await, ["Call mum"]);
}

/// Reads all pages, oldest first, while `meanwhile` runs between each two.
async fn read_while(person: &Person, mut meanwhile: impl AsyncFnMut(usize)) -> Vec<String> {
    let mut seen = Vec::new();
    for number in 1.. {
        let page = list(person, &TaskFilter::default(), OLDEST_FIRST, page(number, 5)).await;
        let titles = titles(&page);
        if titles.is_empty() {
            break;
        }
        seen.extend(titles);
        meanwhile(number).await;
    }
    seen
}

/// What holds of numbered pages: what is added behind them is shown once and moves nothing; each task deleted from a
/// page that was read moves one up, unread. Who can't have that asks for all in one page, or exports.
#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_tasks_are_added() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    for n in 0..12 {
        ada.make(&titled(&format!("Task {n}"))).await;
    }
    let seen = read_while(&ada, async |number| {
        if number <= 2 {
            other.make(&titled(&format!("Task {}", 11 + number))).await;
        }
    })
    .await;
    assert_eq!(seen, (0..14).map(|n| format!("Task {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn pages_never_repeat_while_tasks_are_deleted_and_skip_no_more_than_were_deleted_before_them() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let mut ids = Vec::new();
    for n in 0..12 {
        ids.push(ada.make(&titled(&format!("Task {n}"))).await);
    }
    let seen = read_while(&ada, async |number| {
        if number == 1 {
            task::delete(&other.sql, other.context(), ids[0], None).await.expect("an answer");
            task::delete(&other.sql, other.context(), ids[11], None).await.expect("an answer");
        }
    })
    .await;
    let expected = (0..11).filter(|&n| n != 5).map(|n| format!("Task {n}")).collect::<Vec<_>>();
    assert_eq!(seen, expected);
}
