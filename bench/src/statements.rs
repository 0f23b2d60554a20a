//! The statements behind the requests, as `rondo-store` sends them: it keeps their text to itself, so one that listens
//! in the database's place writes down what comes.

use std::cell::RefCell;

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use rondo_domain::ids::{TaskId, UserId};
use rondo_domain::listing::{Page, SearchText, SortBy, SortOrder, TaskFilter};
use rondo_domain::tag::{TagName, TagNames};
use rondo_domain::task::{NewTask, Priority, Status, Title};
use rondo_ports::{Document, Sql, SqlError};
use rondo_store::{RequestContext, task, task_list};

use crate::scenario::Scenario;

/// What a statement asks for here. Where something else is to be asked, it is put in the place of these.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Whose tasks.
    pub user: UserId,
    /// Which task: an existing one to get, a fresh id to create.
    pub task: TaskId,
    /// A tag of the user.
    pub tag: String,
    /// Something to search for.
    pub search: String,
}

impl Sample {
    /// The title that [`Scenario::Create`] gives.
    pub const TITLE: &str = "Call the dentist";
    /// The status that [`Scenario::Filter`] asks for.
    pub const STATUS: Status = Status::Pending;
    /// The priority that [`Scenario::Filter`] asks for.
    pub const PRIORITY: Priority = Priority::High;

    /// Of a data set in which nobody looks for anything: for statements whose sample is replaced.
    pub fn of_nobody() -> Self {
        let now = Timestamp::UNIX_EPOCH;
        Self {
            user: UserId::new(now, [1; 10]),
            task: TaskId::new(now, [2; 10]),
            tag: "tag".into(),
            search: "word".into(),
        }
    }
}

/// A statement and its parameters.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its text.
    pub statement: String,
    /// `$1` and so on.
    pub parameters: Vec<Option<String>>,
}

/// The statement behind `scenario`.
///
/// # Errors
/// The store sends none.
pub async fn behind(scenario: Scenario, sample: &Sample) -> anyhow::Result<Call> {
    let listener = Listener::default();
    let context = RequestContext { user: sample.user, request_id: "bench" };
    let outcome = match scenario {
        Scenario::Get => task::get(&listener, context, sample.task).await.map(drop),
        Scenario::Create => task::create(&listener, context, sample.task, &new_task(sample)?, None).await.map(drop),
        Scenario::List | Scenario::Filter | Scenario::Search => {
            let (filter, sort_by) = filter(scenario, sample)?;
            let sort = (sort_by, SortOrder::Descending);
            task_list::list(&listener, context, &filter, sort, Page::default()).await.map(drop)
        }
    };
    let heard = listener.heard.take();
    heard.with_context(|| format!("{} sent no statement: {outcome:?}", scenario.name()))
}

fn filter(scenario: Scenario, sample: &Sample) -> anyhow::Result<(TaskFilter, SortBy)> {
    let everything = TaskFilter::default();
    Ok(match scenario {
        Scenario::Filter => {
            let tags = tags(sample)?;
            let filter =
                TaskFilter { status: vec![Sample::STATUS], priority: vec![Sample::PRIORITY], tags, ..everything };
            (filter, SortBy::CreatedAt)
        }
        Scenario::Search => {
            let search = SearchText::parse(&sample.search).map_err(|error| anyhow!("the search {error}"))?;
            (TaskFilter { search, ..everything }, SortBy::Relevance)
        }
        _ => (everything, SortBy::CreatedAt),
    })
}

fn new_task(sample: &Sample) -> anyhow::Result<NewTask> {
    Ok(NewTask {
        title: Title::parse(Sample::TITLE).map_err(|error| anyhow!("the title {error}"))?,
        description: None,
        status: Status::default(),
        priority: Priority::default(),
        tags: tags(sample)?,
        due_at: None,
    })
}

fn tags(sample: &Sample) -> anyhow::Result<TagNames> {
    let names = TagName::parse(&sample.tag).and_then(|name| TagNames::new([name]));
    names.map_err(|error| anyhow!("the tag {error}"))
}

/// Hears the first statement, and answers none.
#[derive(Default)]
struct Listener {
    heard: RefCell<Option<Call>>,
}

impl Sql for Listener {
    async fn call(&self, statement: &str, parameters: &[Option<&str>]) -> Result<Document, SqlError> {
        let parameters = parameters.iter().map(|value| value.map(str::to_owned)).collect();
        self.heard.borrow_mut().get_or_insert(Call { statement: statement.to_owned(), parameters });
        Err(SqlError::Refused("nobody is here but a listener".to_owned()))
    }
}
