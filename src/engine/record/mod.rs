//! What a run leaves behind of itself: a document that says what went into it, what its commands said,
//! and what came of it. It is a pure function of the run, so every clone writes the same.
//!
//! Anybody who can push can write a record. Nothing in one is ever believed by a verdict or a landing: it
//! is compared (`gate integrate --replay`) and shown (`gate status`).

mod find;
mod report;
mod text;

pub(super) use find::{find, last};
pub use report::{ReportedBranch, RunReport};

use super::delivery::RUN_TRAILER;
use super::{BranchOutcome, Context, Standing};
use crate::repo::{Publication, Quarantine, Repo};
use crate::words::{Code, Finding, ObjectId, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The version of the documents that are written, and the only one that is read.
const VERSION: u32 = 1;
/// How many bytes a document may have: a thousand branches take less than one of these mebibytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The document of a run; `docs/json.md` explains every field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub version: u32,
    /// The name of the run.
    pub run: ObjectId,
    /// The target, before.
    pub target: Named,
    /// The manifest that decided, as a blob.
    pub manifest: ObjectId,
    /// The branches of agents that were read.
    pub branches: Vec<Seen>,
    /// What was published, by the full names of the refs.
    pub published: Vec<Seen>,
    /// What the commands said, in the order in which they were asked.
    pub verifications: Vec<Verification>,
    /// What became of each branch and milestone, in the order of the plan.
    pub outcomes: Vec<Piece>,
    /// What came of it.
    pub result: Good,
    /// What was to be done with the result.
    pub destination: Aim,
    /// Whether it was to land only if nobody is left out.
    pub all_or_nothing: bool,
    /// What was done with the result.
    pub landing: RunEnd,
    /// Why it did not land although it was to.
    pub withheld: Option<Code>,
    /// The tag that it was given.
    pub tag: Option<String>,
}

/// A branch by its short name, and its commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// The name.
    pub name: String,
    /// The commit.
    pub commit: ObjectId,
}

/// A ref that was read: its commit, or why that could not be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// The name.
    pub name: String,
    /// The commit.
    pub commit: Option<ObjectId>,
    /// The code of the reason why there is none.
    pub error: Option<Code>,
}

/// What a list of commands said of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verification {
    /// For people: what it was about.
    pub subject: String,
    /// The tree.
    pub tree: ObjectId,
    /// The commands; those behind one that failed were not run.
    pub commands: Vec<String>,
    /// How it failed, if it did.
    pub failure: Option<Failed>,
}

/// How a command failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failed {
    /// Which of the commands, from 0.
    pub command: usize,
    /// What kind of failure it was.
    pub code: Code,
    /// What it ended with, if it ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// How many times it was tried.
    pub attempts: u32,
}

/// What became of a branch or a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Piece {
    /// Its name, that of a milestone as the manifest has it.
    pub branch: String,
    /// Its agent.
    pub agent: Option<String>,
    /// The milestone that it is, if it is one.
    pub milestone: Option<String>,
    /// Its commit.
    pub tip: Option<ObjectId>,
    /// How it stands.
    pub standing: Standing,
    /// The merge commit that brings it in.
    pub merge: Option<ObjectId>,
    /// The codes of its findings.
    pub findings: Vec<Code>,
}

/// The last good commit, and its tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Good {
    /// The commit: the target's own where nothing was merged.
    pub commit: ObjectId,
    /// Its tree: the one that was verified.
    pub tree: ObjectId,
}

/// What was to be done with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Aim {
    /// To be kept on the integration branch.
    Integration,
    /// To land on the target.
    Target,
}

/// What was done with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// It was kept on the integration branch.
    Integrated,
    /// The same, although it was to land.
    Withheld,
    /// It landed.
    Landed,
    /// There was nothing to merge, or nobody who could be.
    NothingToDo,
}

/// What a run did with its result.
pub(super) struct End {
    pub destination: Aim,
    pub all_or_nothing: bool,
    pub landing: RunEnd,
    pub withheld: Option<Code>,
    pub tag: Option<String>,
}

/// What a run came to.
pub(super) struct Came<'a> {
    pub run: ObjectId,
    pub branches: &'a [BranchOutcome],
    pub verifications: Vec<Verification>,
    pub commit: ObjectId,
    pub tree: ObjectId,
}

impl Record {
    /// The record of a run in `context`.
    pub(super) fn of(context: &Context, came: Came<'_>, end: End) -> Self {
        let branches = context.branches.values().flatten();
        let published = context.published.all();
        Self {
            version: VERSION,
            run: came.run,
            target: Named {
                name: context.basis.target.clone(),
                commit: context.target,
            },
            manifest: context.manifest_id,
            branches: branches
                .map(|branch| Seen::of(branch.name.clone(), &branch.tip))
                .collect(),
            published: published
                .map(|(part, commit)| Seen::of(context.publication(part).full_name(), commit))
                .collect(),
            verifications: came.verifications,
            outcomes: came.branches.iter().map(Piece::of).collect(),
            result: Good {
                commit: came.commit,
                tree: came.tree,
            },
            destination: end.destination,
            all_or_nothing: end.all_or_nothing,
            landing: end.landing,
            withheld: end.withheld,
            tag: end.tag,
        }
    }

    /// Makes the commit that holds this record, in quarantine. Its parents are all that a replay
    /// begins with, and the result.
    pub(super) fn commit(&self, quarantine: &Quarantine) -> Result<ObjectId> {
        let read = self.branches.iter().chain(&self.published);
        let commits = std::iter::once(self.target.commit)
            .chain(read.filter_map(|seen| seen.commit))
            .chain([self.result.commit]);
        let mut known = BTreeSet::new();
        let parents: Vec<_> = commits.filter(|commit| known.insert(*commit)).collect();
        let message = format!("Record a run\n\n{RUN_TRAILER}: {}\n", self.run);
        quarantine.add_record(self.document()?.as_bytes(), &parents, &message)
    }

    /// Reads the record `commit`. It must be as gate writes it, to the letter.
    pub(super) fn read(repo: &Repo, commit: ObjectId) -> Result<Self> {
        let bad = |why: &str| {
            let message = format!("{} is no record of a run: {why}", commit.short());
            Finding::error(Code::BadRecord, message)
        };
        let document = repo.record(commit, MOST_BYTES)?;
        let parse = |error: serde_json::Error| Box::new(bad("it cannot be parsed").because(&error));
        let version = serde_json::from_slice::<Version>(&document).map_err(parse)?;
        if version.version != VERSION {
            let version = version.version;
            let finding = bad(&format!("its version is {version}, not {VERSION}"));
            return Err(Box::new(
                finding.hint("read it with the gate that wrote it"),
            ));
        }
        let record: Self = serde_json::from_slice(&document).map_err(parse)?;
        if record.document()?.as_bytes() != document {
            return Err(bad("it is not written as gate writes it"));
        }
        match record.fault(repo) {
            Some(fault) => Err(bad(fault)),
            None => Ok(record),
        }
    }

    /// What is wrong with a record that can be parsed.
    fn fault(&self, repo: &Repo) -> Option<&'static str> {
        let length = repo.empty_tree().as_bytes().len();
        let read = || self.branches.iter().chain(&self.published);
        let tips = self
            .outcomes
            .iter()
            .flat_map(|piece| [piece.tip, piece.merge]);
        let ids = [self.run, self.target.commit, self.manifest];
        let mut ids = ids
            .into_iter()
            .chain([self.result.commit, self.result.tree]);
        let trees = self.verifications.iter().map(|verified| verified.tree);
        let optional = read().map(|seen| seen.commit).chain(tips).flatten();
        if ids.any(|id| id.as_bytes().len() != length)
            || trees
                .chain(optional)
                .any(|id| id.as_bytes().len() != length)
        {
            return Some("an id in it is of another kind than those of this repository");
        }
        if read().any(|seen| seen.commit.is_some() == seen.error.is_some()) {
            return Some("a ref in it has neither a commit nor an error, or both");
        }
        let is_published = |seen: &Seen| Publication::of_ref(&seen.name).is_some();
        if !self.published.iter().all(is_published) {
            return Some("a ref in it publishes nothing");
        }
        let is_failure = |failed: &Failed| {
            matches!(
                failed.code,
                Code::VerifyFailed
                    | Code::VerifyTimeout
                    | Code::VerifyLeftProcesses
                    | Code::VerifyExpectation
                    | Code::VerifyNotStarted
                    | Code::DiskFull
            )
        };
        let is_sound = |verified: &Verification| {
            let failure = verified.failure.as_ref();
            failure
                .is_none_or(|failed| is_failure(failed) && failed.command < verified.commands.len())
        };
        if !self.verifications.iter().all(is_sound) {
            return Some("a verification in it fails in a way that there is not");
        }
        None
    }

    /// The document: ASCII, so that no name in it shows as another one.
    fn document(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| {
            let finding = Finding::new(Code::BadRecord, "the record of this run cannot be written");
            Box::new(finding.because(&error))
        })?;
        let mut document = String::with_capacity(text.len() + 1);
        for character in text.chars() {
            if character.is_ascii() && character != '\u{7f}' {
                document.push(character);
                continue;
            }
            // JSON has such characters inside of strings only.
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(document, "\\u{unit:04x}");
            }
        }
        document.push('\n');
        Ok(document)
    }
}

/// What of a document is read first, whatever else is in it.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Seen {
    fn of(name: String, commit: &Result<ObjectId>) -> Self {
        Self {
            name,
            commit: commit.as_ref().ok().copied(),
            error: commit.as_ref().err().map(|finding| finding.code),
        }
    }

    /// What was read.
    pub(super) fn tip(&self) -> (String, Result<ObjectId>) {
        let code = self.error.unwrap_or(Code::BadRecord);
        let unread = || Finding::error(code, format!("{} could not be read", self.name));
        (self.name.clone(), self.commit.ok_or_else(unread))
    }
}

impl Piece {
    fn of(outcome: &BranchOutcome) -> Self {
        let findings = outcome.findings.iter();
        Self {
            branch: outcome.branch.clone(),
            agent: outcome.agent.clone(),
            milestone: outcome.milestone.clone(),
            tip: outcome.tip,
            standing: outcome.standing,
            merge: outcome.merge,
            findings: findings.map(|finding| finding.code).collect(),
        }
    }
}
