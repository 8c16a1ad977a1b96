//! `disjoint-lines`: what two branches of one run change lies apart.

use super::{LIST, MANIFEST, repo};
use crate::support::{Commit, Run, TestRepo};

const REFUSED: &str = "agent/b: list.txt: refused[disjoint-lines]";

/// A repository in which two branches have a version of the list each.
fn with_versions(a: &str, b: &str) -> TestRepo {
    let mut repo = repo();
    repo.commit(Commit::on("agent/a").from("main").file("list.txt", a));
    repo.commit(Commit::on("agent/b").from("main").file("list.txt", b));
    repo
}

/// The list with a line in place of another one.
fn with(line: &str, other: &str) -> String {
    LIST.replace(line, other)
}

fn integrate(repo: &TestRepo) -> Run {
    repo.gate(&["integrate", "--land", "--format", "concise"])
}

#[test]
fn lines_apart_are_merged() {
    let repo = with_versions(&with("2", "two"), &with("4", "four"));
    integrate(&repo).expect(0);
    let expected = with("2", "two").replace('4', "four");
    assert_eq!(repo.git(&["show", "main:list.txt"]), expected.trim_end());
}

#[test]
fn lines_that_overlap_or_touch_eject_the_later_branch() {
    for (a, b, says) in [
        (
            with("2", "two"),
            with("3", "three"),
            "agent/b changes line 3 of list.txt, too close to line 2, which agent/a changes",
        ),
        // git merges what is the same on both sides.
        (
            with("2", "two"),
            with("2", "two"),
            "line 2 of list.txt, too close to line 2",
        ),
        (
            with("2\n3\n4", "x"),
            with("4", "four"),
            "line 4 of list.txt, too close to lines 2-4",
        ),
        (
            format!("{LIST}nine"),
            format!("{LIST}nine"),
            "the place behind line 8 of list.txt, too close to the place behind line 8",
        ),
    ] {
        let repo = with_versions(&a, &b);
        let run = integrate(&repo).expect(1);
        run.says(REFUSED).says(says).says("agent/a: merged");
    }
}

#[test]
fn a_file_that_both_add_or_one_deletes_clashes_whole() {
    let mut repo = repo();
    for branch in ["agent/a", "agent/b"] {
        repo.commit(Commit::on(branch).from("main").file("new.bin", "text"));
    }
    integrate(&repo)
        .expect(1)
        .says("agent/b: new.bin: refused[disjoint-lines]");
    let mut repo = with_versions("", &with("4", "four"));
    repo.commit(Commit::on("agent/a").from("main").delete("list.txt"));
    integrate(&repo)
        .expect(1)
        .says("agent/b changes line 4 of list.txt, too close to lines 1-8");
}

#[test]
fn any_two_changes_of_what_is_no_text_clash() {
    let mut repo = TestRepo::new(MANIFEST, &[("list.txt", LIST), ("x.bin", "a\0b")]);
    for branch in ["agent/a", "agent/b"] {
        repo.commit(Commit::on(branch).from("main").file("x.bin", "c\0d"));
    }
    integrate(&repo).expect(1).says(
        "agent/b and agent/a, which is merged before it, both change x.bin, which has no lines",
    );
}

#[test]
fn what_was_taken_over_is_nobodys_own_change() {
    // Of a dependency.
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/a")
            .from("main")
            .file("list.txt", &with("2", "two")),
    );
    let on_top = with("2", "TWO");
    repo.commit(
        Commit::on("agent/c")
            .from("agent/a")
            .file("list.txt", &on_top),
    );
    integrate(&repo).expect(0);
    // Of the target, which both have by now.
    let mut repo = super::repo();
    let two = with("2", "two");
    let mine = two.replace('5', "five");
    repo.commit(Commit::on("agent/b").from("main").file("list.txt", &mine));
    repo.commit(Commit::on("main").file("list.txt", &two));
    repo.git(&["reset", "-q", "--hard"]);
    let other = two.replace('7', "seven");
    repo.commit(Commit::on("agent/a").from("main").file("list.txt", &other));
    integrate(&repo).expect(0);
}

#[test]
fn under_another_rule_the_same_is_merged() {
    let manifest = MANIFEST.replace("disjoint-lines", "merge");
    let mut repo = TestRepo::new(&manifest, &[("list.txt", LIST)]);
    for branch in ["agent/a", "agent/b"] {
        repo.commit(
            Commit::on(branch)
                .from("main")
                .file("list.txt", &with("2", "two")),
        );
    }
    integrate(&repo).expect(0);
}

#[test]
fn a_push_of_what_the_rule_forbids_is_refused() {
    // The second merge is made by hand, on top of the first.
    let repo = with_versions(&with("2", "two"), &with("2", "two"));
    let old = repo.id("main");
    integrate(&repo).expect(1);
    let (first, tip) = (repo.id("main"), repo.id("agent/b"));
    let message = repo.git(&["show", "-s", "--format=%B", &first]);
    let message = message
        .replace("agent/a", "agent/b")
        .replace("Gate-Agent: a", "Gate-Agent: b")
        .replace(&repo.id("agent/a"), &tip);
    let tree = repo.git(&["rev-parse", &format!("{first}^{{tree}}")]);
    let merge = [
        "commit-tree",
        &tree,
        "-p",
        &first,
        "-p",
        &tip,
        "-m",
        &message,
    ];
    let new = repo.git(&merge);
    repo.git(&["update-ref", "refs/heads/main", &old]);
    let pushed = repo.path().join("pushed");
    std::fs::write(&pushed, format!("{old} {new} refs/heads/main\n")).unwrap();
    let arguments = ["check", "receive", "--format", "concise"];
    let mut command = repo.gate_command(&repo.path(), &arguments);
    let run = Run::of(command.stdin(std::fs::File::open(&pushed).unwrap())).expect(1);
    run.says("gate does not merge it")
        .says("refused[disjoint-lines]");
}
