//! What is to be done with a good result, and the record that says so.

use super::super::record::{Aim, Came, End, Record, RunEnd};
use super::super::{Context, IntegrateOutcome};
use super::assemble::Assembly;
use super::{Destination, Terms, out, withheld};
use crate::words::Finding;

/// What is to be done with a good result.
pub(super) struct Decision {
    /// Why it does not land although it was to.
    pub withheld: Option<Finding>,
    pub destination: Destination,
    pub landing: RunEnd,
    /// The tag that it gets.
    pub tag: Option<String>,
}

/// What `terms` mean for a good result.
pub(super) fn decide(context: &Context, terms: &Terms, outcome: &IntegrateOutcome) -> Decision {
    let withheld = (terms.destination == Destination::Target)
        .then(|| withheld(context, outcome, terms.all_or_nothing))
        .flatten();
    let (destination, landing) = match (&withheld, terms.destination) {
        (Some(_), _) => (Destination::Integration, RunEnd::Withheld),
        (None, Destination::Target) => (Destination::Target, RunEnd::Landed),
        (None, destination) => (destination, RunEnd::Integrated),
    };
    let is_new = outcome.commit != context.target;
    let tag = context.ownership.manifest().tag.as_ref();
    let is_tagged = terms.tag && landing == RunEnd::Landed && is_new && out(outcome).is_none();
    Decision {
        landing: if is_new { landing } else { RunEnd::NothingToDo },
        tag: tag.filter(|_| is_tagged).map(|tag| tag.value.clone()),
        withheld,
        destination,
    }
}

/// The record of a run with a good result.
pub(super) fn record(
    assembly: &Assembly<'_>,
    terms: &Terms,
    outcome: &IntegrateOutcome,
    decision: &Decision,
) -> Record {
    let came = Came {
        run: outcome.run,
        branches: &outcome.branches,
        verifications: assembly.verifier.verifications(),
        commit: outcome.commit,
        tree: outcome.tree,
    };
    let end = End {
        destination: match terms.destination {
            Destination::Target => Aim::Target,
            Destination::Integration | Destination::DryRun => Aim::Integration,
        },
        all_or_nothing: terms.all_or_nothing,
        landing: decision.landing,
        withheld: decision.withheld.as_ref().map(|finding| finding.code),
        tag: decision.tag.clone(),
    };
    Record::of(assembly.context, came, end)
}
