//! `append-only`: nothing but lines at the end.

use super::{LOG, MANIFEST, repo};
use crate::support::{Commit, TestRepo};

const REFUSED: &str = "agent/a: log.txt: refused[append-only]";
const NET: &str = "version: 1\nhistory: net";

/// A repository in which `agent/a` has these versions of the log, one commit each.
fn with_versions(manifest: &str, versions: &[&str]) -> TestRepo {
    let mut repo = TestRepo::new(manifest, &[("log.txt", LOG)]);
    repo.git(&["branch", "agent/a", "main"]);
    for version in versions {
        repo.commit(Commit::on("agent/a").file("log.txt", version));
    }
    repo
}

#[test]
fn lines_may_be_added_at_the_end_and_nothing_else() {
    for (version, code, says) in [
        ("one\ntwo\nthree", 0, "agent/a: accepted"),
        ("one\ntwo", 1, "and line 2 is not as it was"),
        ("none\none\ntwo\n", 1, "and line 1 is not as it was"),
        ("one\n", 1, "and line 2 is not as it was"),
        ("two", 1, "and line 1 is not as it was"),
    ] {
        for manifest in [MANIFEST, &MANIFEST.replace("version: 1", NET)] {
            with_versions(manifest, &[version]).judged("agent/a", code, says);
        }
    }
}

#[test]
fn a_new_file_may_be_added_and_none_deleted_or_changed_in_kind() {
    let mut repo = TestRepo::new(&MANIFEST.replace("\"log.txt\"", "\"*.txt\""), &[]);
    repo.commit(Commit::on("agent/a").from("main").file("new.txt", "1"));
    repo.judged("agent/a", 0, "agent/a: accepted");
    for change in [
        Commit::on("agent/a").delete("log.txt"),
        Commit::on("agent/a").entry("log.txt", "100755", LOG.as_bytes()),
        Commit::on("agent/a").entry("log.txt", "100755", b"one\ntwo\nthree"),
        Commit::on("agent/a").entry("log.txt", "120000", b"list.txt"),
        Commit::on("agent/a")
            .delete("log.txt")
            .file("log.txt/one", "1"),
    ] {
        let manifest = MANIFEST.replace("\"log.txt\"", "\"log.txt\", \"log.txt/\"");
        let mut repo = TestRepo::new(&manifest, &[("log.txt", LOG), ("list.txt", "1")]);
        repo.commit(change.from("main"));
        repo.judged("agent/a", 1, REFUSED);
    }
}

#[test]
fn every_commit_counts_unless_only_what_is_left_does() {
    let versions = ["one\nTWO\n", "one\ntwo\nthree"];
    with_versions(MANIFEST, &versions).judged("agent/a", 1, REFUSED);
    let net = MANIFEST.replace("version: 1", NET);
    with_versions(&net, &versions).judged("agent/a", 0, "agent/a: accepted");
    // The branch may not take back what it added itself, either.
    let versions = ["one\ntwo\nthree", "one\ntwo\nfour"];
    with_versions(MANIFEST, &versions).judged("agent/a", 1, REFUSED);
}

#[test]
fn a_conflict_with_the_target_is_settled_behind_the_targets_lines() {
    for (settled, code) in [("ours\nmine", 0), ("mine\nours", 1), ("mine", 1)] {
        let mut repo = with_versions(MANIFEST, &["one\ntwo\nmine"]);
        repo.commit(Commit::on("main").file("log.txt", "one\ntwo\nours"));
        let content = format!("one\ntwo\n{settled}");
        let merge = Commit::on("agent/a").merging("main");
        repo.commit(merge.file("log.txt", &content));
        let says = if code == 0 {
            "agent/a: accepted"
        } else {
            REFUSED
        };
        repo.judged("agent/a", code, says);
    }
}

#[test]
fn what_is_staged_keeps_to_the_rule_too() {
    let repo = repo();
    repo.git(&["checkout", "-q", "-b", "agent/a"]);
    repo.write("log.txt", "one\ntwo\nthree\n");
    repo.git(&["add", "log.txt"]);
    repo.gate(&["check", "staged"]).expect(0);
    repo.write("log.txt", "one\nthree\n");
    repo.git(&["add", "log.txt"]);
    let run = repo.gate(&["check", "staged"]).expect(1);
    run.says("refused[append-only]")
        .says("this is the rule for it");
}

#[test]
fn whoever_may_not_change_it_may_not_append_to_it() {
    let manifest = MANIFEST.replacen("[a, b, c]", "[b, c]", 1);
    let repo = with_versions(&manifest, &["one\ntwo\nthree"]);
    repo.judged("agent/a", 1, "refused[shared-by-others]");
}
