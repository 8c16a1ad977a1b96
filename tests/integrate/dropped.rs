//! Work that was merged and is not in the result: said, with whoever was merged after it.

use crate::support::{Commit, TestRepo};
use serde_json::Value;

/// `early` is merged before `late`, and `last` after both; all of them may change `shared/`, and
/// whoever comes later may build on the others.
const MANIFEST: &str = r#"version: 1
agents:
  early:
    branch: agent/early
    owns: ["early/"]
  late:
    branch: agent/late
    depends_on: [early]
  later:
    branch: agent/later
    depends_on: [late]
shared:
  - paths: ["shared/"]
    agents: [early, late, later]
"#;

/// What a commit makes of some files; without a content it is deleted.
type Files<'a> = &'a [(&'a str, Option<&'a str>)];

fn commit<'a>(branch: &'a str, from: &'a str, files: Files<'a>) -> Commit<'a> {
    let commit = Commit::on(branch).from(from);
    files
        .iter()
        .fold(commit, |commit, (path, content)| match content {
            Some(content) => commit.file(path, content),
            None => commit.delete(path),
        })
}

/// What is said of what became of `early`, if `late` builds on it and `later` on both.
fn said(
    before: &[(&str, &str)],
    early: Files<'_>,
    late: Files<'_>,
    later: Files<'_>,
) -> Vec<String> {
    let mut repo = TestRepo::new(MANIFEST, before);
    repo.commit(commit("agent/early", "main", early));
    repo.commit(commit("agent/late", "agent/early", late));
    repo.commit(commit("agent/later", "agent/late", later));
    let run = repo.gate(&["integrate", "--dry-run", "--format", "json"]);
    let document = run.expect(0).json();
    let branches = document["branches"].as_array().unwrap().iter();
    let findings = branches.flat_map(|branch| branch["findings"].as_array().unwrap());
    let message = |finding: &Value| {
        assert_eq!(finding["code"], "work-dropped");
        finding["message"].as_str().unwrap().to_owned()
    };
    findings.map(message).collect()
}

#[test]
fn lines_that_a_later_branch_takes_out_are_said_and_nothing_fails() {
    let mut repo = TestRepo::new(MANIFEST, &[("shared/list", "1\n2\n3\n4\n")]);
    let file = |content| [("shared/list", Some(content))];
    repo.commit(commit("agent/early", "main", &file("0\n1\nb\nc\n3\n4\n")));
    repo.commit(commit(
        "agent/late",
        "agent/early",
        &file("0\n1\n2\n3\n4\n5\n"),
    ));
    let run = repo.gate(&["integrate", "--land"]).expect(0);
    let from = run.stdout.find("warning[work-dropped]").unwrap();
    insta::assert_snapshot!(run.stdout[from..].split("\n\n").next().unwrap(), @r"
    warning[work-dropped] agent/early: shared/list
      ⚠ agent/late, merged after agent/early, takes out 2 lines (the first was line
      │ 3) that agent/early added, and puts in again line 3, which agent/early
      │ removed, in shared/list
      note: agent/late was made on top of agent/early
      help: nothing to do if that is meant, as where agent/late goes on from
            agent/early; else add it again in a branch of the one or the other
    ");
    let dropped = |format: &str| {
        repo.gate(&["integrate", "--format", format])
            .expect(0)
            .stdout
    };
    assert!(
        !dropped("concise").contains("work-dropped"),
        "it has landed"
    );
}

#[test]
fn whoever_changes_something_else_drops_nothing() {
    let before = [
        ("shared/list", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
        ("shared/other", "a\n"),
    ];
    let file = |content| [("shared/list", Some(content))];
    let early = file("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    let late = file("0\n1\n2\n3\n4\n5\nx\n7\n8\n9\n");
    let later = [
        ("shared/other", Some("b\n")),
        ("shared/list", Some("0\n1\n2\n3\n4\n5\ny\n7\n8\n9\n")),
    ];
    assert_eq!(
        said(&before, &early, &late, &later),
        [
            "agent/later, merged after agent/late, takes out line 7, which agent/late added, in shared/list"
        ]
    );
    assert_eq!(
        said(&before, &early, &late, &[("shared/other", None)]),
        [""; 0]
    );
}

#[test]
fn files_that_appear_disappear_or_turn_back_are_said() {
    let before = [
        ("shared/a", "1\n"),
        ("shared/b", "1\n"),
        ("shared/c", "1\0"),
    ];
    let early = [
        ("shared/a", None),
        ("shared/b", Some("2\n")),
        ("shared/c", Some("2\0")),
        ("shared/d", Some("new\n")),
        ("shared/e", Some("new\0")),
    ];
    let late = [
        ("shared/a", Some("other\n")),
        ("shared/b", Some("1\n")),
        ("shared/c", Some("3\0")),
        ("shared/d", None),
        ("shared/e", Some("newer\0")),
    ];
    let later = [("shared/c", Some("1\0"))];
    assert_eq!(
        said(&before, &early, &late, &later),
        [
            "agent/late, merged after agent/early, adds shared/a, which agent/early deleted",
            "agent/late, merged after agent/early, takes out line 1, which agent/early added, and puts in again line 1, which agent/early removed, in shared/b",
            "agent/later, merged after agent/early, leaves shared/c as it was before agent/early changed it",
            "agent/late, merged after agent/early, deletes shared/d, which agent/early changed",
            "agent/late, merged after agent/early, replaces shared/e as a whole, which agent/early changed",
            "agent/later, merged after agent/late, replaces shared/c as a whole, which agent/late changed",
        ]
    );
}

#[test]
fn what_is_there_again_in_the_end_was_not_dropped_but_whoever_took_it_out_was_overruled() {
    let before = [("shared/a", "1\n"), ("shared/b", "1\0")];
    let early = [("shared/a", Some("1\n2\n")), ("shared/b", Some("2\0"))];
    let late = [("shared/a", None), ("shared/b", Some("3\0"))];
    assert_eq!(
        said(&before, &early, &late, &early),
        [
            "agent/later, merged after agent/late, adds shared/a, which agent/late deleted",
            "agent/later, merged after agent/late, leaves shared/b as it was before agent/late changed it",
        ]
    );
}

#[test]
fn a_mode_that_is_taken_back_is_said() {
    let mut repo = TestRepo::new(MANIFEST, &[("shared/run", "1\n2\n")]);
    let with = |branch, from, mode, content: &'static [u8]| {
        Commit::on(branch)
            .from(from)
            .entry("shared/run", mode, content)
    };
    repo.commit(with("agent/early", "main", "100755", b"1\n2\n"));
    repo.commit(with("agent/late", "agent/early", "100644", b"1\n2\n3\n"));
    let run = repo.gate(&["integrate", "--format", "concise"]).expect(0);
    run.says("agent/late, merged after agent/early, takes back that agent/early changed the mode of shared/run");
}

#[test]
fn an_agent_that_goes_on_from_its_own_milestone_drops_nothing() {
    let manifest = MANIFEST.replace("[early]", "[\"early@api\"]");
    let mut repo = TestRepo::new(&manifest, &[("shared/list", "1\n")]);
    let file = |content| [("shared/list", Some(content))];
    repo.commit(commit("agent/early", "main", &file("1\n2\n3\n4\n5\n")));
    repo.gate(&["publish", "early", "--milestone", "api"])
        .expect(0);
    repo.commit(commit("agent/early", "agent/early", &file("1\n2\n3\n4\n")));
    let run = repo.gate(&["integrate", "--format", "concise"]).expect(0);
    assert!(!run.stdout.contains("work-dropped"), "{}", run.stdout);
    repo.commit(commit("agent/late", "agent/early~1", &file("1\n3\n4\n5\n")));
    let run = repo.gate(&["integrate", "--format", "concise"]).expect(0);
    run.says("early@api: shared/list: warning[work-dropped]: agent/late, merged after early@api, takes out line 2, which early@api added, in shared/list");
}

#[test]
fn what_a_renamed_file_holds_is_not_dropped() {
    const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let before = [("shared/f", LINES), ("shared/binary", "1\0")];
    let moved = |from, to, content| [(from, None), (to, Some(content))];
    let early = LINES.replace('3', "early");
    let both = early.replace('8', "late");
    let early_file = [
        ("shared/f", Some(&*early)),
        ("shared/binary", Some("2\0")),
        ("shared/other", Some("early\n")),
    ];
    let late = [
        &moved("shared/f", "shared/g", &*both)[..],
        &moved("shared/binary", "shared/moved", "2\0"),
        &moved("shared/other", "shared/another", "early\n"),
    ];
    let late = late.concat();
    assert_eq!(said(&before, &early_file, &late, &[]), [""; 0]);
    // Under one more name.
    let later = moved("shared/g", "shared/h", &*both);
    assert_eq!(said(&before, &early_file, &late, &later), [""; 0]);
    // Who takes it out of the file by its new name is named, and who only renames it is not.
    let without = [("shared/g", Some(&*both.replace("early\n", "")))];
    assert_eq!(
        said(&before, &early_file, &late, &without),
        [
            "agent/later, merged after agent/early, takes out line 3, which agent/early added, in shared/g"
        ]
    );
    let deleted = [("shared/g", None), ("shared/x", Some("x"))];
    assert_eq!(
        said(&before, &early_file, &late, &deleted),
        [
            "agent/later, merged after agent/early, deletes shared/g, which agent/early changed",
            "agent/later, merged after agent/late, deletes shared/g, which agent/late changed",
        ]
    );
}

#[test]
fn what_a_renamed_file_does_not_hold_is_dropped() {
    const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let before = [("shared/f", LINES), ("shared/binary", "1\0")];
    let early = LINES.replace('3', "early");
    let early_file = [("shared/f", Some(&*early)), ("shared/binary", Some("2\0"))];
    let old = LINES.replace('8', "late");
    let late = [
        ("shared/f", None),
        ("shared/g", Some(&*old)),
        ("shared/binary", None),
        ("shared/moved", Some("1\0")),
    ];
    assert_eq!(
        said(&before, &early_file, &late, &[]),
        [
            "agent/late, merged after agent/early, deletes shared/binary, which agent/early changed",
            "agent/late, merged after agent/early, takes out line 3, which agent/early added, and puts in again line 3, which agent/early removed, in shared/g",
        ]
    );
    // Another file that happens to hold the line is no rename.
    let late = [("shared/f", None), ("shared/g", Some("early\nx\ny\nz\n"))];
    assert_eq!(
        said(&before, &early_file[..1], &late, &[]),
        ["agent/late, merged after agent/early, deletes shared/f, which agent/early changed"]
    );
}

#[test]
fn what_git_carries_into_a_renamed_file_is_not_dropped() {
    const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let mut repo = TestRepo::new(MANIFEST, &[("shared/f", LINES)]);
    let early = LINES.replace('3', "early");
    repo.commit(commit("agent/early", "main", &[("shared/f", Some(&early))]));
    let late = LINES.replace('8', "late");
    let moved = [("shared/f", None), ("shared/g", Some(&*late))];
    repo.commit(commit("agent/late", "main", &moved));
    let run = repo.gate(&["integrate", "--land", "--format", "concise"]);
    let run = run.expect(0);
    assert!(!run.stdout.contains("work-dropped"), "{}", run.stdout);
    let both = early.replace('8', "late");
    assert_eq!(repo.git(&["show", "main:shared/g"]), both.trim_end());
}
