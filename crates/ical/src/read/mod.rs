//! A calendar as to-dos: what Apple's Reminders, Thunderbird, Nextcloud Tasks and others write, as far as Rondo has the like.
//!
//! Components other than to-dos, and properties without a counterpart (alarms, places, people), are passed over.

mod fields;
mod instance;
mod moment;
mod series;
mod todo;

use std::collections::HashMap;

use icalendar::parser::Component;
use jiff::Timestamp;
use rondo_domain::user::ZoneName;

use self::fields::Fields;
use self::moment::Zones;
use crate::Todo;
use crate::place::Unfolded;

/// Deeper than a calendar ever is. The library reads components by recursion.
const DEEPEST: usize = 8;

/// Why a file can't be taken.
#[derive(Debug)]
pub enum Refusal {
    /// It is no calendar. The text is for whoever sent it.
    Unreadable(String),
    /// It has more to-dos than are asked for.
    TooMany,
    /// Values can't be taken, of which these are all.
    Faults(Vec<Fault>),
}

/// A value that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which of the file's to-dos it is in, from 1.
    pub todo: usize,
    /// Of which property it is.
    pub property: &'static str,
    /// What is wrong with it, and in which line.
    pub message: String,
}

/// The to-dos of `file`, in their order, at `now`. Times without a zone are of `home`, unless the file has one for all. No
/// more than `at_most` are looked at and one, as rules are work.
/// One that is cancelled and does not recur is left out: there is nothing to do.
///
/// # Errors
/// See [`Refusal`].
pub fn read(file: &str, home: &ZoneName, now: Timestamp, at_most: usize) -> Result<Vec<Todo>, Refusal> {
    let unfolded = Unfolded::new(file.trim_start_matches('\u{feff}'));
    let unreadable = |why: String| Refusal::Unreadable(format!("The body is not iCalendar: {why}."));
    if unfolded.depth() > DEEPEST {
        return Err(unreadable(format!("its components are nested more than {DEEPEST} deep")));
    }
    let calendars = unfolded.calendars();
    if calendars.is_empty() {
        return Err(unreadable("no line is BEGIN:VCALENDAR".to_owned()));
    }
    let mut reader = Reader { now, at_most, todos: Vec::new(), faulty: 0, faults: Vec::new(), met: 0 };
    for text in calendars {
        let calendar = Component::try_from(text).map_err(|_| {
            let line = unfolded.line_of(text).unwrap_or_default();
            unreadable(format!(
                "in the calendar that begins in line {line}, a line is no property or a component does not end"
            ))
        })?;
        reader.calendar(&calendar, &unfolded, home)?;
    }
    if reader.faults.is_empty() { Ok(reader.todos) } else { Err(Refusal::Faults(reader.faults)) }
}

struct Reader {
    now: Timestamp,
    at_most: usize,
    todos: Vec<Todo>,
    /// In how many to-dos there are faults.
    faulty: usize,
    faults: Vec<Fault>,
    /// How many to-dos were met so far.
    met: usize,
}

impl Reader {
    fn calendar(&mut self, calendar: &Component<'_>, file: &Unfolded, home: &ZoneName) -> Result<(), Refusal> {
        let zones = Zones::of(calendar, home);
        let mut masters = HashMap::new();
        let mut overrides = Vec::new();
        for component in
            calendar.components.iter().filter(|component| component.name.as_str().eq_ignore_ascii_case("VTODO"))
        {
            self.met += 1;
            let mut fields = Fields::new(component, file, &zones, self.met);
            if fields.has("RECURRENCE-ID") {
                overrides.push(fields);
                continue;
            }
            let todo = todo::todo(&mut fields, self.now);
            if let Some(Todo { uid: Some(uid), series: Some(_), .. }) = &todo {
                masters.insert(uid.clone(), self.todos.len());
            }
            self.todos.extend(todo);
            self.note(fields)?;
        }
        for fields in overrides {
            self.settle(fields, &masters)?;
        }
        Ok(())
    }

    /// Keeps the faults of a to-do that was looked at.
    fn note(&mut self, fields: Fields<'_>) -> Result<(), Refusal> {
        let mut faults = fields.into_faults();
        self.faulty += usize::from(!faults.is_empty());
        self.faults.append(&mut faults);
        if self.todos.len() + self.faulty > self.at_most { Err(Refusal::TooMany) } else { Ok(()) }
    }

    /// Reads what a file says of one occurrence of a series; of a series that it does not have, it is a to-do of its own.
    fn settle(&mut self, mut fields: Fields<'_>, masters: &HashMap<String, usize>) -> Result<(), Refusal> {
        let master = fields.text("UID").and_then(|uid| masters.get(&uid)).and_then(|index| self.todos.get_mut(*index));
        match master.and_then(|master| Some((&master.task, master.series.as_mut()?))) {
            Some((template, series)) => {
                let made = instance::instance(&mut fields, template, &series.plan.schedule, self.now);
                series.instances.extend(made);
            }
            None => self.todos.extend(todo::lone_occurrence(&mut fields, self.now)),
        }
        self.note(fields)
    }
}
