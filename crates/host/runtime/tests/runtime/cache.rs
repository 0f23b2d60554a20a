//! Compiled components, kept.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, SystemTime};

use rondo_runtime::{CacheError, Host, HostError};

use crate::support::{config, folder, manifest};

fn load(cache: &std::path::Path) -> Result<std::sync::Arc<Host>, HostError> {
    Host::load(config(&manifest(""), |config| config.cache_dir = cache.to_owned()))
}

fn hits(host: &Host) -> String {
    let text = host.metrics_text();
    text.lines().find(|line| line.starts_with("rondo_compile_cache_hits_total ")).unwrap().to_owned()
}

#[test]
fn a_component_is_compiled_once() {
    let cache = folder().join("new");
    assert!(hits(&load(&cache).unwrap()).ends_with(" 0"));
    assert!(hits(&load(&cache).unwrap()).ends_with(" 1"));
    let kept: Vec<_> = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_several_hosts_want_at_once_is_compiled_once() {
    let cache = folder().join("new");
    let hosts = thread::scope(|scope| {
        let loading = [(); 4].map(|()| scope.spawn(|| load(&cache).unwrap()));
        loading.map(|host| host.join().unwrap())
    });
    assert_eq!(hosts.iter().filter(|host| hits(host).ends_with(" 1")).count(), 3);
}

#[test]
fn a_file_that_is_no_compiled_component_is_made_anew() {
    let cache = folder().join("new");
    load(&cache).unwrap();
    let file = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    fs::write(&file, "rubbish").unwrap();
    assert!(hits(&load(&cache).unwrap()).ends_with(" 0"));
    assert!(hits(&load(&cache).unwrap()).ends_with(" 1"));
}

#[test]
fn what_nobody_has_used_for_a_month_is_forgotten() {
    let cache = folder().join("new");
    load(&cache).unwrap();
    let used = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let [old, unfinished, recent, not_ours] =
        ["old.cwasm", "old.1.tmp", "recent.1.tmp", "notes.txt"].map(|name| cache.join(name));
    for file in [&old, &unfinished, &recent, &not_ours] {
        fs::write(file, "").unwrap();
    }
    for file in [&used, &old, &unfinished, &not_ours] {
        let long_ago = SystemTime::now() - Duration::from_hours(31 * 24);
        File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
    }
    assert!(hits(&load(&cache).unwrap()).ends_with(" 1"));
    assert!(used.exists() && recent.exists() && not_ours.exists());
    assert!(!old.exists() && !unfinished.exists());
}

#[test]
fn what_can_not_be_kept_leaves_nothing_aside() {
    let cache = folder().join("new");
    load(&cache).unwrap();
    let file = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(hits(&load(&cache).unwrap()).ends_with(" 0"));
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
}

#[test]
fn a_folder_that_others_may_enter_is_refused() {
    let cache = folder();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(load(&cache), Err(HostError::Cache(CacheError::OpenToOthers { mode: 0o755, .. }))));
}
