//! The document of `gate undo`.

use super::{BasisBody, Finding, findings, raw, text};
use crate::engine::{self, Preparation, UndoOutcome};
use crate::report::places::Places;
use crate::words::RepoPath;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Undo<'a> {
    basis: BasisBody<'a>,
    part: &'a str,
    preparation: &'static str,
    branch: &'a str,
    commit: Option<String>,
    merges: Vec<Merge<'a>>,
    paths: Vec<Path>,
    dependents: Vec<Dependent<'a>>,
    same_paths: Vec<SamePaths<'a>>,
    carriers: Vec<Carrier<'a>>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Merge<'a> {
    commit: String,
    branch: &'a str,
    tip: String,
    began: Option<String>,
}

#[derive(Serialize)]
struct Path {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
}

#[derive(Serialize)]
struct Dependent<'a> {
    agent: &'a str,
    branch: &'a str,
    merge: String,
}

#[derive(Serialize)]
struct SamePaths<'a> {
    agent: &'a str,
    branch: &'a str,
    merge: String,
    paths: Vec<Path>,
}

#[derive(Serialize)]
struct Carrier<'a> {
    branch: &'a str,
    agent: Option<&'a str>,
}

impl<'a> Undo<'a> {
    pub(super) fn new(outcome: &'a UndoOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        let merges = outcome.merges.iter().map(|merge| Merge {
            commit: merge.commit.to_string(),
            branch: &merge.branch,
            tip: merge.tip.to_string(),
            began: merge.began.map(|began| began.to_string()),
        });
        let dependents = outcome.dependents.iter().map(|it| Dependent {
            agent: &it.agent,
            branch: &it.branch,
            merge: it.merge.to_string(),
        });
        let carriers = outcome.carriers.iter().map(|it| Carrier {
            branch: &it.branch,
            agent: it.agent.as_deref(),
        });
        Self {
            basis: BasisBody::new(&outcome.basis),
            part: &outcome.part,
            preparation: match outcome.preparation {
                Preparation::Prepared => "prepared",
                Preparation::Already => "already",
                Preparation::DryRun => "dry-run",
                Preparation::Refused => "refused",
            },
            branch: &outcome.branch,
            commit: outcome.commit.map(|commit| commit.to_string()),
            merges: merges.collect(),
            paths: outcome.paths.iter().map(Path::new).collect(),
            dependents: dependents.collect(),
            same_paths: outcome.same_paths.iter().map(SamePaths::new).collect(),
            carriers: carriers.collect(),
            findings: findings(&places, &outcome.findings),
        }
    }
}

impl Path {
    fn new(path: &RepoPath) -> Self {
        Self {
            path: text(path),
            path_bytes: raw(path),
        }
    }
}

impl<'a> SamePaths<'a> {
    fn new(it: &'a engine::SamePaths) -> Self {
        Self {
            agent: &it.agent,
            branch: &it.branch,
            merge: it.merge.to_string(),
            paths: it.paths.iter().map(Path::new).collect(),
        }
    }
}
