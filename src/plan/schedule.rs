//! What a manifest says about time: who goes before whom, who may work at the same time, and how
//! long it all takes.

use super::{Dependencies, order};
use crate::manifest::{Agent, AgentId, Hours, Manifest, Spanned};
use crate::words::{Code, Finding};
use std::collections::BTreeSet;

/// For so many agents at most it is said of each two whether they may work at the same time.
pub(super) const MOST_BESIDE: usize = 2_000;

/// The plan of a manifest whose claims are proven disjoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The agents by when they may be merged: each wave depends only on those before it.
    pub waves: Vec<Vec<AgentId>>,
    /// All agents in the order in which they are merged.
    pub order: Vec<AgentId>,
    /// For each agent those that may work while it does, in order; `None` for more than
    /// [`MOST_BESIDE`] agents.
    pub beside: Option<Vec<Vec<AgentId>>>,
    /// The pairs of agents that no dependency orders and that may not work at the same time, in order: waves
    /// and paths, which follow from dependencies alone, do not know of them. Empty where `beside` is `None`.
    pub apart: Vec<(AgentId, AgentId)>,
    /// For each agent those with which it shares paths, in order.
    pub shares: Vec<Vec<AgentId>>,
    /// How long the work of all takes, one after the other.
    pub total: Hours,
    /// How long it takes at best, if everyone begins as soon as it may: the longest path through the
    /// dependencies, for the least and for the most that everyone expects.
    pub longest: Hours,
    /// The agents on the longest path for the most that everyone expects, the first one first. Of
    /// paths that are alike, the one whose agents come first in the order of merging.
    pub path: Vec<AgentId>,
    /// The agents that do not say how long they take: they count as nothing.
    pub untimed: Vec<AgentId>,
    /// Where the plan contradicts itself.
    pub contradictions: Vec<Finding>,
}

impl Schedule {
    /// The plan that `manifest` describes.
    pub fn of(manifest: &Manifest) -> Self {
        let dependencies = Dependencies::of(manifest);
        let order = order(manifest, &dependencies);
        let pairs =
            (manifest.agents.len() <= MOST_BESIDE).then(|| Pairs::of(manifest, &dependencies));
        let hours = |agent: AgentId| manifest.agent(agent).hours.unwrap_or_default();
        let low = longest(&order, &dependencies, |agent| hours(agent).low);
        let high = longest(&order, &dependencies, |agent| hours(agent).high);
        let untimed = |agent: &AgentId| manifest.agent(*agent).hours.is_none();
        Self {
            waves: waves(&order, &dependencies),
            beside: pairs.as_ref().map(Pairs::beside),
            apart: pairs.as_ref().map_or(Vec::new(), Pairs::apart),
            shares: shares(manifest),
            total: Hours {
                low: manifest.agent_ids().map(|agent| hours(agent).low).sum(),
                high: manifest.agent_ids().map(|agent| hours(agent).high).sum(),
            },
            longest: Hours {
                low: low.0,
                high: high.0,
            },
            path: high.1,
            untimed: manifest.agent_ids().filter(untimed).collect(),
            contradictions: pairs.as_ref().map_or(Vec::new(), Pairs::contradictions),
            order,
        }
    }
}

/// Every two agents of a manifest.
struct Pairs<'a> {
    manifest: &'a Manifest,
    /// For each agent all that it depends on.
    before: Vec<BTreeSet<AgentId>>,
}

impl<'a> Pairs<'a> {
    fn of(manifest: &'a Manifest, dependencies: &Dependencies) -> Self {
        let before = manifest.agent_ids().map(|agent| dependencies.all(agent));
        Self {
            manifest,
            before: before.collect(),
        }
    }

    /// Whether one of them waits for the other.
    fn ordered(&self, one: AgentId, two: AgentId) -> bool {
        self.before[one.0].contains(&two) || self.before[two.0].contains(&one)
    }

    /// Whether one of two agents leaves the other out of those that it may work beside.
    fn keep_away(&self, one: AgentId, two: AgentId) -> bool {
        keeps_away(self.manifest.agent(one), two) || keeps_away(self.manifest.agent(two), one)
    }

    fn beside(&self) -> Vec<Vec<AgentId>> {
        let agents = || self.manifest.agent_ids();
        let beside = |one: AgentId| {
            let others = agents().filter(|two| one != *two && !self.ordered(one, *two));
            others.filter(|two| !self.keep_away(one, *two)).collect()
        };
        agents().map(beside).collect()
    }

    fn apart(&self) -> Vec<(AgentId, AgentId)> {
        let agents = || self.manifest.agent_ids();
        let pairs = agents().flat_map(|one| {
            let later = agents().filter(move |two| one < *two);
            later.map(move |two| (one, two))
        });
        let apart = |(one, two): &(AgentId, AgentId)| {
            self.keep_away(*one, *two) && !self.ordered(*one, *two)
        };
        pairs.filter(apart).collect()
    }

    /// Where one agent says that it works beside another, and the other, or the order, says that
    /// it cannot.
    fn contradictions(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for one in self.manifest.agent_ids() {
            let listed = self.manifest.agent(one).beside.iter().flatten();
            found.extend(listed.filter_map(|two| self.contradiction(one, two)));
        }
        found
    }

    fn contradiction(&self, one: AgentId, listed: &Spanned<AgentId>) -> Option<Finding> {
        let (agent, other) = (self.manifest.agent(one), self.manifest.agent(listed.value));
        let (name, other_name) = (&agent.id.value, &other.id.value);
        let says_so = format!("{name} says that it may work beside {other_name}");
        let finding = if self.ordered(one, listed.value) {
            let message = format!(
                "{name} says that it may work beside {other_name}, but one of them waits for the other"
            );
            Finding::new(Code::PlanContradiction, message).label(listed.span, says_so)
        } else if keeps_away(other, one) {
            let message = format!(
                "{name} says that it may work beside {other_name}, and {other_name} that it may not work beside {name}"
            );
            Finding::new(Code::PlanContradiction, message)
                .label(listed.span, says_so)
                .label(other.id.span, format!("leaves {name} out of `beside`"))
        } else {
            return None;
        };
        Some(finding.hint("say the same on both sides; until then they may not"))
    }
}

/// Whether `agent` leaves `other` out of those that it may work beside.
fn keeps_away(agent: &Agent, other: AgentId) -> bool {
    let listed = agent.beside.as_ref();
    listed.is_some_and(|listed| listed.iter().all(|listed| listed.value != other))
}

/// The agents by the length of the longest chain of dependencies below them, each wave in the order
/// of merging.
fn waves(order: &[AgentId], dependencies: &Dependencies) -> Vec<Vec<AgentId>> {
    let mut wave_of = vec![0; order.len()];
    let mut waves: Vec<Vec<AgentId>> = Vec::new();
    for agent in order {
        let before = dependencies.direct(*agent).iter();
        let wave = before.map(|on| wave_of[on.0] + 1).max().unwrap_or(0);
        wave_of[agent.0] = wave;
        if waves.len() <= wave {
            waves.resize(wave + 1, Vec::new());
        }
        waves[wave].push(*agent);
    }
    waves
}

/// The length of the longest path, and the agents on it.
fn longest(
    order: &[AgentId],
    dependencies: &Dependencies,
    length: impl Fn(AgentId) -> u64,
) -> (u64, Vec<AgentId>) {
    // For each agent, when it is done at the earliest, and after whom it begins.
    let mut done: Vec<(u64, Option<AgentId>)> = vec![(0, None); order.len()];
    let mut place = vec![0; order.len()];
    for (at, agent) in order.iter().enumerate() {
        place[agent.0] = at;
    }
    let mut last: Option<AgentId> = None;
    for agent in order {
        let mut before: Vec<AgentId> = dependencies.direct(*agent).to_vec();
        before.sort_by_key(|on| place[on.0]);
        let mut begins: (u64, Option<AgentId>) = (0, None);
        for on in before {
            if begins.1.is_none() || done[on.0].0 > begins.0 {
                begins = (done[on.0].0, Some(on));
            }
        }
        done[agent.0] = (begins.0 + length(*agent), begins.1);
        if last.is_none_or(|last| done[agent.0].0 > done[last.0].0) {
            last = Some(*agent);
        }
    }
    let total = last.map_or(0, |last| done[last.0].0);
    let mut path: Vec<AgentId> = std::iter::successors(last, |agent| done[agent.0].1).collect();
    path.reverse();
    (total, path)
}

/// For each agent those that stand in a shared entry with it.
fn shares(manifest: &Manifest) -> Vec<Vec<AgentId>> {
    let mut shares: Vec<BTreeSet<AgentId>> = vec![BTreeSet::new(); manifest.agents.len()];
    for entry in &manifest.shared {
        for one in &entry.agents {
            let others = entry.agents.iter().map(|other| other.value);
            shares[one.value.0].extend(others.filter(|other| *other != one.value));
        }
    }
    let shares = shares.into_iter();
    shares.map(|others| others.into_iter().collect()).collect()
}
