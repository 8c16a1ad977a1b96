//! What people see: full and concise.

use super::samples::{self, branch, intrusion};
use super::*;
use crate::engine::{Failure, Landing, Standing};
use crate::words::{Code, Finding};
use insta::assert_snapshot;

#[test]
fn a_check_in_full() {
    let outcome = samples::check();
    assert_snapshot!(show(&Report::Check(&outcome), Format::Full, PLAIN), @r#"
    refused[owned-by-another] agent/errors: src/memory/store.rs
      × `errors` changed src/memory/store.rs, which only `storage` may change
       ╭─[main:ownership.yaml:7:3]
     6 │     owns: ["src/core/"]
     7 │   errors:
       ·   ───┬──
       ·      ╰── the agent of this branch
     8 │     branch: agent/errors
       ╰────
        ╭─[main:ownership.yaml:15:12]
     14 │     branch: agent/storage
     15 │     owns: ["src/memory/", "migrations/????????_trackA_*"]
        ·            ──────┬──────
        ·                  ╰── `storage` owns it by this pattern
     16 │     verify: ["cargo test -p storage"]
        ╰────
      note: the path was modified: 4 lines added, 1 removed
      help: take the change out of the branch, or ask the owner of `storage` to make
            it: `git restore --source=main -- src/memory/store.rs`

    undecided[missing-object] agent/types, in commit 3c3c3c3c3c
      × a commit of the branch is missing: the clone is shallow
      help: fetch the whole history: `git fetch --unshallow`

    accepted   agent/core (core)        3 paths, 2 commits
    refused    agent/errors (errors)    3 paths, 2 commits, 1 finding
    waiting    agent/storage (storage)
               the branch does not exist yet
    undecided  agent/types (types)      3 paths, 2 commits, 1 finding

    `gate explain CODE` says more
    checked 4 branches against main (1a1a1a1a1a): 1 accepted, 1 waiting, 1 refused,
      1 undecided
    "#);
}

#[test]
fn a_check_concise() {
    let outcome = samples::check();
    assert_snapshot!(show(&Report::Check(&outcome), Format::Concise, PLAIN), @r"
    agent/errors: src/memory/store.rs: refused[owned-by-another]: `errors` changed src/memory/store.rs, which only `storage` may change (ownership.yaml:15:12)
    agent/storage: waiting[nothing-delivered]: the branch does not exist yet
    agent/types: undecided[missing-object] in commit 3c3c3c3c3c: a commit of the branch is missing: the clone is shallow
    agent/core: accepted (core): 3 paths, 2 commits
    agent/errors: refused (errors): 3 paths, 2 commits, 1 finding
    agent/storage: waiting (storage)
    agent/types: undecided (types): 3 paths, 2 commits, 1 finding
    checked 4 branches against main (1a1a1a1a1a): 1 accepted, 1 waiting, 1 refused, 1 undecided
    ");
}

#[test]
fn a_person_gets_one_line_without_a_warning() {
    let mut outcome = samples::check();
    let note = Finding::new(Code::NothingToJudge, "people/fix\n belongs to no agent");
    outcome.branches = vec![branch("core", Standing::NotJudged, vec![note])];
    for format in [Format::Full, Format::Concise, Format::Github] {
        let text = show(&Report::Check(&outcome), format, PLAIN);
        assert_eq!(text, "people/fix\\n belongs to no agent\n");
    }
    outcome.branches.push(outcome.branches[0].clone());
    for format in [Format::Full, Format::Concise, Format::Github] {
        let text = show(&Report::Check(&outcome), format, PLAIN);
        assert!(!text.contains("warning"), "{text}");
        assert_eq!(text.matches("people/fix").count(), 2);
    }
}

#[test]
fn an_integration_in_full() {
    let outcome = samples::integrate();
    assert_snapshot!(show(&Report::Integrate(&outcome), Format::Full, PLAIN), @r#"
    refused[verify-failed] agent/storage
      × the command of `storage` ended with exit status 101: cargo test -p storage
        ╭─[main:ownership.yaml:16:14]
     15 │     owns: ["src/memory/", "migrations/????????_trackA_*"]
     16 │     verify: ["cargo test -p storage"]
        ·              ───────────┬───────────
        ·                         ╰── the command
        ╰────
      note: test result: FAILED. 11 passed; 1 failed
      help: repeat it on the merged tree: `gate integrate --dry-run`

    1.  merged   agent/core (core)        3 paths, 2 commits, merge c0c0c0c0c0
    2.  ejected  agent/storage (storage)  3 paths, 2 commits, 1 finding
    3.  held     agent/errors (errors)    3 paths, 2 commits
                 `errors` depends on `storage`, which was ejected
                 (ownership.yaml:11:18)
    4.  merged   agent/docs (docs)        3 paths, 2 commits, merge d0d0d0d0d0
    5.  waiting  agent/types (types)      3 paths, 2 commits
                 `types` depends on `crypto`, which has not delivered yet

    out through their own fault: agent/storage
    held through the fault of others: agent/errors
    waiting for their turn: agent/types

    `gate explain verify-failed` says more
    integrated 5 branches on main (1a1a1a1a1a), run 9f9f9f9f9f: 2 merged, 1 waiting,
      1 held, 1 ejected
    sandbox of verify commands: Landlock
    landed: main 1a1a1a1a1a..d0d0d0d0d0
    "#);
}

#[test]
fn an_integration_concise() {
    let outcome = samples::integrate();
    assert_snapshot!(show(&Report::Integrate(&outcome), Format::Concise, PLAIN), @r"
    agent/storage: refused[verify-failed]: the command of `storage` ended with exit status 101: cargo test -p storage (ownership.yaml:16:14)
    agent/errors: refused[held]: `errors` depends on `storage`, which was ejected (ownership.yaml:11:18)
    agent/types: waiting[waiting]: `types` depends on `crypto`, which has not delivered yet
    agent/core: merged (core): 3 paths, 2 commits, merge c0c0c0c0c0
    agent/storage: ejected (storage): 3 paths, 2 commits, 1 finding
    agent/errors: held (errors): 3 paths, 2 commits
    agent/docs: merged (docs): 3 paths, 2 commits, merge d0d0d0d0d0
    agent/types: waiting (types): 3 paths, 2 commits
    integrated 5 branches on main (1a1a1a1a1a), run 9f9f9f9f9f: 2 merged, 1 waiting, 1 held, 1 ejected; sandbox of verify commands: Landlock; landed: main 1a1a1a1a1a..d0d0d0d0d0
    ");
}

#[test]
fn an_outage_in_an_integration() {
    let mut outcome = samples::integrate();
    outcome.branches.truncate(1);
    outcome.branches[0].standing = Standing::Accepted;
    outcome.branches[0].merge = None;
    outcome.commit = samples::id(0x1a);
    outcome.landing = Landing::Nothing;
    outcome.findings = vec![
        Finding::new(
            Code::TargetFails,
            "the verification fails on main as it is: nobody is to blame",
        )
        .hint("mend main first, then integrate again"),
    ];
    assert_snapshot!(show(&Report::Integrate(&outcome), Format::Full, PLAIN), @r"
    undecided[target-fails]
      × the verification fails on main as it is: nobody is to blame
      help: mend main first, then integrate again

    1.  accepted  agent/core (core)  3 paths, 2 commits

    the target itself fails, no branch's fault: target-fails

    `gate explain target-fails` says more
    tried 1 branch on main (1a1a1a1a1a), run 9f9f9f9f9f: 1 accepted
    sandbox of verify commands: Landlock
    nothing landed
    ");
}

#[test]
fn a_manifest_in_full() {
    let outcome = samples::manifest();
    assert_snapshot!(show(&Report::Manifest(&outcome), Format::Full, PLAIN), @r#"
    warning[matches-nothing]
      ⚠ a pattern of `storage` matches nothing in main
        ╭─[main:ownership.yaml:15:27]
     14 │     branch: agent/storage
     15 │     owns: ["src/memory/", "migrations/????????_trackA_*"]
        ·                           ───────────────┬──────────────
        ·                                          ╰── this pattern
     16 │     verify: ["cargo test -p storage"]
        ╰────

    main:ownership.yaml is valid: 3 agents, 5 patterns, 3 pairs of claims proven
      disjoint in 0.2 ms (1 by automata), 120 of 140 files claimed, 1 warning
    "#);
}

#[test]
fn a_broken_manifest_in_ascii() {
    let failure = samples::failure();
    let ascii = Style {
        unicode: false,
        ..PLAIN
    };
    assert_snapshot!(show(&Report::Failure(&failure), Format::Full, ascii), @r#"
    error[unknown-key]
      x `owners` is no key of an agent
       ,-[main:ownership.yaml:6:5]
     5 |     branch: agent/core
     6 |     owns: ["src/core/"]
       :     ^^|^
       :       `-- this key
     7 |   errors:
       `----
      help: did you mean `owns`?

    error[dependency-cycle]
      x `core` and `errors` wait for each other
        ,-[main:ownership.yaml:11:18]
     10 |     forbids: ["docs/"]
     11 |     depends_on: [core]
        :                  ^^|^^
        :                    `-- `errors` waits for `core`
     12 |   storage:
        :   ^^^^|^^^
        :       `-- `core` waits for `errors`
     13 |     name: Storage APIs
        `----

    `gate explain CODE` says more
    "#);
}

#[test]
fn an_error_without_a_manifest() {
    let failure = Failure::new(
        Finding::new(Code::NoRepository, "there is no git repository here")
            .hint("go to a repository, or name one with `-C DIR`"),
    );
    let report = Report::Failure(&failure);
    assert_snapshot!(show(&report, Format::Full, PLAIN), @r"
    error[no-repository]
      × there is no git repository here
      help: go to a repository, or name one with `-C DIR`

    `gate explain no-repository` says more
    ");
    assert_snapshot!(show(&report, Format::Concise, PLAIN), @r"
    error[no-repository]: there is no git repository here
    ");
    assert_eq!(report.exit_code(), 2);
}

#[test]
fn counts_stay_true_where_a_limit_cuts_the_list() {
    let many = (0..322).map(|n| intrusion(&format!("src/memory/{n}.rs")));
    let mut outcome = samples::check();
    outcome.branches = vec![branch("errors", Standing::Refused, many.collect())];
    let report = Report::Check(&outcome);
    let full = show(&report, Format::Full, PLAIN);
    assert_eq!(
        full.matches("refused[owned-by-another] agent/errors: src/")
            .count(),
        10
    );
    assert!(full.contains("agent/errors: and 312 more (`--format concise` lists all)"));
    assert!(full.contains("322 findings"));
    let concise = show(&report, Format::Concise, PLAIN);
    assert_eq!(concise.lines().count(), 322 + 2);
}

#[test]
fn all_problems_of_a_manifest_are_shown() {
    let mut failure = samples::failure();
    failure.findings = vec![failure.findings[0].clone(); 99];
    let full = show(&Report::Failure(&failure), Format::Full, PLAIN);
    assert_eq!(full.matches("error[unknown-key]").count(), 99);
    failure.findings = vec![failure.findings[0].clone(); 103];
    let full = show(&Report::Failure(&failure), Format::Full, PLAIN);
    assert!(full.contains("error[unknown-key]: and 3 more"));
}

#[test]
fn colours_change_nothing_but_colours() {
    let outcome = samples::check();
    let report = Report::Check(&outcome);
    let color = Style {
        color: true,
        ..PLAIN
    };
    for format in [Format::Full, Format::Concise] {
        let coloured = show(&report, format, color);
        assert!(coloured.contains("\x1b["));
        let plain = show(&report, format, PLAIN);
        assert!(!plain.contains('\x1b'));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}

#[test]
fn lines_keep_to_the_width() {
    let outcome = samples::check();
    for width in [80, 120] {
        let text = show(
            &Report::Check(&outcome),
            Format::Full,
            Style { width, ..PLAIN },
        );
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}
