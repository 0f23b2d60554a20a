//! The data that is measured on: some users with a thousand tasks each.

use anyhow::Context;
use rondo_domain::ids::UserId;
use rondo_native::migrate;
use rondo_postgres::{APP_ROLE, DatabaseUrls};
use tokio_postgres::{Client, NoTls};

const VOCABULARY: &str = include_str!("../sql/vocabulary.sql");
const LOAD: &str = include_str!("../sql/load.sql");

/// What every user of the data set signs in with.
pub const PASSWORD: &str = "correct horse battery";
/// The Argon2id hash of [`PASSWORD`], with the parameters of `rondo-web-api`.
const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YmVuY2htYXJrLXNhbHQtMQ$7K2713W7cFhLhnsnu9ba+B29NckBBi62qKUV3b1tZBI";

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Users.
    pub users: u32,
    /// Tasks of each.
    pub tasks_each: u32,
}

/// That of the benchmark: 100 000 tasks.
pub const FULL: Size = Size { users: 100, tasks_each: 1_000 };

/// What requests are made of: the ids and words that are in the database.
#[derive(Debug)]
pub struct DataSet {
    /// Who there is.
    pub users: Vec<User>,
    /// The names of everybody's tags, the frequent ones first.
    pub tags: Vec<String>,
    /// Beginnings of words that find something.
    pub searches: Vec<String>,
}

/// A user of the data set.
#[derive(Debug)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What they sign in with, beside [`PASSWORD`].
    pub email: String,
    /// The ids of some of their tasks.
    pub tasks: Vec<String>,
}

/// Migrates the empty database at `urls`, fills it, and gathers its statistics.
///
/// # Errors
/// The database refuses.
pub async fn load(urls: &DatabaseUrls, size: Size) -> anyhow::Result<()> {
    migrate(&urls.owner, APP_ROLE).await?;
    let client = connect(&urls.owner).await?;
    client.batch_execute(VOCABULARY).await?;
    client.batch_execute(LOAD).await?;
    let (users, tasks_each) = (i32::try_from(size.users)?, i32::try_from(size.tasks_each)?);
    client.execute("select bench.load($1, $2, $3)", &[&users, &tasks_each, &PASSWORD_HASH]).await?;
    Ok(client.batch_execute("vacuum analyze").await?)
}

/// Reads what is there.
///
/// # Errors
/// The database is not one that [`load`] filled.
pub async fn read(url: &str) -> anyhow::Result<DataSet> {
    let client = connect(url).await?;
    let words = client.query_one("select bench.tag_names(), bench.searches()", &[]).await?;
    let rows = client.query(include_str!("../sql/users.sql"), &[]).await?;
    let users = rows.iter().map(|row| {
        let id: String = row.get("id");
        Ok(User { id: UserId::parse(&id).context("a user's id")?, email: row.get("email"), tasks: row.get("tasks") })
    });
    Ok(DataSet { users: users.collect::<anyhow::Result<_>>()?, tags: words.get(0), searches: words.get(1) })
}

/// A connection to `url`, served by a task of its own.
///
/// # Errors
/// There is nobody, or they refuse.
pub async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            eprintln!("a connection to the database broke off: {error}");
        }
    });
    Ok(client)
}
