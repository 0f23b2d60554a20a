//! `rondo up` as a person and a kill signal see it. Needs built components: `cargo xtask test e2e` builds them.

mod http;
mod killed;
mod rondo;

use std::fs;
use std::net::TcpListener;
use std::thread;

use serde_json::{Value, json};

use http::{get, post};
use rondo::{Folder, Rondo, is_alive, signal};

const DEMO: (&str, &str) = ("demo@rondo.example", "a month of tasks");

fn register(rondo: &Rondo, email: &str) -> String {
    let answer =
        post(rondo.address, None, "/api/auth/register", &json!({ "email": email, "password": "correct horse" }));
    assert_eq!(answer.status, 201, "{}", answer.body);
    token(&answer.body)
}

fn sign_in(rondo: &Rondo, email: &str, password: &str) -> String {
    let answer = post(rondo.address, None, "/api/auth/login", &json!({ "email": email, "password": password }));
    assert_eq!(answer.status, 200, "{}", answer.body);
    token(&answer.body)
}

fn token(body: &str) -> String {
    let session: Value = serde_json::from_str(body).expect("JSON");
    session["access_token"].as_str().expect("a token").to_owned()
}

fn total_of_tasks(rondo: &Rondo, token: &str) -> u64 {
    total_of(rondo, token, "/api/tasks")
}

fn total_of(rondo: &Rondo, token: &str, list: &str) -> u64 {
    let answer = get(rondo.address, Some(token), list);
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).expect("JSON")["total"].as_u64().expect("a number")
}

#[test]
fn it_serves_the_api_and_the_page_and_ctrl_c_leaves_no_process() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    assert_eq!(get(rondo.address, None, "/ready").status, 200);
    assert_eq!(get(rondo.address, None, "/api/tasks").status, 401);
    let page = get(rondo.address, None, "/");
    assert!(page.status == 200 && page.body.contains("<html"), "{}", page.body);
    let postgres = folder.postmaster().expect("it runs");
    let status = rondo.stop("INT");
    assert!(status.success(), "{status}");
    assert!(!is_alive(postgres));
}

#[test]
fn sigterm_stops_it_as_cleanly() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    let postgres = folder.postmaster().expect("it runs");
    assert!(rondo.stop("TERM").success());
    assert!(!is_alive(postgres));
}

#[test]
fn a_wish_to_stop_during_the_start_is_heard() {
    let folder = Folder::new();
    let rondo = Rondo::spawn(&folder, &[]);
    folder.wait_for("pg/run.lock");
    assert!(rondo.stop("INT").success());
    folder.wait_until_postgres_is_gone();
}

#[test]
fn when_everything_is_killed_no_acknowledged_write_is_lost_and_the_next_up_just_works() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    let token = register(&rondo, "ada@example.org");
    for number in 0..20 {
        let task = json!({ "title": format!("Acknowledged {number}") });
        assert_eq!(post(rondo.address, Some(&token), "/api/tasks", &task).status, 201);
    }
    signal("KILL", &[rondo.pid(), folder.postmaster().expect("it runs")]);
    // Waits for its end: until then it holds the folder.
    drop(rondo);

    let rondo = Rondo::start(&folder, &[]);
    let token = sign_in(&rondo, "ada@example.org", "correct horse");
    assert_eq!(total_of_tasks(&rondo, &token), 20);
}

#[test]
fn when_the_host_alone_is_killed_nothing_of_it_stays() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    signal("KILL", &[rondo.pid()]);
    folder.wait_until_postgres_is_gone();
    Rondo::start(&folder, &[]);
}

#[test]
fn a_second_up_on_the_same_folder_says_who_has_it() {
    let folder = Folder::new();
    let first = Rondo::start(&folder, &[]);
    let refusal = Rondo::spawn(&folder, &[]).refusal();
    assert!(refusal.contains(&format!("pid {}", first.pid())), "{refusal}");
    assert!(refusal.contains(&first.address.to_string()), "{refusal}");
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let refusal = Rondo::spawn(&folder, &["--port", &port]).refusal();
    assert!(refusal.contains(&format!("port {port} is in use")) && refusal.contains("--port"), "{refusal}");
}

#[test]
fn two_folders_run_side_by_side_and_know_nothing_of_each_other() {
    let (one, two) = (Folder::new(), Folder::new());
    let (first, second) = (Rondo::start(&one, &[]), Rondo::start(&two, &[]));
    register(&first, "ada@example.org");
    register(&second, "ada@example.org");
}

#[test]
fn the_demo_is_made_once_and_its_login_is_said() {
    let folder = Folder::new();
    let (email, password) = DEMO;
    let first = Rondo::start(&folder, &["--demo"]);
    let greeting = first.greeting();
    assert!(greeting.contains(email) && greeting.contains(password), "{greeting}");
    let token = sign_in(&first, email, password);
    let total = total_of_tasks(&first, &token);
    assert!(total >= 55, "{total}");
    assert!(total_of(&first, &token, "/api/tasks/recurring") >= 4);
    assert!(first.stop("INT").success());

    let second = Rondo::start(&folder, &["--demo"]);
    assert_eq!(total_of_tasks(&second, &sign_in(&second, email, password)), total);
}

#[test]
fn migrate_joins_the_database_of_a_running_up_and_leaves_it_running() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    let output = rondo::command("migrate", &folder).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("up to date"), "{said}");
    assert_eq!(get(rondo.address, None, "/ready").status, 200);
}

#[test]
fn the_metrics_of_host_and_sidecar_have_a_port_of_their_own() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &["--metrics-port", "0"]);
    let metrics = get(rondo.metrics_address(), None, "/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("# TYPE"), "{}", metrics.body);
}

#[test]
fn who_asks_for_metrics_while_files_are_short_gets_them_later() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &["--metrics-port", "0"]);
    let address = rondo.metrics_address();
    rondo.limit_files(3);
    let asked = thread::spawn(move || get(address, None, "/metrics"));
    rondo.hear("no connection can be accepted");
    rondo.limit_files(1024);
    assert_eq!(asked.join().expect("an answer").status, 200);
}

#[test]
fn secrets_are_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let _rondo = Rondo::start(&folder, &[]);
    for secret in ["secrets.json", "pg/connection.json"] {
        let mode = fs::metadata(folder.path().join(secret)).expect(secret).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
}
