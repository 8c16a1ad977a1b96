//! What is on disk before what, told by the calls; and what belongs to whom.

use super::calls::Call;
use super::scenario::{SCENARIOS, Template};
use super::tracer;
use std::path::Path;

/// Every call of a landing, and where the repository was.
fn calls(scenario: &str) -> Vec<Call> {
    let scenario = SCENARIOS.iter().find(|known| known.name == scenario);
    let place = Template::make(*scenario.unwrap()).copy();
    let run = tracer::run(&place.gate(), None, true);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    run.calls
}

/// The places of the calls with one of these names whose last path ends so, from its slash on.
fn places(calls: &[Call], names: &[&str], end: &str) -> Vec<usize> {
    let is_it = |call: &Call| {
        let last = call.paths.last().unwrap().to_string_lossy();
        names.contains(&call.name) && last.ends_with(end)
    };
    (0..calls.len()).filter(|at| is_it(&calls[*at])).collect()
}

const MOVES: &[&str] = &["rename", "renameat", "renameat2", "link", "linkat"];
const OPENS: &[&str] = &["open", "openat"];
const REMOVES: &[&str] = &["unlink", "unlinkat"];

/// The first and the last place of such calls, of which there must be some.
#[track_caller]
fn span(calls: &[Call], names: &[&str], end: &str) -> (usize, usize) {
    let found = places(calls, names, end);
    let some = || format!("no {names:?} of {end}");
    (
        *found.first().unwrap_or_else(|| panic!("{}", some())),
        *found.last().unwrap_or_else(|| panic!("{}", some())),
    )
}

/// The places of the calls that put objects where git looks for them.
fn published(calls: &[Call]) -> Vec<usize> {
    let is_object = |path: &Path| {
        let path = path.to_string_lossy();
        path.contains("repository/.git/objects/") && !path.contains("tmp_objdir")
    };
    let puts = |call: &Call| MOVES.contains(&call.name) && is_object(call.paths.last().unwrap());
    (0..calls.len()).filter(|at| puts(&calls[*at])).collect()
}

#[test]
fn each_step_is_on_disk_before_the_next_one() {
    let calls = calls("checked-out");
    let objects = published(&calls);
    let (_, listed) = span(&calls, &["fsync"], "/.git/objects");
    let is_staged = |path: &Path| path.to_string_lossy().contains("tmp_objdir-gate-");
    let flushed =
        (0..calls.len()).filter(|at| calls[*at].name == "fsync" && is_staged(&calls[*at].paths[0]));
    let flushed: Vec<_> = flushed.collect();
    let named = calls
        .iter()
        .filter(|call| MOVES.contains(&call.name) && is_staged(call.paths.last().unwrap()));
    assert_eq!(flushed.len(), named.count());
    assert!(flushed.last() < objects.first(), "contents, then names");
    let (written, _) = span(&calls, &["fsync"], "/gate/landing.new");
    let (begun, _) = span(&calls, MOVES, "/gate/landing");
    let (known, _) = span(&calls, &["fsync"], "/.git/gate");
    assert!(objects.last() < Some(&listed) && listed < written);
    assert!(written < begun && begun < known);
    let mut ends = Vec::new();
    for reference in [
        "refs/heads/main",
        "refs/heads/gate/integration",
        "refs/tags/v1.0",
    ] {
        let (locked, _) = span(&calls, OPENS, &format!("/{reference}.lock"));
        let (flushed, _) = span(&calls, &["fsync"], &format!("/{reference}.lock"));
        let (_, moved) = span(&calls, MOVES, &format!("/{reference}"));
        let (folder, _) = reference.rsplit_once('/').unwrap();
        let (_, listed) = span(&calls, &["fsync"], &format!("/.git/{folder}"));
        assert!(known < locked && locked < flushed && flushed < moved && moved < listed);
        ends.push(listed);
    }
    for log in ["/logs/HEAD", "/logs/refs/heads/main"] {
        let (_, written) = span(&calls, &["write"], log);
        let (_, flushed) = span(&calls, &["fsync"], log);
        assert!(known < written && written < flushed);
        ends.push(flushed);
    }
    let (_, index) = span(&calls, MOVES, "/.git/index");
    let copied = calls[index].paths[0].to_string_lossy().into_owned();
    assert!(span(&calls, &["fsync"], &copied).1 < index);
    let (_, ended) = span(&calls, REMOVES, "/gate/landing");
    ends.push(index);
    assert!(ends.iter().all(|end| *end < ended), "the journal goes last");
}

#[test]
fn a_pack_is_there_before_its_index() {
    let calls = calls("pack");
    let (pack, index) = (
        places(&calls, MOVES, ".pack"),
        places(&calls, MOVES, ".idx"),
    );
    let objects = published(&calls);
    assert!(!objects.is_empty(), "{objects:?}");
    assert!(pack.iter().max() < index.iter().max());
}
