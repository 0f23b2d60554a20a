use super::*;
use bindings::exports::todo::recurrence::engine::{Gap, Start};

/// Daily at 02:30 in New York, where 02:30 does not exist on 2024-03-10.
fn before_breakfast() -> Question {
    Question {
        rrule: "freq=daily;byminute=30;byhour=2".to_owned(),
        zone: "america/new_york".to_owned(),
        start: Start::At("2024-03-09T00:00:00".to_owned()),
        gap: Gap::Shift,
        exdates: Vec::new(),
        rdates: Vec::new(),
    }
}

fn locals(outlook: &Outlook) -> Vec<&str> {
    outlook.occurrences.iter().map(|occurrence| occurrence.local.as_str()).collect()
}

fn outlook(question: Question, after: Option<Instant>, count: u32) -> Outlook {
    Engine::preview(question, after, count).unwrap_or_else(|fault| panic!("{}: {}", fault.part, fault.message))
}

#[test]
fn a_series_is_accepted_in_canonical_form() {
    let accepted = Engine::validate(before_breakfast()).expect("it can be");
    assert_eq!(accepted.rrule, "FREQ=DAILY;BYMINUTE=30;BYHOUR=2");
    assert_eq!(accepted.starts_at, "2024-03-09T00:00:00");
    assert!(matches!(accepted.end, End::Never));
}

#[test]
fn a_preview_says_where_the_clocks_moved_an_occurrence() {
    let outlook = outlook(before_breakfast(), None, 3);
    assert_eq!(outlook.summary, "Every day at 02:30");
    assert_eq!(locals(&outlook), ["2024-03-09T02:30:00", "2024-03-10T03:30:00", "2024-03-11T02:30:00"]);
    let noted: Vec<_> = outlook.occurrences.iter().map(|occurrence| occurrence.note.is_some()).collect();
    assert_eq!(noted, [false, true, false]);
}

#[test]
fn asking_with_the_answer_gives_what_the_preview_lists() {
    let listed = outlook(before_breakfast(), Some(1_710_000_000), 50).occurrences;
    let mut after = 1_710_000_000;
    for expected in listed {
        let next = Engine::next(before_breakfast(), after).expect("it can be").expect("it goes on");
        assert_eq!((next.at, next.local), (expected.at, expected.local));
        after = next.at;
    }
}

#[test]
fn a_preview_ends_with_its_series_and_has_a_hundred_at_most() {
    let counted = Question { rrule: "FREQ=DAILY;COUNT=3".to_owned(), ..before_breakfast() };
    assert_eq!(outlook(counted, None, 10).occurrences.len(), 3);
    assert_eq!(outlook(before_breakfast(), None, u32::MAX).occurrences.len(), 100);
    assert_eq!(outlook(before_breakfast(), Some(0), 0).occurrences.len(), 0);
}

#[test]
fn without_a_start_it_is_the_minute_in_which_the_series_is_made() {
    // 2024-07-01T12:34:56Z
    let start = Start::MadeAt(1_719_837_296);
    let hourly = Question { rrule: "FREQ=HOURLY;INTERVAL=6".to_owned(), start, ..before_breakfast() };
    assert_eq!(Engine::validate(hourly).expect("it can be").starts_at, "2024-07-01T08:34:00");
}

#[test]
fn a_fault_names_the_part_that_is_to_be_changed() {
    let of = |change: fn(&mut Question)| {
        let mut question = before_breakfast();
        change(&mut question);
        Engine::validate(question).expect_err("it can't be").part
    };
    assert_eq!(of(|question| question.rrule = "FREQ=WEEKLY;BYDAY=2MO".to_owned()), "BYDAY");
    assert_eq!(of(|question| question.rrule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30".to_owned()), "BYMONTHDAY");
    assert_eq!(of(|question| question.rrule = "FREQ=DAILY;UNTIL=20200101".to_owned()), "UNTIL");
    assert_eq!(of(|question| question.zone = "Mars/Olympus".to_owned()), "TZID");
    assert_eq!(of(|question| question.start = Start::At("tomorrow".to_owned())), "DTSTART");
    assert_eq!(of(|question| question.exdates = vec!["2024-13-01T00:00:00".to_owned()]), "EXDATE");
}

#[test]
fn no_instant_is_too_far_away_to_ask_from() {
    assert!(Engine::next(before_breakfast(), Instant::MAX).expect("it can be").is_none());
    let first = Engine::next(before_breakfast(), Instant::MIN).expect("it can be").expect("there is one");
    assert_eq!(first.local, "2024-03-09T02:30:00");
}

#[test]
fn a_rule_in_words_leaves_out_what_only_a_start_can_tell() {
    assert_eq!(Engine::summarize("FREQ=WEEKLY;BYDAY=FR".to_owned()).ok().as_deref(), Some("Every week on Friday"));
}
