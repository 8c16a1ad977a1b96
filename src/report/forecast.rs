//! The layout of `gate conflicts`: what comes of each branch, and who clashes with whom. Nothing is
//! escaped.

use super::view::count;
use crate::engine::{Clash, ConflictsOutcome, ForecastBranch, Met, Turn};

/// The branches in the order of the plan, and every two of them.
pub(super) struct Forecast {
    pub(super) branches: Vec<ForecastRow>,
    /// What comes of two branches, by their places, the first one first.
    pub(super) met: Vec<(usize, usize, Mark)>,
    /// The clashes of two branches: which, and where.
    pub(super) clashes: Vec<(usize, usize, String)>,
}

/// A branch, and what comes of it in its turn.
pub(super) struct ForecastRow {
    pub(super) name: String,
    pub(super) fate: &'static str,
    pub(super) detail: String,
    /// Whether it is merged, or has nothing to be merged.
    pub(super) is_good: bool,
    /// Whether it has something to merge.
    pub(super) has_work: bool,
}

/// What comes of two branches, in one sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Apart,
    Merges,
    Clashes,
    Untold,
}

impl Mark {
    /// The sign.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Apart => '.',
            Self::Merges => '+',
            Self::Clashes => 'x',
            Self::Untold => '?',
        }
    }
}

impl Forecast {
    pub(super) fn new(outcome: &ConflictsOutcome) -> Self {
        let mark = |met: &Met| match met {
            Met::Apart => Mark::Apart,
            Met::Merges => Mark::Merges,
            Met::Clashes(_) => Mark::Clashes,
            Met::Untold => Mark::Untold,
        };
        let pairs = outcome.pairs.iter();
        let met = pairs.map(|pair| (pair.first, pair.second, mark(&pair.met)));
        let clashes = outcome.pairs.iter().filter_map(|pair| match &pair.met {
            Met::Clashes(clash) => Some((pair.first, pair.second, place(clash))),
            Met::Apart | Met::Merges | Met::Untold => None,
        });
        let branches = outcome.branches.iter();
        Self {
            branches: branches.map(|branch| row(outcome, branch)).collect(),
            met: met.collect(),
            clashes: clashes.collect(),
        }
    }
}

fn row(outcome: &ConflictsOutcome, branch: &ForecastBranch) -> ForecastRow {
    let target = &outcome.basis.target;
    let (fate, detail) = match &branch.turn {
        Turn::Merged => ("merges", String::new()),
        Turn::NothingNew => ("empty", format!("nothing that {target} does not have")),
        Turn::Held { on } => ("held", format!("{on}, which it depends on, is out")),
        Turn::Clashes { with, clash } => {
            let others = match (&branch.alone, &with[..]) {
                (Met::Clashes(_), _) => target.clone(),
                (_, []) => "several before it together".to_owned(),
                (_, with) => {
                    let numbers: Vec<_> =
                        with.iter().map(|place| (place + 1).to_string()).collect();
                    numbers.join(", ")
                }
            };
            ("clashes", format!("with {others}: {}", place(clash)))
        }
    };
    ForecastRow {
        name: format!("{} ({})", branch.branch, branch.agent),
        fate,
        detail,
        is_good: matches!(branch.turn, Turn::Merged | Turn::NothingNew),
        has_work: branch.turn != Turn::NothingNew,
    }
}

/// Where two branches clash: `src/lib.rs and 2 more paths`.
fn place(clash: &Clash) -> String {
    let rule = if clash.by_rule {
        " (disjoint-lines)"
    } else {
        ""
    };
    match &clash.paths[..] {
        [] => "no history in common".to_owned(),
        [(path, _)] => format!("{path}{rule}"),
        [(path, _), more @ ..] => format!("{path} and {} more{rule}", count(more.len(), "path")),
    }
}

/// `compared 5 branches on main (1a2b3c4d5e): 10 pairs, 6 of them apart, 3 merge, 1 clashes`.
pub(super) fn closing(outcome: &ConflictsOutcome, basis: &str) -> String {
    let number = |wanted: fn(&Met) -> bool| {
        let such = outcome.pairs.iter().filter(|pair| wanted(&pair.met));
        such.count()
    };
    let branches = count(outcome.branches.len(), "branch");
    let mut parts = vec![
        format!("{} apart", number(|met| *met == Met::Apart)),
        format!("{} merging", number(|met| *met == Met::Merges)),
        format!("{} clashing", number(|met| matches!(met, Met::Clashes(_)))),
    ];
    let untold = number(|met| *met == Met::Untold);
    if untold > 0 {
        parts.push(format!("{untold} not told"));
    }
    let left =
        |branch: &&ForecastBranch| matches!(branch.turn, Turn::Clashes { .. } | Turn::Held { .. });
    let left = outcome.branches.iter().filter(left).count();
    let pairs = count(outcome.pairs.len(), "pair");
    format!(
        "compared {branches} on {basis}: {pairs}, {}; {left} left out in the order of the plan",
        parts.join(", ")
    )
}
