//! The document of `gate conflicts`.

use super::{BasisBody, Finding, findings, raw, text};
use crate::engine::{self, ConflictsOutcome, Met, Turn};
use crate::report::places::Places;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Forecast<'a> {
    basis: BasisBody<'a>,
    branches: Vec<Branch<'a>>,
    pairs: Vec<Pair<'a>>,
    remembered: usize,
    clashes: Vec<Finding<'a>>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Branch<'a> {
    #[serde(rename = "branch")]
    name: &'a str,
    agent: &'a str,
    tip: String,
    alone: Merged<'a>,
    turn: &'static str,
    with: Vec<&'a str>,
    held_on: Option<&'a str>,
    paths: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Pair<'a> {
    first: &'a str,
    second: &'a str,
    #[serde(flatten)]
    merged: Merged<'a>,
}

#[derive(Serialize)]
struct Merged<'a> {
    result: &'static str,
    paths: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    kinds: &'a [String],
}

impl<'a> Forecast<'a> {
    pub(super) fn new(outcome: &'a ConflictsOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        let name = |place: usize| outcome.branches[place].branch.as_str();
        let pairs = outcome.pairs.iter().map(|pair| Pair {
            first: name(pair.first),
            second: name(pair.second),
            merged: Merged::new(&pair.met, "apart"),
        });
        let branches = outcome.branches.iter().map(|branch| {
            let (turn, with, held_on, paths) = match &branch.turn {
                Turn::Merged => ("merges", Vec::new(), None, Vec::new()),
                Turn::NothingNew => ("nothing-new", Vec::new(), None, Vec::new()),
                Turn::Held { on } => ("held", Vec::new(), Some(on.as_str()), Vec::new()),
                Turn::Clashes { with, clash } => {
                    let with = with.iter().map(|place| name(*place)).collect();
                    ("clashes", with, None, paths(clash))
                }
            };
            Branch {
                name: &branch.branch,
                agent: &branch.agent,
                tip: branch.tip.to_string(),
                alone: Merged::new(&branch.alone, "nothing-new"),
                turn,
                with,
                held_on,
                paths,
            }
        });
        Self {
            basis: BasisBody::new(&outcome.basis),
            branches: branches.collect(),
            pairs: pairs.collect(),
            remembered: outcome.remembered,
            clashes: findings(&places, &outcome.clashes),
            findings: findings(&places, &outcome.findings),
        }
    }
}

impl<'a> Merged<'a> {
    fn new(met: &'a Met, apart: &'static str) -> Self {
        let (result, paths) = match met {
            Met::Apart => (apart, Vec::new()),
            Met::Merges => ("merges", Vec::new()),
            Met::Untold => ("untold", Vec::new()),
            Met::Clashes(clash) if clash.by_rule => ("disjoint-lines", paths(clash)),
            Met::Clashes(clash) => ("conflict", paths(clash)),
        };
        Self { result, paths }
    }
}

fn paths(clash: &engine::Clash) -> Vec<Place<'_>> {
    let paths = clash.paths.iter().map(|(path, kinds)| Place {
        path: text(path),
        path_bytes: raw(path),
        kinds,
    });
    paths.collect()
}
