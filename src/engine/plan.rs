//! `gate plan`: what the manifest says will happen, before anybody has worked.

use super::{Basis, Context};
use crate::manifest::{AgentId, Hours};
use crate::plan::Schedule;
use crate::words::Finding;

/// The result of `gate plan`: agents by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanOutcome {
    /// The manifest that it is the plan of.
    pub basis: Basis,
    /// The agents, each wave depending only on those before it.
    pub waves: Vec<Vec<PlannedAgent>>,
    /// The agents in the order in which they are merged.
    pub order: Vec<String>,
    /// How long it takes, one after the other.
    pub total: Hours,
    /// How long it takes if everyone begins as soon as it may.
    pub longest: Hours,
    /// Who is on the longest path, the first one first.
    pub path: Vec<String>,
    /// Who does not say how long it takes.
    pub untimed: Vec<String>,
    /// The pairs of agents that `beside` keeps apart, and no dependency: waves and paths do not know of them.
    pub apart: Vec<(String, String)>,
    /// Where the plan contradicts itself.
    pub findings: Vec<Finding>,
}

/// An agent in a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedAgent {
    /// Its name.
    pub name: String,
    /// Its branches, as the manifest has them.
    pub branches: Vec<String>,
    /// How long it takes, if that is said.
    pub hours: Option<Hours>,
    /// The agents that it depends on itself, be it for a milestone.
    pub after: Vec<String>,
    /// What it depends on itself, as the manifest names it: `storage@api` for a milestone.
    pub depends_on: Vec<String>,
    /// Those that may work at the same time; `None` in a plan with too many agents to say so.
    pub beside: Option<Vec<String>>,
    /// Those that may change some of the same paths.
    pub shares: Vec<String>,
}

/// The plan of the target's manifest, whose claims have been proven disjoint.
pub fn plan(context: &Context) -> PlanOutcome {
    let manifest = context.ownership.manifest();
    let schedule = Schedule::of(manifest);
    let name = |agent: &AgentId| context.name_of(*agent).to_owned();
    let names = |agents: &[AgentId]| agents.iter().map(name).collect::<Vec<_>>();
    let planned = |agent: &AgentId| {
        let said = manifest.agent(*agent);
        let branches = said.branches.iter().map(|branch| branch.value.clone());
        PlannedAgent {
            name: name(agent),
            branches: branches.collect(),
            hours: said.hours,
            depends_on: (context.dependencies.parts(*agent).iter())
                .map(|part| part.name(context.name_of(part.agent)))
                .collect(),
            after: names(context.dependencies.direct(*agent)),
            beside: (schedule.beside.as_ref()).map(|beside| names(&beside[agent.0])),
            shares: names(&schedule.shares[agent.0]),
        }
    };
    let waves = schedule.waves.iter();
    PlanOutcome {
        basis: context.basis.clone(),
        waves: waves
            .map(|wave| wave.iter().map(planned).collect())
            .collect(),
        order: names(&schedule.order),
        total: schedule.total,
        longest: schedule.longest,
        path: names(&schedule.path),
        untimed: names(&schedule.untimed),
        apart: (schedule.apart.iter())
            .map(|(one, two)| (name(one), name(two)))
            .collect(),
        findings: schedule.contradictions,
    }
}
