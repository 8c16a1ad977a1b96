//! Outcomes made by hand.

use crate::engine::{
    AgentStatus, Basis, BranchOutcome, Carrier, CheckOutcome, Dependent, Failure, Headway,
    IntegrateOutcome, Isolation, Landing, LastRun, ManifestOutcome, Piece, Preparation,
    ProofSummary, PublishOutcome, ReplayOutcome, ReportedBranch, RunEnd, RunReport, SamePaths,
    Standing, StatusOutcome, UndoOutcome, UndoneMerge,
};
use crate::words::{Code, Finding, ObjectId, RepoPath, Source, Span};
use std::collections::BTreeSet;
use std::time::Duration;

pub(super) const MANIFEST: &str = r#"version: 1
target: main
agents:
  core:
    branch: agent/core
    owns: ["src/core/"]
  errors:
    branch: agent/errors
    owns: ["src/error.rs"]
    forbids: ["docs/"]
    depends_on: [core]
  storage:
    name: Storage APIs
    branch: agent/storage
    owns: ["src/memory/", "migrations/????????_trackA_*"]
    verify: ["cargo test -p storage"]
"#;

pub(super) fn id(byte: u8) -> ObjectId {
    ObjectId::from_bytes(&[byte; 20]).unwrap()
}

pub(super) fn path(text: &[u8]) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Where `text` first stands in [`MANIFEST`].
pub(super) fn span(text: &str) -> Span {
    Span::new(MANIFEST.find(text).unwrap(), text.len())
}

pub(super) fn basis() -> Basis {
    Basis {
        target: "main".into(),
        target_commit: Some(id(0x1a)),
        manifest: source(),
        preview: false,
    }
}

pub(super) fn source() -> Source {
    Source {
        name: "main:ownership.yaml".into(),
        text: MANIFEST.into(),
    }
}

pub(super) fn branch(agent: &str, standing: Standing, findings: Vec<Finding>) -> BranchOutcome {
    BranchOutcome {
        branch: format!("agent/{agent}"),
        agent: Some(agent.into()),
        milestone: None,
        tip: Some(id(0x2b)),
        standing,
        paths: 3,
        commits: 2,
        merge: None,
        findings,
    }
}

pub(super) fn intrusion(file: &str) -> Finding {
    let path = path(file.as_bytes());
    Finding::new(
        Code::OwnedByAnother,
        format!("`errors` changed {file}, which only `storage` may change"),
    )
    .at(&path)
    .label(span("\"src/memory/\""), "`storage` owns it by this pattern")
    .label(span("errors"), "the agent of this branch")
    .note("the path was modified: 4 lines added, 1 removed")
    .hint("take the change out of the branch, or ask the owner of `storage` to make it: `git restore --source=main -- src/memory/store.rs`")
}

pub(super) fn check() -> CheckOutcome {
    let nothing = Finding::new(Code::NothingDelivered, "the branch does not exist yet");
    let mut storage = branch("storage", Standing::Waiting, vec![nothing]);
    (storage.tip, storage.paths, storage.commits) = (None, 0, 0);
    let missing = Finding::new(
        Code::MissingObject,
        "a commit of the branch is missing: the clone is shallow",
    )
    .in_commit(id(0x3c))
    .hint("fetch the whole history: `git fetch --unshallow`");
    CheckOutcome {
        basis: basis(),
        remarks: Vec::new(),
        branches: vec![
            branch("core", Standing::Accepted, Vec::new()),
            branch(
                "errors",
                Standing::Refused,
                vec![intrusion("src/memory/store.rs")],
            ),
            storage,
            branch("types", Standing::Undecided, vec![missing]),
        ],
        of_push: false,
    }
}

pub(super) fn integrate() -> IntegrateOutcome {
    let merged = |agent: &str, merge: u8| BranchOutcome {
        merge: Some(id(merge)),
        ..branch(agent, Standing::Merged, Vec::new())
    };
    let failed = Finding::new(
        Code::VerifyFailed,
        "the command of `storage` ended with exit status 101: cargo test -p storage",
    )
    .label(span("\"cargo test -p storage\""), "the command")
    .note("test result: FAILED. 11 passed; 1 failed")
    .hint("repeat it on the merged tree: `gate integrate --dry-run`");
    let held = Finding::new(
        Code::Held,
        "`errors` depends on `storage`, which was ejected",
    )
    .label(span("core]"), "the dependency");
    let waiting = Finding::new(
        Code::Waiting,
        "`types` depends on `crypto`, which has not delivered yet",
    );
    IntegrateOutcome {
        basis: basis(),
        run: id(0x9f),
        branches: vec![
            merged("core", 0xc0),
            branch("storage", Standing::Ejected, vec![failed]),
            branch("errors", Standing::Held, vec![held]),
            merged("docs", 0xd0),
            branch("types", Standing::Waiting, vec![waiting]),
        ],
        findings: Vec::new(),
        commit: id(0xd0),
        tree: id(0xee),
        landing: Landing::Landed,
        flakes: 0,
        isolation: Some(Isolation::Landlock),
        known: Vec::new(),
        tag: None,
        pushed_to: None,
        record: None,
    }
}

pub(super) fn manifest() -> ManifestOutcome {
    let lint = Finding::new(
        Code::MatchesNothing,
        "a pattern of `storage` matches nothing in main",
    )
    .label(span("\"migrations/????????_trackA_*\""), "this pattern");
    ManifestOutcome {
        basis: basis(),
        agents: 3,
        patterns: 5,
        proof: Some(ProofSummary {
            pairs: 3,
            by_automata: 1,
            given_up: false,
            time: Duration::from_micros(250),
        }),
        coverage: Some((120, 140)),
        findings: vec![lint],
    }
}

pub(super) fn failure() -> Failure {
    let unknown = Finding::error(Code::UnknownKey, "`owners` is no key of an agent")
        .label(span("owns"), "this key")
        .hint("did you mean `owns`?");
    let cycle = Finding::error(
        Code::DependencyCycle,
        "`core` and `errors` wait for each other",
    )
    .label(span("core]"), "`errors` waits for `core`")
    .label(span("storage:"), "`core` waits for `errors`");
    Failure {
        findings: vec![unknown, cycle],
        source: Some(source()),
        signal: None,
    }
}

pub(super) fn publish() -> PublishOutcome {
    PublishOutcome {
        basis: basis(),
        agent: "storage".into(),
        milestone: Some("api".into()),
        reference: "refs/gate/milestones/storage/api".into(),
        commit: id(0x2b),
        before: Some(id(0x1a)),
        dependents: vec!["errors".into()],
        milestone_dependents: Vec::new(),
    }
}

pub(super) fn replay() -> ReplayOutcome {
    ReplayOutcome {
        basis: basis(),
        run: id(0x9f),
        record: id(0x7d),
        merges: 2,
        verifications: 1,
        recorded: id(0x2b),
        commit: id(0x3c),
        findings: vec![Finding::new(Code::ReplayDiffers, "another merge")],
    }
}

pub(super) fn undo() -> UndoOutcome {
    let (branch, merge) = ("agent/errors".to_owned(), id(0x3c));
    UndoOutcome {
        basis: basis(),
        part: "storage@api".into(),
        branch: "gate/undo/storage@api".into(),
        commit: Some(id(0x4d)),
        preparation: Preparation::Prepared,
        merges: vec![UndoneMerge {
            commit: id(0x1a),
            branch: "storage@api".into(),
            tip: id(0x2b),
            began: Some(id(0x0c)),
        }],
        paths: vec![path(b"src/memory/\xff.rs")],
        dependents: vec![Dependent {
            agent: "errors".into(),
            branch: branch.clone(),
            merge,
        }],
        same_paths: vec![SamePaths {
            agent: "errors".into(),
            branch: branch.clone(),
            merge,
            paths: BTreeSet::from([path(b"src/memory/\xff.rs")]),
        }],
        carriers: vec![Carrier {
            branch,
            agent: None,
        }],
        findings: Vec::new(),
    }
}

pub(super) fn status() -> StatusOutcome {
    StatusOutcome {
        basis: basis(),
        findings: Vec::new(),
        last_run: Some(LastRun {
            run: id(0x9f).to_string(),
            commit: id(0x1a),
            merged: vec!["storage@api".into()],
        }),
        report: Some(RunReport {
            run: id(0x8e),
            record: id(0x7d),
            target: "main".into(),
            before: id(0x1a),
            commit: id(0x2b),
            end: RunEnd::Withheld,
            withheld: Some(Code::NotEverybody),
            tag: None,
            branches: vec![ReportedBranch {
                branch: "agent/errors".into(),
                agent: Some("errors".into()),
                milestone: None,
                tip: Some(id(0x3c)),
                standing: Standing::Ejected,
                merge: None,
                reasons: vec![Code::Conflict],
            }],
        }),
        agents: vec![AgentStatus {
            name: "errors".into(),
            headway: Headway::Blocked,
            goals: vec![("finished".into(), false)],
            newest: Some(1_700_000_000),
            waits_for: vec!["storage".into()],
            notes: vec!["it is refused".into()],
            pieces: vec![Piece {
                outcome: branch("errors", Standing::Ejected, vec![intrusion("a")]),
                verdict: Some(Standing::Refused),
                ahead_behind: Some((2, 1)),
                landed: false,
            }],
        }],
    }
}
