//! Calendars as other programs write them, and what comes out and goes in again.

use jiff::Timestamp;
use rondo_domain::ids::TaskId;
use rondo_domain::series::{InstanceStatus, OnMissed, Overlap, SeriesStatus};
use rondo_domain::task::{Priority, Status};
use rondo_domain::user::ZoneName;
use rondo_ical::{Entry, Fault, Refusal, Series, Shape, Todo, read, write};

/// How many to-dos are asked for.
const AT_MOST: usize = 100;

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn now() -> Timestamp {
    at("2026-11-21T08:00:00Z")
}

fn zone(name: &str) -> ZoneName {
    ZoneName::parse(name).expect(name)
}

fn calendar(todos: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{todos}\r\nEND:VCALENDAR\r\n")
}

fn todo(properties: &str) -> String {
    format!("BEGIN:VTODO\r\n{}\r\nEND:VTODO", properties.trim().replace('\n', "\r\n"))
}

/// The to-dos of a file of somebody in Berlin.
fn taken(file: &str) -> Vec<Todo> {
    read(file, &zone("Europe/Berlin"), now(), AT_MOST).unwrap_or_else(|refusal| panic!("{refusal:?}\n{file}"))
}

fn one(properties: &str) -> Todo {
    let mut todos = taken(&calendar(&todo(properties)));
    assert_eq!(todos.len(), 1);
    todos.remove(0)
}

fn faults(file: &str) -> Vec<Fault> {
    match read(file, &zone("Europe/Berlin"), now(), AT_MOST) {
        Err(Refusal::Faults(faults)) => faults,
        other => panic!("{other:?}"),
    }
}

/// A to-do as it would go out, had it been kept.
fn kept(todo: &Todo, n: u8) -> Entry {
    let id = todo.uid.as_deref().and_then(TaskId::parse).unwrap_or_else(|| TaskId::new(now(), [n; 10]));
    let series = todo.series.clone().map(|series| Series {
        schedule: series.plan.schedule,
        on_missed: series.plan.on_missed,
        overlap: series.plan.overlap,
        status: series.plan.status,
        instances: series.instances,
    });
    let created_at = todo.created_at.unwrap_or(now());
    let completed_at = todo.completed_at;
    Entry { id, task: todo.task.clone(), completed_at, created_at, updated_at: now(), version: 1, series }
}

fn written(file: &str, shape: Shape) -> String {
    let entries: Vec<Entry> = taken(file).iter().zip(0..).map(|(todo, n)| kept(todo, n)).collect();
    write(&entries, shape).expect("a calendar")
}

#[test]
fn a_reminder_of_apples_is_understood() {
    let todo = one(r#"
CREATED:20261101T101500Z
COMPLETED:20261120T180000Z
DTSTAMP:20261120T180001Z
DUE;TZID=Europe/Berlin:20261120T190000
LAST-MODIFIED:20261120T180001Z
PERCENT-COMPLETE:100
PRIORITY:1
SEQUENCE:2
STATUS:COMPLETED
SUMMARY:Call Grandma\, then Mum
UID:5C2E0A50-73E4-4E0D-8F0A-1B6B0C6A7B10
X-APPLE-SORT-ORDER:657123456
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Reminder
TRIGGER;VALUE=DATE-TIME:20261120T180000Z
END:VALARM"#);
    assert_eq!(todo.task.title.as_str(), "Call Grandma, then Mum");
    assert_eq!((todo.task.status, todo.task.priority), (Status::Completed, Priority::High));
    assert_eq!(todo.task.due_at, Some(at("2026-11-20T18:00:00Z")));
    assert_eq!(
        (todo.completed_at, todo.created_at),
        (Some(at("2026-11-20T18:00:00Z")), Some(at("2026-11-01T10:15:00Z")))
    );
    assert_eq!(todo.uid.as_deref(), Some("5C2E0A50-73E4-4E0D-8F0A-1B6B0C6A7B10"));
}

#[test]
fn a_line_may_be_folded_anywhere_and_end_either_way() {
    let file = "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:Wa\n ter the\n\t plants\nDESCRIPTION:one\\ntwo\\, thr\n ee\nCATEGORIES:Home,In\n  side\nCATEGORIES:a b\nEND:VTODO\nEND:VCALENDAR\n";
    for file in [file.to_owned(), file.replace('\n', "\r\n"), format!("\u{feff}{file}")] {
        let todos = taken(&file);
        assert_eq!(todos[0].task.title.as_str(), "Water the plants");
        assert_eq!(todos[0].task.description.as_ref().map(|text| text.as_str()), Some("one\ntwo, three"));
        assert_eq!(todos[0].task.tags.iter().collect::<Vec<_>>(), ["a b", "home", "in side"]);
    }
}

#[test]
fn a_time_is_of_its_zone_of_utc_or_of_wherever_one_is() {
    let due = |due: &str| one(&format!("SUMMARY:x\nDUE{due}")).task.due_at.map(|due| due.to_string());
    assert_eq!(due(":20261201T090000Z").as_deref(), Some("2026-12-01T09:00:00Z"));
    assert_eq!(due(";TZID=America/New_York:20261201T090000").as_deref(), Some("2026-12-01T14:00:00Z"));
    assert_eq!(
        due(";TZID=\"/citadel.org/20211207_1/Europe/London\":20261201T090000").as_deref(),
        Some("2026-12-01T09:00:00Z")
    );
    assert_eq!(due(":20261201T090000").as_deref(), Some("2026-12-01T08:00:00Z"));
    assert_eq!(due(";VALUE=DATE:20261201").as_deref(), Some("2026-12-01T22:59:59Z"));
    // The clocks of Berlin skip 02:30.
    assert_eq!(due(";TZID=Europe/Berlin:20270328T023000").as_deref(), Some("2027-03-28T01:30:00Z"));
}

#[test]
fn a_zone_that_a_vtimezone_explains_is_known_and_another_is_named_with_its_line() {
    let by_windows = todo("SUMMARY:x\nDUE;TZID=W. Europe Standard Time:20261201T090000");
    let zone = "BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nX-LIC-LOCATION:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE";
    let todos = taken(&calendar(&format!("{zone}\r\n{by_windows}")));
    assert_eq!(todos[0].task.due_at, Some(at("2026-12-01T08:00:00Z")));
    let faults = faults(&calendar(&by_windows));
    assert_eq!((faults.len(), faults[0].todo, faults[0].property), (1, 1, "DUE"));
    assert!(
        faults[0].message.contains("\"W. Europe Standard Time\"") && faults[0].message.ends_with("(line 5)"),
        "{}",
        faults[0].message
    );
}

#[test]
fn what_is_wrong_is_named_by_to_do_and_property_all_at_once() {
    let wrong = [
        todo("UID:1"),
        todo("SUMMARY:fine"),
        todo("SUMMARY:x\nDUE:tomorrow\nPRIORITY:10\nSTATUS:DONE"),
        todo("SUMMARY:x\nRRULE:FREQ=DAILY"),
        todo("SUMMARY:x\nDTSTART:20261201T090000Z\nRRULE:FREQ=WEEKLY;BYDAY=2MO"),
        todo("SUMMARY:x\nDTSTART:20261201T090000Z\nRRULE:FREQ=DAILY\nEXDATE:never"),
        todo("SUMMARY:x\nDTSTART:20261201T090000Z\nRDATE:20261202T090000Z"),
        todo("SUMMARY:x\nDUE:20260230T090000Z"),
    ];
    let faults = faults(&calendar(&wrong.join("\r\n")));
    let named: Vec<_> = faults.iter().map(|fault| (fault.todo, fault.property)).collect();
    assert_eq!(
        named,
        [
            (1, "SUMMARY"),
            (3, "STATUS"),
            (3, "DUE"),
            (3, "PRIORITY"),
            (4, "DTSTART"),
            (5, "RRULE"),
            (6, "EXDATE"),
            (7, "RRULE"),
            (8, "DUE")
        ]
    );
    assert!(faults[5].message.contains("BYDAY"), "{}", faults[5].message);
}

#[test]
fn more_to_dos_than_asked_for_are_refused_faulty_ones_counted_and_cancelled_ones_not() {
    let file = |last: &[&str]| {
        let plain = std::iter::repeat_n("SUMMARY:x", AT_MOST - 1);
        calendar(&plain.chain(last.iter().copied()).map(todo).collect::<Vec<_>>().join("\r\n"))
    };
    assert_eq!(taken(&file(&["SUMMARY:x"])).len(), AT_MOST);
    assert_eq!(taken(&file(&["SUMMARY:x", "SUMMARY:x\nSTATUS:CANCELLED"])).len(), AT_MOST);
    for more in ["SUMMARY:x", "SUMMARY:x\nDUE:never"] {
        let refusal = read(&file(&[more, "SUMMARY:x"]), &ZoneName::default(), now(), AT_MOST);
        assert!(matches!(refusal, Err(Refusal::TooMany)), "{refusal:?}");
    }
}

#[test]
fn what_is_no_calendar_is_refused_and_never_a_panic() {
    let whole = calendar(&todo("SUMMARY:x\nDUE;TZID=Europe/Berlin:20261201T090000"));
    let deep = format!("BEGIN:VCALENDAR\n{}", "BEGIN:VTODO\n".repeat(100_000));
    for file in ["", "hello", "BEGIN:", "{\"tasks\": []}", &whole.replace("END:VTODO", ""), &deep] {
        let refusal = read(file, &ZoneName::default(), now(), AT_MOST);
        assert!(matches!(refusal, Err(Refusal::Unreadable(_))), "{refusal:?}");
    }
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let _ = read(&whole[..end], &ZoneName::default(), now(), AT_MOST);
    }
}

#[test]
fn a_series_is_read_with_its_zone_its_dates_and_what_became_of_its_occurrences() {
    let file = calendar(&[
        todo("UID:s\nSUMMARY:Standup\nDTSTART;TZID=America/New_York:20261102T093000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20\nEXDATE;TZID=America/New_York:20261104T093000,20261109T093000\nEXDATE;VALUE=DATE:20261111\nRDATE:20261112T150000Z\nPRIORITY:9"),
        todo("UID:s\nSUMMARY:Standup\nRECURRENCE-ID;TZID=America/New_York:20261102T093000\nSTATUS:COMPLETED\nCOMPLETED:20261102T150000Z"),
        todo("UID:s\nRECURRENCE-ID:20261116T143000Z\nSTATUS:CANCELLED"),
        todo("UID:s\nRECURRENCE-ID;TZID=America/New_York:20261118T093000\nSUMMARY:Standup in the park"),
        todo("UID:s\nRECURRENCE-ID;TZID=America/New_York:20261125T093000\nSUMMARY:moved, to come"),
    ].join("\r\n"));
    let todos = taken(&file);
    assert_eq!(todos.len(), 1);
    let series = todos[0].series.as_ref().expect("a series");
    let schedule = &series.plan.schedule;
    assert_eq!(
        (schedule.zone.as_str(), schedule.starts_at.to_string().as_str()),
        ("America/New_York", "2026-11-02T09:30:00")
    );
    let dates = |dates: &std::collections::BTreeSet<jiff::civil::DateTime>| {
        dates.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(dates(&schedule.exdates), ["2026-11-04T09:30:00", "2026-11-09T09:30:00", "2026-11-11T09:30:00"]);
    assert_eq!(dates(&schedule.rdates), ["2026-11-12T10:00:00"]);
    assert_eq!(series.plan.next.map(|next| next.at), Some(at("2026-11-23T14:30:00Z")));
    let made: Vec<_> =
        series.instances.iter().map(|made| (made.at.to_string(), made.title.as_str(), made.status)).collect();
    assert_eq!(
        made,
        [
            ("2026-11-02T14:30:00Z".to_owned(), "Standup", InstanceStatus::Completed),
            ("2026-11-16T14:30:00Z".to_owned(), "Standup", InstanceStatus::Skipped),
            ("2026-11-18T14:30:00Z".to_owned(), "Standup in the park", InstanceStatus::Pending),
        ]
    );
    assert_eq!(series.instances[1].priority, Priority::Low);
}

#[test]
fn a_series_that_is_over_is_completed_and_one_that_is_cancelled_stays_so() {
    let status = |more: &str| {
        let series = one(&format!("SUMMARY:x\nDUE:20200101T090000Z\nRRULE:FREQ=DAILY{more}")).series.expect("a series");
        (series.plan.status, series.plan.next.is_some())
    };
    assert_eq!(status(""), (SeriesStatus::Active, true));
    assert_eq!(status(";COUNT=3"), (SeriesStatus::Completed, false));
    assert_eq!(status("\nSTATUS:CANCELLED"), (SeriesStatus::Cancelled, false));
    assert_eq!(status("\nSTATUS:COMPLETED"), (SeriesStatus::Completed, false));
    assert_eq!(status("\nX-RONDO-STATE:paused"), (SeriesStatus::Paused, true));
}

#[test]
fn what_is_cancelled_for_good_and_what_is_no_to_do_are_left_out() {
    let event = "BEGIN:VEVENT\r\nUID:e\r\nDTSTART:20261201T090000Z\r\nSUMMARY:Party\r\nEND:VEVENT";
    let file =
        calendar(&[todo("SUMMARY:no more\nSTATUS:CANCELLED"), event.to_owned(), todo("SUMMARY:yes")].join("\r\n"));
    let titles: Vec<String> = taken(&file).iter().map(|todo| todo.task.title.as_str().to_owned()).collect();
    assert_eq!(titles, ["yes"]);
}

#[test]
fn calendars_that_follow_one_another_are_all_read() {
    let file = calendar(&todo("SUMMARY:one")) + &calendar(&todo("SUMMARY:two\nDUE:never"));
    let faults = faults(&file);
    assert_eq!((faults[0].todo, faults[0].property), (2, "DUE"));
}

/// Tasks and series with all that is hard to carry.
fn difficult() -> String {
    calendar(&[
        todo("UID:0199a0b0-0000-7000-8000-000000000001\nSUMMARY:plain\nCREATED:20260101T000000Z"),
        todo("UID:0199a0b0-0000-7000-8000-000000000002\nSUMMARY:says \"hi\"\\, twice\\; 🙂 עברית and goes on for much longer than one line may be\nDESCRIPTION:one\\ntwo\\\\n\\, three\nCATEGORIES:a b,c\nPRIORITY:1\nSTATUS:IN-PROCESS\nDUE:20261201T090000Z\nCREATED:20260101T000000Z"),
        todo("UID:0199a0b0-0000-7000-8000-000000000003\nSUMMARY:rent\nDTSTART;TZID=Europe/Berlin:20260131T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20301231T080000Z\nEXDATE;TZID=Europe/Berlin:20260228T090000\nX-RONDO-STARTS-AT:20260115T090000\nX-RONDO-STATE:paused\nX-RONDO-GAP:skip\nX-RONDO-ON-MISSED:all\nX-RONDO-OVERLAP:skip\nCREATED:20260101T000000Z"),
        todo("UID:0199a0b0-0000-7000-8000-000000000003\nSUMMARY:rent\nRECURRENCE-ID;TZID=Europe/Berlin:20260331T090000\nDTSTART;TZID=Europe/Berlin:20260331T090000\nSTATUS:COMPLETED\nCOMPLETED:20260331T100000Z\nPRIORITY:5"),
        todo("UID:0199a0b0-0000-7000-8000-000000000003\nSUMMARY:rent\nRECURRENCE-ID;TZID=Europe/Berlin:20260430T090000\nSTATUS:CANCELLED\nX-RONDO-STATE:missed\nPRIORITY:5"),
        todo("UID:0199a0b0-0000-7000-8000-000000000004\nSUMMARY:hourly\nDTSTART;TZID=Europe/London:20261025T000000\nRRULE:FREQ=HOURLY;COUNT=2000\nCREATED:20260101T000000Z"),
        todo("UID:0199a0b0-0000-7000-8000-000000000004\nSUMMARY:hourly\nRECURRENCE-ID:20261025T010000Z\nSTATUS:CANCELLED\nPRIORITY:5"),
        todo("UID:0199a0b0-0000-7000-8000-000000000005\nSUMMARY:in UTC\nDTSTART:20261225T000000Z\nRRULE:FREQ=YEARLY\nSTATUS:CANCELLED\nCREATED:20260101T000000Z"),
    ].join("\r\n"))
}

#[test]
fn what_goes_out_comes_in_as_it_was() {
    let once = written(&difficult(), Shape::Todos);
    assert_eq!(written(&once, Shape::Todos), once);
    let todos = taken(&once);
    assert_eq!(todos[1].task.description.as_ref().map(|text| text.as_str()), Some("one\ntwo\\n, three"));
    let rent = todos[2].series.as_ref().expect("a series");
    assert_eq!(rent.plan.schedule.starts_at.to_string(), "2026-01-15T09:00:00");
    assert_eq!(
        (rent.plan.on_missed, rent.plan.overlap, rent.plan.status),
        (OnMissed::All, Overlap::Skip, SeriesStatus::Paused)
    );
    assert_eq!(rent.instances[1].status, InstanceStatus::Missed);
    let second_passage = &todos[3].series.as_ref().expect("a series").instances[0];
    assert!(second_passage.is_second_passage);
    assert_eq!(second_passage.local.to_string(), "2026-10-25T01:00:00");
}

#[test]
fn lines_are_short_and_end_with_crlf() {
    let file = written(&difficult(), Shape::Todos);
    assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\n', '\r'])), "{file}");
    assert!(file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && file.ends_with("END:VCALENDAR\r\n"));
}

#[test]
fn a_zones_clock_changes_are_rules_and_only_zones_that_are_used_are_there() {
    let file = written(&difficult(), Shape::Todos);
    let zones: Vec<_> = file.lines().filter(|line| line.starts_with("TZID:")).collect();
    assert_eq!(zones, ["TZID:Europe/Berlin", "TZID:Europe/London"]);
    let berlin = file.split("END:VTIMEZONE").next().expect("a zone");
    for rule in ["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"] {
        assert!(berlin.contains(rule), "{berlin}");
    }
    assert_eq!(berlin.matches("BEGIN:STANDARD").count() + berlin.matches("BEGIN:DAYLIGHT").count(), 3, "{berlin}");
}

#[test]
fn in_a_calendar_of_events_there_is_what_is_due_and_what_runs() {
    let file = written(&difficult(), Shape::Events);
    let titles: Vec<_> = file.lines().filter(|line| line.starts_with("SUMMARY:")).collect();
    assert_eq!(titles.len(), 3, "{titles:?}");
    assert!(
        !file.contains("VTODO") && file.contains("DTSTART:20261201T090000Z") && file.contains("TRANSP:TRANSPARENT")
    );
}
