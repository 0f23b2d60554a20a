//! Search: words and their beginnings, accents, slips of the finger, and whatever else is typed.

use rondo_domain::listing::{Page, SearchText, SortBy, SortOrder, TaskFilter};
use rondo_domain::task::{NewTask, Status};
use rondo_store::task_list;

use crate::people::{Person, described, titled};
use crate::server::Scratch;
use crate::task_list::{list, titles};

const BEST_FIRST: (SortBy, SortOrder) = (SortBy::Relevance, SortOrder::Descending);

fn search_for(typed: &str) -> TaskFilter {
    TaskFilter { search: SearchText::parse(typed).expect("a right search"), ..TaskFilter::default() }
}

/// The titles that `typed` finds, best first.
async fn find(person: &Person, typed: &str) -> Vec<String> {
    let page = list(person, &search_for(typed), BEST_FIRST, Page::default()).await;
    let titles = titles(&page);
    assert_eq!(page["total"], titles.len(), "{typed}");
    titles
}

async fn with_titles(scratch: &Scratch, titles: &[&str]) -> Person {
    let ada = Person::register(scratch, "ada").await;
    for title in titles {
        ada.make(&titled(title)).await;
    }
    ada
}

#[tokio::test]
async fn all_words_must_be_there_as_they_are_or_begun() {
    let scratch = Scratch::new().await;
    let ada = with_titles(&scratch, &["Buy groceries for the party", "Buy bread", "Call the grocer"]).await;
    for (typed, found) in [
        ("bread", &["Buy bread"][..]),
        ("BREAD", &["Buy bread"]),
        ("gro party", &["Buy groceries for the party"]),
        ("party gro", &["Buy groceries for the party"]),
        ("  bread  ", &["Buy bread"]),
    ] {
        assert_eq!(find(&ada, typed).await, found, "{typed}");
    }
    let mut both = find(&ada, "groc").await;
    both.sort();
    assert_eq!(both, ["Buy groceries for the party", "Call the grocer"]);
    assert!(find(&ada, "bread zzzzzz").await.is_empty());
}

#[tokio::test]
async fn accents_make_no_difference_on_either_side() {
    let scratch = Scratch::new().await;
    let ada = with_titles(&scratch, &["Café with Zoë", "Strasse fegen"]).await;
    for typed in ["cafe", "CAFÉ", "zoe", "zoë café"] {
        assert_eq!(find(&ada, typed).await, ["Café with Zoë"], "{typed}");
    }
    assert_eq!(find(&ada, "straße").await, ["Strasse fegen"]);
}

#[tokio::test]
async fn a_slip_of_the_finger_finds_what_is_spelled_alike_if_nothing_else_is_found() {
    let scratch = Scratch::new().await;
    let ada = with_titles(&scratch, &["Buy groceries", "Call the dentist", "Pay rent"]).await;
    for (typed, found) in
        [("groceris", "Buy groceries"), ("grocreies", "Buy groceries"), ("dentits", "Call the dentist")]
    {
        assert_eq!(find(&ada, typed).await, [found], "{typed}");
    }
    ada.make(&titled("Groceris is a word here")).await;
    assert_eq!(find(&ada, "groceris").await, ["Groceris is a word here"], "what is right comes alone");
    assert_eq!(find(&ada, "cal dentits").await, ["Call the dentist"], "each of the words is spelled like one");
    assert!(find(&ada, "pay dentits").await.is_empty());
}

#[tokio::test]
async fn a_title_counts_for_more_than_a_description_and_ties_are_ordered_by_id() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    ada.make(&described("Something else", "about bread")).await;
    ada.make(&titled("Bread")).await;
    assert_eq!(find(&ada, "bread").await, ["Bread", "Something else"]);
    let upwards = (SortBy::Relevance, SortOrder::Ascending);
    let page = list(&ada, &search_for("bread"), upwards, Page::default()).await;
    assert_eq!(titles(&page), ["Something else", "Bread"]);
}

#[tokio::test]
async fn a_task_without_a_description_is_found_as_well_as_one_with_an_empty_one() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    ada.make(&titled("No description at all")).await;
    ada.make(&described("An empty description", "")).await;
    assert_eq!(find(&ada, "descr").await.len(), 2);
    assert_eq!(find(&ada, "🦀").await.len(), 0);
}

#[tokio::test]
async fn whatever_is_typed_is_text_and_no_operator() {
    let scratch = Scratch::new().await;
    let title = r#"It's a' & | ! <-> (b):* \ "quoted" 100% _under -- ; drop table"#;
    let ada = with_titles(&scratch, &[title, "Another"]).await;
    for typed in [
        "it's",
        "a'",
        "'",
        "\"quoted\"",
        "quoted",
        "&",
        "|",
        "!",
        "<->",
        "(b):*",
        ":*",
        "\\",
        "100%",
        "_under",
        "--",
        "; drop table",
        "drop & table",
        "a' & | !",
        "' or 1=1 --",
    ] {
        let page = task_list::list(&ada.sql, ada.context(), &search_for(typed), BEST_FIRST, Page::default()).await;
        let page = page.unwrap_or_else(|error| panic!("{typed}: {error}"));
        let found = titles(&page.read().expect("a page"));
        if typed != "' or 1=1 --" {
            assert!(found.contains(&title.to_owned()), "{typed} found {found:?}");
        }
    }
    assert!(find(&ada, "%er").await.is_empty(), "no pattern either");
    assert_eq!(find(&ada, "anoth").await, ["Another"]);
}

#[tokio::test]
async fn what_looks_like_a_number_an_address_or_a_path_is_found_as_it_is_written() {
    let scratch = Scratch::new().await;
    let titles =
        ["Mail ada@example.com", "See https://example.org/a/b?c=d", "Pay 3.14 or -5", "Read /etc/hosts", "well-known"];
    let ada = with_titles(&scratch, &titles).await;
    let typed = ["ada@example.com", "https://example.org/a/b?c=d", "3.14", "/etc/hosts", "well-known"];
    for (typed, found) in typed.into_iter().zip(titles) {
        assert_eq!(find(&ada, typed).await, [found], "{typed}");
    }
    assert_eq!(find(&ada, "-5").await, [titles[2]]);
    assert_eq!(find(&ada, "example.org").await, [titles[1]]);
}

#[tokio::test]
async fn emoji_and_scripts_that_are_not_latin_are_found() {
    let scratch = Scratch::new().await;
    let titles = ["Feiern 🎉🎂", "شراء الخبز والحليب", "לקנות חלב", "买面包和牛奶", "Купить хлеб", "दूध खरीदना"];
    let ada = with_titles(&scratch, &titles).await;
    for (typed, found) in [
        ("🎂", titles[0]),
        ("🎉🎂", titles[0]),
        ("الخبز", titles[1]),
        ("חלב", titles[2]),
        ("牛奶", titles[3]),
        ("ХЛЕБ", titles[4]),
        ("хле", titles[4]),
        ("दूध", titles[5]),
    ] {
        assert_eq!(find(&ada, typed).await, [found], "{typed}");
    }
    assert!(find(&ada, "🦀").await.is_empty());
}

#[tokio::test]
async fn ten_thousand_characters_are_searched_to_the_last() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let words: String = (0..).map(|n| format!("w{n} ")).take(1_650).collect();
    let words: String = words.chars().take(9_990).collect();
    ada.make(&described("Many words", &format!("{words} zebra"))).await;
    ada.make(&described("One long word", &"ß".repeat(10_000))).await;
    ada.make(&described("Emoji only", &"🎉".repeat(10_000))).await;
    assert_eq!(find(&ada, "zebra").await, ["Many words"]);
    assert_eq!(find(&ada, "zeb w77").await, ["Many words"]);
    assert_eq!(find(&ada, &"🎉".repeat(200)).await, ["Emoji only"]);
    assert_eq!(find(&ada, &"ß".repeat(200)).await, ["One long word"]);
}

#[tokio::test]
async fn words_that_differ_only_after_hundreds_of_characters_are_told_apart() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let long = "㎢".repeat(100);
    ada.make(&described("First", &format!("{long}first"))).await;
    ada.make(&described("Second", &format!("{long}second"))).await;
    assert_eq!(find(&ada, &format!("{long}sec")).await, ["Second"]);
}

#[tokio::test]
async fn the_longest_searches_are_answered() {
    let scratch = Scratch::new().await;
    let ada = with_titles(&scratch, &["Buy bread"]).await;
    let typed = [
        "x ".repeat(100),
        "x".repeat(200),
        "㎢".repeat(200),
        "½ ".repeat(66),
        "a-b-".repeat(50),
        "a.b@".repeat(50),
        "'\\".repeat(100),
        "\u{202e}\u{200d}\u{feff}x".repeat(50),
    ];
    for typed in typed {
        assert!(find(&ada, &typed).await.is_empty(), "{typed}");
    }
}

#[tokio::test]
async fn a_search_finds_nobody_elses_tasks() {
    let scratch = Scratch::new().await;
    let ada = with_titles(&scratch, &["Buy bread"]).await;
    let bob = Person::register(&scratch, "bob").await;
    for typed in ["bread", "bred", "rea"] {
        assert!(find(&bob, typed).await.is_empty(), "{typed}");
    }
    assert_eq!(find(&ada, "rea").await, ["Buy bread"], "the text as it stands is found within a word");
}

#[tokio::test]
async fn a_search_can_be_filtered_and_ordered_like_any_list() {
    let scratch = Scratch::new().await;
    let ada = with_titles(&scratch, &["Bread b", "Bread a"]).await;
    ada.make(&NewTask { status: Status::Completed, ..titled("Bread c") }).await;
    let filter = TaskFilter { status: vec![Status::Pending], ..search_for("bread") };
    let page = list(&ada, &filter, (SortBy::Title, SortOrder::Ascending), Page::default()).await;
    assert_eq!(titles(&page), ["Bread a", "Bread b"]);
    let second = Page::default().with_size("1").and_then(|page| page.with_number("2")).expect("a page");
    let page = list(&ada, &filter, (SortBy::Title, SortOrder::Ascending), second).await;
    assert_eq!((titles(&page), &page["total"]), (vec!["Bread b".to_owned()], &2.into()));
}
