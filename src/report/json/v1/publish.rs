//! The document of `gate publish`.

use super::BasisBody;
use crate::engine::PublishOutcome;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Publish<'a> {
    basis: BasisBody<'a>,
    agent: &'a str,
    milestone: Option<&'a str>,
    #[serde(rename = "ref")]
    reference: &'a str,
    commit: String,
    before: Option<String>,
    dependents: &'a [String],
    milestone_dependents: Vec<MilestoneDependent<'a>>,
}

#[derive(Serialize)]
struct MilestoneDependent<'a> {
    agent: &'a str,
    milestone: &'a str,
}

impl<'a> Publish<'a> {
    pub(super) fn new(outcome: &'a PublishOutcome) -> Self {
        let milestone_dependents = outcome.milestone_dependents.iter();
        let milestone_dependents = milestone_dependents.map(|it| MilestoneDependent {
            agent: &it.agent,
            milestone: &it.milestone,
        });
        Self {
            basis: BasisBody::new(&outcome.basis),
            agent: &outcome.agent,
            milestone: outcome.milestone.as_deref(),
            reference: &outcome.reference,
            commit: outcome.commit.to_string(),
            before: outcome.before.map(|id| id.to_string()),
            dependents: &outcome.dependents,
            milestone_dependents: milestone_dependents.collect(),
        }
    }
}
