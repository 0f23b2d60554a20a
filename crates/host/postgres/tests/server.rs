//! The server's life, on the real one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rondo_postgres::{APP_ROLE, Durability, Options, Server, Silent};
use tokio_postgres::{Client, NoTls};

const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);

async fn start(folder: &Path) -> Server {
    let options = Options { durability: Durability::Off, ..Options::new(folder) };
    Server::start(options, &Silent).await.expect("the server starts")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The pid in `postmaster.pid`, while the file is there.
fn postmaster(folder: &Path) -> Option<u32> {
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    text.lines().next()?.parse().ok()
}

fn is_alive(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what} never came");
        std::thread::sleep(LOOK_AGAIN_AFTER);
    }
}

/// Another process that runs the server of a folder, as `rondo up` does.
struct Holder {
    process: Child,
    url: String,
}

impl Holder {
    fn start(folder: &Path) -> Self {
        let mut process =
            Command::new(example("hold")).arg(folder).stdout(Stdio::piped()).spawn().expect("the example is built");
        let mut url = String::new();
        let output = process.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut url).expect("it prints its URL");
        Self { process, url: url.trim().to_owned() }
    }

    fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("reaped");
    }
}

/// `target/release/deps/server-…` → `target/release/examples/hold`.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    let target = test.parent().and_then(Path::parent).expect("a target folder");
    target.join("examples").join(name)
}

#[tokio::test]
async fn it_starts_answers_as_both_roles_and_leaves_nothing_when_stopped() {
    let folder = folder();
    let server = start(folder.path()).await;
    connect(&server.owner_url()).await.batch_execute("create table t (n int)").await.expect("the owner makes tables");
    connect(&server.app_url()).await.batch_execute("select 1").await.expect("the app connects");
    let pid = postmaster(folder.path()).expect("it runs");
    server.stop().await.expect("stopped");
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn only_the_user_can_read_the_passwords() {
    let folder = folder();
    let server = start(folder.path()).await;
    let mode = fs::metadata(folder.path().join("connection.json")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    server.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_second_start_joins_and_its_stop_stops_nothing() {
    let folder = folder();
    let (first, second) = tokio::join!(start(folder.path()), start(folder.path()));
    assert_ne!(first.is_joined(), second.is_joined());
    assert_eq!(first.port(), second.port());
    let (owner, guest) = if first.is_joined() { (second, first) } else { (first, second) };
    guest.stop().await.expect("nothing to stop");
    connect(&owner.app_url()).await.batch_execute("select 1").await.expect("it still runs");
    owner.stop().await.expect("stopped");
}

#[tokio::test]
async fn every_database_of_a_template_is_its_own() {
    let folder = folder();
    let server = start(folder.path()).await;
    let template = server.create_database("template", None).await.expect("made");
    {
        let (client, connection) = tokio_postgres::connect(&template.owner, NoTls).await.expect("a connection");
        let connection = tokio::spawn(connection);
        let setup = format!("create table t (n int); grant select, insert on t to {APP_ROLE}");
        client.batch_execute(&setup).await.expect("made");
        drop(client);
        connection.await.expect("no panic").expect("closed");
    }
    let one = server.create_database("one", Some("template")).await.expect("copied");
    let two = server.create_database("two", Some("template")).await.expect("copied");
    connect(&one.app).await.batch_execute("insert into t values (1)").await.expect("written");
    let rows = connect(&two.app).await.query("select from t", &[]).await.expect("read");
    assert!(rows.is_empty());
    server.drop_database("one").await.expect("dropped though connected");
    server.stop().await.expect("stopped");
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_killed_host_and_its_server_goes_with_it() {
    let folder = folder();
    let holder = Holder::start(folder.path());
    let client = connect(&holder.url).await;
    client.batch_execute("create table t (n int); insert into t values (42)").await.expect("acknowledged");
    let pid = postmaster(folder.path()).expect("it runs");
    holder.kill();
    wait_until("the end of the orphan", || !is_alive(pid));

    let server = start(folder.path()).await;
    assert!(!server.is_joined());
    let row = connect(&server.owner_url()).await.query_one("select n from t", &[]).await.expect("the row");
    assert_eq!(row.get::<_, i32>(0), 42);
    server.stop().await.expect("stopped");
}

#[tokio::test]
async fn when_everything_is_killed_at_once_the_next_start_just_works() {
    let folder = folder();
    let holder = Holder::start(folder.path());
    let client = connect(&holder.url).await;
    client.batch_execute("create table t (n int); insert into t values (7)").await.expect("acknowledged");
    let pid = postmaster(folder.path()).expect("it runs");
    let status = Command::new("kill").args(["-9", &pid.to_string(), &holder.process.id().to_string()]).status();
    assert!(status.expect("kill runs").success());

    let server = start(folder.path()).await;
    let row = connect(&server.owner_url()).await.query_one("select n from t", &[]).await.expect("the row");
    assert_eq!(row.get::<_, i32>(0), 7);
    server.stop().await.expect("stopped");
    holder.kill();
}

#[tokio::test]
async fn a_claim_of_a_process_that_is_somebody_else_now_is_no_hindrance() {
    let folder = folder();
    start(folder.path()).await.stop().await.expect("stopped");
    let claim = format!("{}\n{}\n1\n1\n\n127.0.0.1\n", std::process::id(), folder.path().join("data").display());
    fs::write(folder.path().join("data/postmaster.pid"), claim).expect("written");
    start(folder.path()).await.stop().await.expect("started and stopped");
}

#[tokio::test]
async fn lost_passwords_are_said_to_be_lost() {
    let folder = folder();
    start(folder.path()).await.stop().await.expect("stopped");
    fs::remove_file(folder.path().join("connection.json")).expect("removed");
    let error = Server::start(Options::new(folder.path()), &Silent).await.expect_err("nobody knows the password");
    assert!(error.to_string().contains("connection.json"), "{error}");
}
