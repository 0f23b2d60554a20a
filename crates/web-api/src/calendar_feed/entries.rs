//! Tasks as they are stored, as iCalendar takes them.

use rondo_domain::ValueError;
use rondo_domain::tag::{TagName, TagNames};
use rondo_domain::task::{Description, NewTask, Title};
use rondo_ical::{Entry, Instance, Series, Shape};
use rondo_store::calendar::{CalendarEntry, CalendarInstance, CalendarSeries};

use crate::Problem;

/// What `stored` says, as a calendar.
///
/// # Errors
/// A row is none that this code could have written.
pub(crate) fn calendar(stored: Vec<CalendarEntry>, shape: Shape) -> Result<String, Problem> {
    let entries = stored.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    rondo_ical::write(&entries, shape)
        .map_err(|fault| Problem::internal(&format!("a series as it is stored: {}: {}", fault.field, fault.error)))
}

fn entry(CalendarEntry { task, series }: CalendarEntry) -> Result<Entry, Problem> {
    let tags = task.tags.iter().map(|name| TagName::parse(name)).collect::<Result<Vec<_>, _>>();
    let said = NewTask {
        title: Title::parse(&task.title).map_err(wrong)?,
        description: task.description.as_deref().map(Description::parse).transpose().map_err(wrong)?,
        status: task.status,
        priority: task.priority,
        tags: tags.and_then(TagNames::new).map_err(wrong)?,
        due_at: task.due_at,
    };
    Ok(Entry {
        id: task.id,
        task: said,
        completed_at: task.completed_at,
        created_at: task.created_at,
        updated_at: task.updated_at,
        version: task.version,
        series: series.map(of_series).transpose()?,
    })
}

fn of_series(series: CalendarSeries) -> Result<Series, Problem> {
    Ok(Series {
        schedule: series.schedule.schedule()?,
        on_missed: series.on_missed,
        overlap: series.overlap,
        status: series.status,
        instances: series.instances.into_iter().map(instance).collect::<Result<_, _>>()?,
    })
}

fn instance(made: CalendarInstance) -> Result<Instance, Problem> {
    Ok(Instance {
        title: Title::parse(&made.title).map_err(wrong)?,
        priority: made.priority,
        at: made.at,
        local: made.local,
        is_second_passage: made.fold == 1,
        status: made.status,
        completed_at: made.completed_at,
    })
}

fn wrong(error: ValueError) -> Problem {
    Problem::internal(&format!("a task as it is stored: {error}"))
}
