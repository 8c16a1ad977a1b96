//! Anybody can push a record: what is wrong in one is found out, and nothing is done by it.

use super::{document, integrate, replay, repo};
use crate::support::TestRepo;
use serde_json::{Value, json};

/// Makes a commit of this document as a record, in the place of the last one.
fn forge(repo: &TestRepo, text: &str) {
    let blob = repo.git_with_input(&["hash-object", "-w", "--stdin"], text.as_bytes());
    let entry = format!("100644 blob {blob}\trecord.json\n");
    let tree = repo.git_with_input(&["mktree"], entry.as_bytes());
    let commit = repo.git(&["commit-tree", &tree, "-m", "Record a run"]);
    repo.git(&["update-ref", "refs/gate/last-run", &commit]);
}

/// The text of the record with one value replaced by another, found by where it is.
fn changed(text: &str, pointer: &str, value: &Value) -> String {
    let document: Value = serde_json::from_str(text).unwrap();
    let old = document.pointer(pointer).unwrap();
    // In place, since the order of the keys counts: only values that stand there once are changed.
    let (old, new) = (old.to_string(), value.to_string());
    assert_eq!(text.matches(&old).count(), 1, "{pointer}");
    text.replacen(&old, &new, 1)
}

fn record() -> (TestRepo, String) {
    let repo = repo();
    integrate(&repo, &["--land"], 1);
    let text = repo.git(&["cat-file", "blob", "refs/gate/last-run:record.json"]);
    (repo, text + "\n")
}

#[test]
fn what_does_not_follow_from_the_rest_differs() {
    let (repo, text) = record();
    let before = repo.refs();
    let document = document(&repo, "refs/gate/last-run");
    let other = repo.id("agent/clash");
    // A record with the same text that keeps nothing alive is not the same, either.
    forge(&repo, &text);
    let answer = replay(&repo, "last", 1);
    assert_eq!(answer["same"], false);
    let place = |branch: &str| {
        let mut pieces = document["outcomes"].as_array().unwrap().iter();
        pieces.position(|piece| piece["branch"] == branch).unwrap()
    };
    let merge = |branch: &str| format!("/outcomes/{}/merge", place(branch));
    let merged = |branch: &str| document.pointer(&merge(branch)).unwrap().as_str().unwrap();
    for (pointer, value, said) in [
        (merge("base@api"), json!(other), "says base@api merged as"),
        (
            merge("agent/base"),
            json!(other),
            "says agent/base merged as",
        ),
        ("/run".to_owned(), json!(other), "name of the run"),
        ("/result/tree".to_owned(), json!(other), "tree"),
        (
            "/landing".to_owned(),
            json!("integrated"),
            "says something else",
        ),
        (
            "/all_or_nothing".to_owned(),
            json!(true),
            "says something else",
        ),
    ] {
        // The tree of the result is that of its verification, too; a commit that of the last merge.
        let text = match pointer.as_str() {
            "/result/tree" => {
                let (head, tail) = text.rsplit_once("\"tree\": \"").unwrap();
                format!("{head}\"tree\": \"{other}{}", &tail[other.len()..])
            }
            _ => changed(&text, &pointer, &value),
        };
        forge(&repo, &text);
        let answer = replay(&repo, "last", 1);
        let finding = &answer["findings"][0];
        assert_eq!(finding["code"], "replay-differs", "{pointer}");
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains(said), "{pointer}: {message}");
        assert_eq!(
            finding["notes"].as_array().unwrap().is_empty(),
            said.ends_with("else")
        );
    }
    // The first merge that differs is named, with both ids.
    forge(&repo, &changed(&text, &merge("agent/base"), &json!(other)));
    let answer = replay(&repo, "last", 1).to_string();
    assert!(answer.contains(&other) && answer.contains(merged("agent/base")));
    let mut after = repo.refs();
    after.insert(
        "refs/gate/last-run".to_owned(),
        before["refs/gate/last-run"].clone(),
    );
    assert_eq!(after, before);
}

#[test]
fn a_flipped_verification_changes_nothing_but_the_comparison() {
    let (repo, text) = record();
    let (head, tail) = text.split_once("\"subject\": \"agent/core\"").unwrap();
    let start = tail.find("\"failure\": {").unwrap();
    let end = start + tail[start..].find('}').unwrap() + 1;
    let flipped = format!(
        "{head}\"subject\": \"agent/core\"{}\"failure\": null{}",
        &tail[..start],
        &tail[end..]
    );
    forge(&repo, &flipped);
    let main = repo.id("main");
    // With core, other trees come to the checkpoint, of which the record knows nothing.
    let run = repo.gate(&["integrate", "--replay", "last"]).expect(3);
    run.says("undecided[bad-record]")
        .says("how the whole was verified");
    // The next run believes none of it.
    let outcome = integrate(&repo, &["--land"], 1);
    assert_eq!(outcome["landing"], "nothing-to-do");
    assert_eq!(repo.id("main"), main);
    // One that passes alone, and nothing behind it.
    let text = text.replace("\"exit_code\": 1", "\"exit_code\": 2");
    forge(&repo, &text);
    let answer = replay(&repo, "last", 1);
    assert_eq!(answer["commit"], answer["recorded"]);
}

#[test]
fn a_tree_that_was_not_verified_is_named() {
    let (repo, text) = record();
    let document = document(&repo, "refs/gate/last-run");
    let verified = document["verifications"].as_array().unwrap();
    let core = verified.iter().find(|it| it["subject"] == "agent/core");
    let tree = core.unwrap()["tree"].as_str().unwrap();
    let other = repo.git(&["rev-parse", "agent/clash^{tree}"]);
    forge(&repo, &text.replace(tree, &other));
    let run = repo.gate(&["integrate", "--replay", "last"]).expect(3);
    run.says("undecided[bad-record]").says("agent/core");
}

#[test]
fn what_is_no_record_is_not_read() {
    let (repo, text) = record();
    let run = |said: &str| {
        let run = repo.gate(&["integrate", "--replay", "last"]).expect(3);
        run.says("undecided[bad-record]").says(said);
    };
    let long = repo.id("main").repeat(2)[..64].to_owned();
    for (text, said) in [
        (String::new(), "cannot be parsed"),
        ("{}".to_owned(), "cannot be parsed"),
        (
            text.replacen("\"version\": 1", "\"version\": 2", 1),
            "its version is 2",
        ),
        (
            text.replacen("\"version\": 1", "\"version\": \"1\"", 1),
            "cannot be parsed",
        ),
        (text.replacen('{', "{ \"more\": 1,", 1), "unknown field"),
        (
            text.replacen("\"landing\": \"landed\"", "\"landing\": \"flown\"", 1),
            "unknown variant",
        ),
        (
            text.replacen("\"ejected\"", "\"rejected\"", 1),
            "a standing",
        ),
        (
            text.replacen("\"verify-failed\"", "\"failed\"", 1),
            "the code of a finding",
        ),
        (text.replacen('\n', "", 1), "not written as gate writes it"),
        (format!("{text}\n"), "not written as gate writes it"),
        (
            text.replacen("\"error\": null", "\"error\": \"git\"", 1),
            "has neither a commit",
        ),
        (
            text.replacen("\"command\": 0", "\"command\": 7", 1),
            "fails in a way that",
        ),
        (
            text.replacen("refs/gate/milestones/base/api", "refs/heads/x", 1),
            "publishes nothing",
        ),
        (text.replace(&repo.id("agent/late"), &long), "an id in it"),
        (text.replace(&repo.id("agent/late"), "main"), "an object id"),
    ] {
        forge(&repo, &text);
        run(said);
    }
    let empty = repo.git_with_input(&["mktree"], b"");
    for tree in [empty.as_str(), "main^{tree}"] {
        let commit = repo.git(&["commit-tree", tree, "-m", "x"]);
        repo.git(&["update-ref", "refs/gate/last-run", &commit]);
        run("its tree holds not just record.json");
    }
    repo.git(&["update-ref", "refs/gate/last-run", &empty]);
    run("not a commit");
    let blob = repo.git_with_input(&["hash-object", "-w", "--stdin"], &vec![b' '; 17 << 20]);
    let tree = repo.git_with_input(
        &["mktree"],
        format!("100644 blob {blob}\trecord.json\n").as_bytes(),
    );
    let commit = repo.git(&["commit-tree", &tree, "-m", "x"]);
    repo.git(&["update-ref", "refs/gate/last-run", &commit]);
    repo.gate(&["integrate", "--replay", "last"])
        .expect(3)
        .says("undecided[too-large]");
}

#[test]
fn a_target_without_rules_is_that_of_no_run() {
    let (repo, text) = record();
    let document = document(&repo, "refs/gate/last-run");
    let target = document["target"]["commit"].as_str().unwrap();
    let tree = repo.git_with_input(&["mktree"], b"");
    let bare = repo.git(&["commit-tree", &tree, "-m", "Begin"]);
    forge(&repo, &text.replace(target, &bare));
    let run = repo.gate(&["integrate", "--replay", "last"]).expect(3);
    run.says("undecided[bad-record]")
        .says("on the target that it names");
}

#[test]
fn names_in_a_record_forge_no_output() {
    let (repo, text) = record();
    let name = "agent/core\\u001b[31m\\n::error::x\\u202e";
    forge(&repo, &text.replace("agent/core\"", &format!("{name}\"")));
    for format in ["full", "concise", "github", "markdown", "json", "sarif"] {
        for command in [&["status"][..], &["integrate", "--replay", "last"]] {
            let run = repo.gate(&[command, &["--format", format]].concat());
            let said = run.stdout + &run.stderr;
            assert!(!said.contains(['\u{1b}', '\u{202e}']), "{format}: {said}");
            assert!(!said.contains("\n::error::x"), "{format}: {said}");
        }
    }
}
