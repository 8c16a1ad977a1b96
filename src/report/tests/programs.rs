//! What programs see: json and github.

use super::*;
use insta::assert_snapshot;

fn json(report: &Report<'_>) -> String {
    let line = show(report, Format::Json, PLAIN);
    assert_eq!(line.matches('\n').count(), 1, "one line");
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["exit_code"], report.exit_code());
    serde_json::to_string_pretty(&value).unwrap()
}

// Long for its snapshot, which is one document.
#[test]
fn a_check_as_json() {
    let mut outcome = samples::check();
    outcome.branches.remove(3);
    outcome.branches.remove(0);
    outcome.branches[0].findings[0].path = Some(samples::path(b"src/\xff.rs"));
    assert_snapshot!(json(&Report::Check(&outcome)), @r#"
    {
      "basis": {
        "manifest": "main:ownership.yaml",
        "preview": false,
        "target": "main",
        "target_commit": "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a"
      },
      "branches": [
        {
          "agent": "errors",
          "branch": "agent/errors",
          "commits": 2,
          "findings": [
            {
              "code": "owned-by-another",
              "commit": null,
              "hint": "take the change out of the branch, or ask the owner of `storage` to make it: `git restore --source=main -- src/memory/store.rs`",
              "labels": [
                {
                  "column": 12,
                  "end_column": 25,
                  "end_line": 15,
                  "line": 15,
                  "text": "`storage` owns it by this pattern"
                },
                {
                  "column": 3,
                  "end_column": 9,
                  "end_line": 7,
                  "line": 7,
                  "text": "the agent of this branch"
                }
              ],
              "message": "`errors` changed src/memory/store.rs, which only `storage` may change",
              "notes": [
                "the path was modified: 4 lines added, 1 removed"
              ],
              "path": "src/�.rs",
              "path_bytes": "7372632fff2e7273",
              "severity": "refused"
            }
          ],
          "merge": null,
          "milestone": null,
          "paths": 3,
          "standing": "refused",
          "tip": "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b"
        },
        {
          "agent": "storage",
          "branch": "agent/storage",
          "commits": 0,
          "findings": [
            {
              "code": "nothing-delivered",
              "commit": null,
              "hint": null,
              "labels": [],
              "message": "the branch does not exist yet",
              "notes": [],
              "path": null,
              "severity": "waiting"
            }
          ],
          "merge": null,
          "milestone": null,
          "paths": 0,
          "standing": "waiting",
          "tip": null
        }
      ],
      "exit_code": 1,
      "findings": [],
      "kind": "check",
      "version": 1
    }
    "#);
}

#[test]
fn an_integration_as_json() {
    let mut outcome = samples::integrate();
    outcome.branches.truncate(1);
    assert_snapshot!(json(&Report::Integrate(&outcome)), @r#"
    {
      "basis": {
        "manifest": "main:ownership.yaml",
        "preview": false,
        "target": "main",
        "target_commit": "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a"
      },
      "branches": [
        {
          "agent": "core",
          "branch": "agent/core",
          "commits": 2,
          "findings": [],
          "merge": "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0",
          "milestone": null,
          "paths": 3,
          "standing": "merged",
          "tip": "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b"
        }
      ],
      "commit": "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0",
      "exit_code": 0,
      "findings": [],
      "flakes": 0,
      "integration_branch": null,
      "kind": "integrate",
      "landing": "landed",
      "pushed_to": null,
      "record": null,
      "run": "9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f",
      "sandbox": "landlock",
      "tag": null,
      "tree": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
      "trusted": [],
      "version": 1
    }
    "#);
}

#[test]
fn a_manifest_as_json() {
    let outcome = samples::manifest();
    assert_snapshot!(json(&Report::Manifest(&outcome)), @r#"
    {
      "agents": 3,
      "basis": {
        "manifest": "main:ownership.yaml",
        "preview": false,
        "target": "main",
        "target_commit": "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a"
      },
      "coverage": {
        "claimed": 120,
        "files": 140
      },
      "exit_code": 0,
      "findings": [
        {
          "code": "matches-nothing",
          "commit": null,
          "hint": null,
          "labels": [
            {
              "column": 27,
              "end_column": 57,
              "end_line": 15,
              "line": 15,
              "text": "this pattern"
            }
          ],
          "message": "a pattern of `storage` matches nothing in main",
          "notes": [],
          "path": null,
          "severity": "warning"
        }
      ],
      "kind": "manifest",
      "patterns": 5,
      "proof": {
        "by_automata": 1,
        "milliseconds": 0.25,
        "pairs": 3
      },
      "version": 1
    }
    "#);
}

#[test]
fn a_broken_manifest_as_json() {
    let mut failure = samples::failure();
    failure.findings.truncate(1);
    assert_snapshot!(json(&Report::Failure(&failure)), @r#"
    {
      "exit_code": 2,
      "findings": [
        {
          "code": "unknown-key",
          "commit": null,
          "hint": "did you mean `owns`?",
          "labels": [
            {
              "column": 5,
              "end_column": 9,
              "end_line": 6,
              "line": 6,
              "text": "this key"
            }
          ],
          "message": "`owners` is no key of an agent",
          "notes": [],
          "path": null,
          "severity": "error"
        }
      ],
      "kind": "failure",
      "manifest": "main:ownership.yaml",
      "version": 1
    }
    "#);
}

#[test]
fn a_check_for_github() {
    let outcome = samples::check();
    assert_snapshot!(show(&Report::Check(&outcome), Format::Github, PLAIN), @r"
    ::error file=src/memory/store.rs,title=refused[owned-by-another] agent/errors::`errors` changed src/memory/store.rs, which only `storage` may change%0Aownership.yaml:15:12: `storage` owns it by this pattern%0Aownership.yaml:7:3: the agent of this branch%0Anote: the path was modified: 4 lines added, 1 removed%0Ahelp: take the change out of the branch, or ask the owner of `storage` to make it: `git restore --source=main -- src/memory/store.rs`
    ::notice title=waiting[nothing-delivered] agent/storage::the branch does not exist yet
    ::error title=undecided[missing-object] agent/types::a commit of the branch is missing: the clone is shallow%0Ain commit 3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c%0Ahelp: fetch the whole history: `git fetch --unshallow`
    agent/core: accepted (core): 3 paths, 2 commits
    agent/errors: refused (errors): 3 paths, 2 commits, 1 finding
    agent/storage: waiting (storage)
    agent/types: undecided (types): 3 paths, 2 commits, 1 finding
    checked 4 branches against main (1a1a1a1a1a): 1 accepted, 1 waiting, 1 refused, 1 undecided
    ");
}

#[test]
fn a_manifest_for_github() {
    let outcome = samples::manifest();
    assert_snapshot!(show(&Report::Manifest(&outcome), Format::Github, PLAIN), @r"
    ::warning file=ownership.yaml,line=15,endLine=15,col=27,endColumn=57,title=warning[matches-nothing]::a pattern of `storage` matches nothing in main%0Aownership.yaml:15:27: this pattern
    main:ownership.yaml is valid: 3 agents, 5 patterns, 3 pairs of claims proven disjoint in 0.2 ms (1 by automata), 120 of 140 files claimed, 1 warning
    ");
}

// Long for its snapshot, which is one result of a log.
#[test]
fn a_check_as_sarif() {
    let mut outcome = samples::check();
    outcome.branches.truncate(2);
    outcome.branches[1].findings[0].path = Some(samples::path(b"src/\xff a:[b].rs"));
    let line = show(&Report::Check(&outcome), Format::Sarif, PLAIN);
    assert_eq!(line.matches('\n').count(), 1, "one line");
    let log: serde_json::Value = serde_json::from_str(&line).unwrap();
    let results = serde_json::to_string_pretty(&log["runs"][0]["results"][0]).unwrap();
    assert_snapshot!(results, @r#"
    {
      "level": "error",
      "locations": [
        {
          "logicalLocations": [
            {
              "kind": "branch",
              "name": "agent/errors"
            }
          ],
          "physicalLocation": {
            "artifactLocation": {
              "uri": "src/%FF%20a%3A%5Bb%5D.rs",
              "uriBaseId": "%SRCROOT%"
            }
          }
        }
      ],
      "message": {
        "text": "`errors` changed src/memory/store.rs, which only `storage` may change\nnote: the path was modified: 4 lines added, 1 removed\nhelp: take the change out of the branch, or ask the owner of `storage` to make it: `git restore --source=main -- src/memory/store.rs`"
      },
      "relatedLocations": [
        {
          "message": {
            "text": "`storage` owns it by this pattern"
          },
          "physicalLocation": {
            "artifactLocation": {
              "uri": "ownership.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "endColumn": 25,
              "endLine": 15,
              "startColumn": 12,
              "startLine": 15
            }
          }
        },
        {
          "message": {
            "text": "the agent of this branch"
          },
          "physicalLocation": {
            "artifactLocation": {
              "uri": "ownership.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "endColumn": 9,
              "endLine": 7,
              "startColumn": 3,
              "startLine": 7
            }
          }
        }
      ],
      "ruleId": "owned-by-another"
    }
    "#);
}

#[test]
fn a_check_as_markdown() {
    let outcome = samples::check();
    assert_snapshot!(show(&Report::Check(&outcome), Format::Markdown, PLAIN), @r"
    ### gate: exit code 3

    <pre>
    refused[owned-by-another] agent/errors: src/memory/store.rs
      × `errors` changed src/memory/store.rs, which only `storage` may change
       ╭─[main:ownership.yaml:7:3]
     6 │     owns: [&quot;src/core/&quot;]
     7 │   errors:
       ·   ───┬──
       ·      ╰── the agent of this branch
     8 │     branch: agent/errors
       ╰────
        ╭─[main:ownership.yaml:15:12]
     14 │     branch: agent/storage
     15 │     owns: [&quot;src/memory/&quot;, &quot;migrations/????????_trackA_*&quot;]
        ·            ──────┬──────
        ·                  ╰── `storage` owns it by this pattern
     16 │     verify: [&quot;cargo test -p storage&quot;]
        ╰────
      note: the path was modified: 4 lines added, 1 removed
      help: take the change out of the branch, or ask the owner of `storage` to make it:
            `git restore --source=main -- src/memory/store.rs`

    undecided[missing-object] agent/types, in commit 3c3c3c3c3c
      × a commit of the branch is missing: the clone is shallow
      help: fetch the whole history: `git fetch --unshallow`

    accepted   agent/core (core)        3 paths, 2 commits
    refused    agent/errors (errors)    3 paths, 2 commits, 1 finding
    waiting    agent/storage (storage)
               the branch does not exist yet
    undecided  agent/types (types)      3 paths, 2 commits, 1 finding

    `gate explain CODE` says more
    checked 4 branches against main (1a1a1a1a1a): 1 accepted, 1 waiting, 1 refused, 1 undecided
    </pre>
    ");
}
