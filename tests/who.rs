//! `gate who`, and the share of the target that is claimed.

use crate::support::TestRepo;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

const MANIFEST: &str = "\
version: 1
unowned: warn
agents:
  core:
    branch: agent/core
    owns: [\"core/*.rs\"]
  docs:
    branch: agent/docs
    owns: [\"docs/\", \"**/*.md\"]
    forbids: [\"api/internal.md\"]
    trusted_with: [\".github/workflows/\"]
  tools:
    branch: agent/tools
    owns:
      paths: [\"core/generated/\"]
      except: [\"**/*.md\"]
    verify: [\"sh tools/check\"]
shared:
  - paths: [\"api/\"]
    agents: [core, docs]
";

fn repo() -> TestRepo {
    TestRepo::new(
        MANIFEST,
        &[
            ("core/a.rs", "a"),
            ("core/generated/b.rs", "b"),
            ("docs/ü\n.md", "c"),
            ("api/internal.md", "d"),
            ("tools/check", "e"),
            ("LICENSE", "f"),
        ],
    )
}

#[test]
fn a_path_is_answered_with_every_line_that_is_about_it() {
    let asked = [
        "who",
        "api/internal.md",
        "core/generated/b.md",
        "tools/check",
        ".github/workflows/a.md",
        "LICENSE",
    ];
    let run = repo().gate(&asked).expect(0);
    insta::assert_snapshot!(run.stdout, @r"
    api/internal.md: shared by core, docs
      may      core (among those who share it)
      may not  docs (told not to touch it, ownership.yaml:10:16)
      may not  tools (not among those who share it)
      ownership.yaml:10:16  docs forbids  api/internal.md
      ownership.yaml:19:14  shared        api/             decides
      ownership.yaml:9:22   docs owns     **/*.md

    core/generated/b.md: owned by docs
      may      docs (the owner)
      may not  core, tools (not the owner)
      ownership.yaml:9:22   docs owns           **/*.md          decides
      ownership.yaml:15:16  tools owns          core/generated/  taken out by ownership.yaml:16:17
      ownership.yaml:16:17  tools owns, except  **/*.md

    tools/check: protected: a verify command names it
      may      nobody
      may not  core, docs, tools (not trusted with it)
      ownership.yaml:17:15  verify  sh tools/check  decides

    .github/workflows/a.md: protected: it decides what CI or other tools run
      may      docs (trusted with it, ownership.yaml:11:21)
      may not  core, tools (not trusted with it)
      ownership.yaml:11:21  docs trusted_with  .github/workflows/
      ownership.yaml:9:22   docs owns          **/*.md

    LICENSE: claimed by nobody
      may      core, docs, tools (`unowned: warn`)
    ");
}

#[test]
fn lists_and_trees_have_a_line_for_each_path() {
    let repo = repo();
    let tree = repo.gate(&["who", "--tree"]).expect(0).stdout;
    insta::assert_snapshot!(tree, @r#"
    LICENSE: core, docs, tools may (claimed by nobody)
    api/internal.md: core may (shared by core, docs)
    core/a.rs: core may (owned by core)
    core/generated/b.rs: tools may (owned by tools)
    "docs/\303\274\n.md": docs may (owned by docs)
    ownership.yaml: nobody may (protected: it is the manifest, or looks like it)
    tools/check: nobody may (protected: a verify command names it)
    "#);
    for (arguments, list) in [(&["-z"][..], &["ls-files", "-z"][..]), (&[], &["ls-files"])] {
        let arguments = [&["who", "--stdin"][..], arguments].concat();
        let mut command = repo.gate_command(&repo.path(), &arguments);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut gate = command.spawn().unwrap();
        let list = repo.git(list);
        gate.stdin
            .take()
            .unwrap()
            .write_all(list.as_bytes())
            .unwrap();
        let output = gate.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            tree,
            "{arguments:?}"
        );
    }
}

#[test]
fn programs_hear_of_every_line_and_of_the_one_that_decides() {
    let repo = repo();
    let run = repo.gate(&["who", "core/generated/b.md", "--format", "json"]);
    let document = run.expect(0).json();
    let path = &document["paths"][0];
    assert_eq!(path["may"][0]["agent"], "docs");
    assert_eq!(path["may_not"].as_array().unwrap().len(), 2);
    let lines = path["lines"].as_array().unwrap();
    let of = |key: &str| {
        lines
            .iter()
            .map(|line| line[key].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("agent"), ["\"docs\"", "\"tools\"", "\"tools\""]);
    assert_eq!(of("except"), ["false", "false", "true"]);
    assert_eq!(of("decides"), ["true", "false", "false"]);
    assert_eq!(lines[1]["taken_out_by"]["line"], lines[2]["line"]);
    let run = repo.gate(&["who", "--tree", "--format", "json"]);
    let document = run.expect(0).json();
    assert_eq!(document["paths"][0]["may_not"], Value::Null);
    assert_eq!(document["paths"].as_array().unwrap().len(), 7);
}

#[test]
fn too_little_that_is_claimed_is_refused() {
    let repo = repo();
    // All but LICENSE: six of seven, the manifest among them.
    for (percent, code) in [("0", 0), ("85.7", 0), ("85.8", 1), ("100%", 1)] {
        let arguments = [
            "check",
            "manifest",
            "--min-coverage",
            percent,
            "--format",
            "concise",
        ];
        let run = repo.gate(&arguments);
        let run = run.expect(code);
        assert_eq!(
            run.stdout.contains("refused[low-coverage]"),
            code == 1,
            "{percent}"
        );
        assert!(run.stdout.contains("proven disjoint"), "{percent}");
    }
    for percent in ["-1", "101", "NaN", "x"] {
        let percent = format!("--min-coverage={percent}");
        repo.gate(&["check", "manifest", &percent]).expect(2);
    }
}

#[test]
fn a_directory_is_no_file_that_somebody_could_own() {
    let repo = repo();
    repo.gate(&["who", "core/generated"])
        .expect(2)
        .says("core/generated is a directory");
    repo.gate(&["who", ""]).expect(2).says("\"\" is not a path");
    repo.gate(&["who", "core/new"]).expect(0);
}

/// The rules are read before git has told what is configured, and must be those all the same.
#[test]
fn the_rules_are_those_of_the_target_that_anybody_has_configured() {
    let repo = repo();
    let manifest = |target: &str, agent: &str| {
        format!(
            "version: 1\ntarget: {target}\nagents:\n  {agent}: {{branch: agent/x, owns: [core/]}}\n"
        )
    };
    let owner = || repo.gate(&["who", "core/a.rs"]).expect(0).stdout;
    repo.write("ownership.yaml", &manifest("trunk", "elsewhere"));
    repo.git(&["checkout", "-q", "-b", "trunk"]);
    repo.git(&["commit", "-q", "-a", "-m", "rules"]);
    assert!(owner().contains("owned by core"));
    repo.git(&["config", "--global", "gate.target", "trunk"]);
    assert!(owner().contains("owned by elsewhere"));
    // What is configured here counts more.
    repo.git(&["config", "gate.target", "main"]);
    assert!(owner().contains("owned by core"));
    // A branch that moved is read as it is now, packed or not.
    repo.git(&["config", "gate.target", "trunk"]);
    repo.git(&["pack-refs", "--all"]);
    repo.write("ownership.yaml", &manifest("trunk", "moved"));
    repo.git(&["commit", "-q", "-a", "-m", "other rules"]);
    assert!(owner().contains("owned by moved"));
}
