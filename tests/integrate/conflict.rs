//! What is said of a conflict: the paths, who changed them before, and both versions.

use super::MANIFEST;
use crate::support::{Commit, TestRepo};
use serde_json::{Value, json};

/// The agents `core` and `docs`, each with a version of these files in `shared/`.
fn repo(before: &[(&str, &str)], core: &[(&str, &str)], docs: &[(&str, &str)]) -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, before);
    for (branch, files) in [("agent/core", core), ("agent/docs", docs)] {
        let commit = Commit::on(branch).from("main");
        let commit = files.iter().fold(commit, |commit, file| match *file {
            (path, "") => commit.delete(path),
            (path, content) => commit.file(path, content),
        });
        repo.commit(commit);
    }
    repo
}

/// The conflicts of the only branch that is in conflict.
fn conflicts(repo: &TestRepo) -> Value {
    let run = repo.gate(&["integrate", "--format", "json"]).expect(1);
    let document = run.json();
    let branches = document["branches"].as_array().unwrap().iter();
    let mut findings = branches.flat_map(|branch| branch["findings"].as_array().unwrap());
    let finding = findings.find(|finding| finding["code"] == "conflict");
    finding.unwrap()["conflicts"].clone()
}

const LIST: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

// Long for what it shows: the same conflict for people and for programs.
#[test]
fn both_versions_of_each_place_are_shown_with_who_made_them() {
    let list = |lines: &[(&str, &str)]| {
        let list = LIST.to_owned();
        lines
            .iter()
            .fold(list, |list, (from, to)| list.replace(from, to))
    };
    let core = list(&[("2\n", "core\n"), ("5", "5!"), ("8\n9\n", "8")]);
    let docs = list(&[("2\n3\n", ""), ("9", "x")]);
    let repo = repo(
        &[("shared/list", LIST)],
        &[("shared/list", &core)],
        &[("shared/list", &docs)],
    );
    let run = repo.gate(&["integrate"]).expect(1);
    let from = run.stdout.find("refused[conflict]").unwrap();
    let finding = run.stdout[from..].split("\n\n").next().unwrap();
    insta::assert_snapshot!(finding, @r"
    refused[conflict] agent/docs: shared/list
      × agent/docs conflicts with agent/core in 1 path(s)
      | shared/list: agent/core modified it, agent/docs modified it (contents)
      |   lines 2-3 in agent/core:
      |     core
      |     3
      |   lines 2-3 in agent/docs:
      |     (nothing)
      |   lines 8-9 in agent/core:
      |     8
      |   lines 8-9 in agent/docs:
      |     8
      |     x
      help: once those have landed, merge or rebase agent/docs onto main, resolve
            the conflict there, and integrate again
    ");
    assert_eq!(
        conflicts(&repo)["paths"][0],
        json!({
            "path": "shared/list",
            "kinds": ["CONFLICT (contents)"],
            "sides": [
                {"who": ["agent/core"], "did": "modified"},
                {"who": ["agent/docs"], "did": "modified"},
            ],
            "hunks": [
                {"line": 2, "lines": 2, "versions": [
                    {"lines": ["core", "3"], "left_out": 0},
                    {"lines": [], "left_out": 0},
                ]},
                {"line": 8, "lines": 2, "versions": [
                    {"lines": ["8"], "left_out": 0},
                    {"lines": ["8", "x"], "left_out": 0},
                ]},
            ],
            "left_out": 0,
        })
    );
    for format in ["github", "sarif", "markdown"] {
        let run = repo.gate(&["integrate", "--format", format]).expect(1);
        run.says("agent/core modified it, agent/docs modified it")
            .says("lines 2-3 in agent/core:");
    }
}

#[test]
fn what_was_deleted_added_or_changed_by_the_target_is_said() {
    let before = [("shared/a", "1\n"), ("shared/b", "1\n")];
    let core = [("shared/a", ""), ("shared/new", "core\n")];
    let docs = [
        ("shared/a", "2\n"),
        ("shared/b", "docs\n"),
        ("shared/new", "docs\n"),
    ];
    let mut repo = repo(&before, &core, &docs);
    repo.commit(Commit::on("main").file("shared/b", "main\n"));
    repo.git(&["reset", "-q", "--hard"]);
    let found = conflicts(&repo);
    let sides = |at: usize| found["paths"][at]["sides"].clone();
    let side = |who: &str, did: &str| json!({"who": [who], "did": did});
    assert_eq!(
        sides(0),
        json!([
            side("agent/core", "deleted"),
            side("agent/docs", "modified")
        ])
    );
    assert_eq!(
        sides(1),
        json!([side("main", "modified"), side("agent/docs", "modified")])
    );
    assert_eq!(
        sides(2),
        json!([side("agent/core", "added"), side("agent/docs", "added")])
    );
    assert_eq!(found["paths"][0]["hunks"], json!([]));
    assert_eq!(
        found["paths"][2]["hunks"][0]["versions"][1]["lines"],
        json!(["docs"])
    );
    let run = repo.gate(&["integrate", "--format", "concise"]).expect(1);
    run.says("agent/docs conflicts with agent/core and main in 3 path(s)");
}

#[test]
fn however_much_is_in_conflict_little_of_it_is_shown() {
    let many = |text: &str, number: usize| -> String {
        let lines = (0..number).map(|line| format!("{text}{line}\n"));
        lines.collect::<Vec<_>>().concat()
    };
    let long = "x".repeat(10_000);
    let names: Vec<_> = (0..13)
        .map(|number| format!("shared/{number:02}"))
        .collect();
    let version = |text: &str| {
        let lines: String = (0..4)
            .map(|part| many(text, 9) + &format!("same{part}\n"))
            .collect();
        lines.replacen(&format!("{text}0"), &format!("{text}{long}"), 1)
    };
    let versions = [version("before"), version("core"), version("docs")];
    let [before, core, docs] = versions.each_ref().map(|version| {
        let files = names.iter().map(|name| (name.as_str(), version.as_str()));
        files.collect::<Vec<_>>()
    });
    let found = conflicts(&repo(&before, &core, &docs));
    let paths = found["paths"].as_array().unwrap();
    assert_eq!((paths.len(), &found["left_out"]), (10, &json!(3)));
    let hunks = |at: usize| paths[at]["hunks"].as_array().unwrap();
    assert_eq!((hunks(0).len(), &paths[0]["left_out"]), (2, &json!(2)));
    assert_eq!((hunks(2).len(), hunks(3).len()), (2, 0));
    let version = &hunks(0)[0]["versions"][0];
    let lines = version["lines"].as_array().unwrap();
    assert_eq!((lines.len(), &version["left_out"]), (5, &json!(4)));
    assert_eq!(lines[0].as_str().unwrap().chars().count(), 121);
}

#[test]
fn what_stands_in_a_file_cannot_pretend_to_be_more_than_that() {
    let hostile = "\u{1b}[2J\r::error::\u{202e}##[group]\u{7}\n";
    let repo = repo(
        &[("shared/a", "1\n"), ("shared/b", "1\0")],
        &[("shared/a", hostile), ("shared/b", "2\0")],
        &[("shared/a", "2\n"), ("shared/b", "3\0")],
    );
    for format in ["full", "github", "sarif", "json", "markdown"] {
        let text = repo
            .gate(&["integrate", "--format", format])
            .expect(1)
            .stdout;
        let control = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!text.contains(control), "{format}: {text}");
        let commands = text.lines().filter(|line| line.starts_with("::"));
        for command in commands {
            let known = ["::error file=shared/a,", "::notice title=waiting["];
            assert!(
                known.iter().any(|start| command.starts_with(start)),
                "{text}"
            );
        }
    }
    let found = conflicts(&repo);
    assert_eq!(found["paths"][1]["hunks"], json!([]));
}

#[test]
fn a_file_too_large_to_show_is_in_conflict_like_any_other() {
    let large = |line: &str| format!("{line}\n{}", LIST.repeat(60_000));
    let versions = ["1", "2", "3"].map(large);
    let [before, core, docs] = versions
        .each_ref()
        .map(|text| [("shared/a", text.as_str())]);
    let found = conflicts(&repo(&before, &core, &docs));
    assert_eq!(found["paths"][0]["sides"][1]["did"], "modified");
    assert_eq!(found["paths"][0]["hunks"], json!([]));
}

/// The target and a branch have merged each other crosswise, each with a change of the same file, and
/// then both have changed the same line: lines count in what both changes come to.
#[test]
fn lines_count_in_what_several_merge_bases_come_to() {
    let mut repo = TestRepo::new(MANIFEST, &[("shared/list", LIST)]);
    let above = format!("a\nb\n{LIST}");
    let below = format!("{LIST}z\n");
    let both = format!("a\nb\n{LIST}z\n");
    let changed = |text: &str| both.replace("5\n", &format!("{text}\n"));
    let ours = repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .file("shared/list", &above),
    );
    let theirs = repo.commit(Commit::on("main").file("shared/list", &below));
    repo.commit(
        Commit::on("agent/docs")
            .merging(&theirs)
            .file("shared/list", &both),
    );
    repo.commit(Commit::on("main").merging(&ours).file("shared/list", &both));
    repo.commit(Commit::on("agent/docs").file("shared/list", &changed("docs")));
    repo.commit(Commit::on("main").file("shared/list", &changed("main")));
    assert_eq!(
        conflicts(&repo)["paths"][0]["hunks"],
        json!([{"line": 7, "lines": 1, "versions": [
            {"lines": ["main"], "left_out": 0},
            {"lines": ["docs"], "left_out": 0},
        ]}])
    );
}
