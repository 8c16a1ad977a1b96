//! Quarantines that several threads use at the same time.

use super::testing::TestRepo;
use std::sync::Arc;
use std::time::Duration;

/// Whoever makes one sweeps away what others left behind, and must not stumble over what they
/// are just removing themselves.
#[test]
fn quarantines_come_and_go_at_the_same_time() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let home = repo.path.join(".git/gate");
    let files = || std::fs::read_dir(&home).map_or(0, Iterator::count);
    let before = files();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    drop(opened.quarantine().expect("a quarantine"));
                }
            });
        }
    });
    assert_eq!(files(), before + 1, "only the lock file stays");
}

/// Branches are judged in parallel: one adds commits while git needs those of another on disk.
#[test]
fn objects_are_added_while_others_are_written() {
    let repo = TestRepo::new();
    let quarantine = Arc::new(repo.open().quarantine().expect("a quarantine"));
    let (done, all_done) = std::sync::mpsc::channel();
    for number in 0..4 {
        let (quarantine, done) = (Arc::clone(&quarantine), done.clone());
        std::thread::spawn(move || {
            for round in 0..50 {
                let content = format!("{number} {round}");
                quarantine.add_blob(content.as_bytes()).expect("added");
                quarantine.flush().expect("written");
            }
            done.send(()).expect("somebody listens");
        });
    }
    for _ in 0..4 {
        let answer = all_done.recv_timeout(Duration::from_secs(20));
        answer.expect("they wait for each other");
    }
}
