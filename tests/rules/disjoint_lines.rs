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
            format!("{LIST}\nnine"),
            format!("{LIST}\nnine"),
            "the place behind line 9 of list.txt, too close to the place behind line 9",
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
        .says("agent/b changes line 4 of list.txt, too close to lines 1-9");
}

#[test]
fn any_two_changes_of_what_is_no_text_clash() {
    let mut repo = TestRepo::new(MANIFEST, &[("list.txt", LIST), ("x.bin", "a\0b")]);
    for branch in ["agent/a", "agent/b"] {
        repo.commit(Commit::on(branch).from("main").file("x.bin", "c\0d"));
    }
    integrate(&repo).expect(1).says(
        "agent/b and agent/a, which is merged before it, both change x.bin, which is no text",
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
    // Of the target, which only one of them has already.
    let mut repo = super::repo();
    repo.commit(
        Commit::on("agent/b")
            .from("main")
            .file("list.txt", &with("2", "two")),
    );
    repo.commit(Commit::on("main").file("list.txt", &with("2", "two")));
    repo.git(&["reset", "-q", "--hard"]);
    let other = with("2", "two").replace('7', "seven");
    repo.commit(Commit::on("agent/a").from("main").file("list.txt", &other));
    let more = Commit::on("agent/b").file("log.txt", "one\ntwo\n\nthree");
    repo.commit(more);
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
    // Merged by a manifest without the rule, then pushed where there is one.
    let lenient = MANIFEST.replace("disjoint-lines", "merge");
    let repo = with_versions(&with("2", "two"), &with("2", "two"));
    let old = repo.id("main");
    let loose = {
        let mut repo = TestRepo::new(&lenient, &[("log.txt", "one\ntwo\n"), ("list.txt", LIST)]);
        for branch in ["agent/a", "agent/b"] {
            repo.commit(
                Commit::on(branch)
                    .from("main")
                    .file("list.txt", &with("2", "two")),
            );
        }
        integrate(&repo).expect(0);
        repo.git(&["cat-file", "commit", "main"])
    };
    // The same two merges, made by hand on the target that has the rule.
    let tree = |revision: &str| repo.git(&["rev-parse", &format!("{revision}^{{tree}}")]);
    let trailers = |agent: &str, run: &str| {
        format!(
            "Merge agent/{agent}\n\nGate-Agent: {agent}\nGate-Branch: agent/{agent}\n\
             Gate-Commit: {}\nGate-Manifest: {}\nGate-Run: {run}\n",
            repo.id(&format!("agent/{agent}")),
            repo.git(&["rev-parse", "main:ownership.yaml"]),
        )
    };
    let run = loose
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("Gate-Run: "));
    let merge = |onto: &str, agent: &str| {
        let tip = repo.id(&format!("agent/{agent}"));
        let message = trailers(agent, run.unwrap());
        repo.git(&[
            "commit-tree",
            &tree(&tip),
            "-p",
            onto,
            "-p",
            &tip,
            "-m",
            &message,
        ])
    };
    let new = merge(&merge(&old, "a"), "b");
    let pushed = format!("{old} {new} refs/heads/main\n");
    let mut command = repo.gate_command(&repo.path(), &["check", "receive", "--format", "concise"]);
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), pushed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("refused[target-pushed]"), "{text}");
}
