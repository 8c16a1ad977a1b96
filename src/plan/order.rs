//! In which order agents are merged.

use super::Dependencies;
use crate::manifest::{AgentId, Manifest};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The place of each agent in `order`.
pub fn ranks(order: &[AgentId]) -> Vec<usize> {
    let mut ranks = vec![0; order.len()];
    for (place, agent) in order.iter().enumerate() {
        ranks[agent.0] = place;
    }
    ranks
}

/// All agents in the order in which they are merged: whoever depends on another comes after it;
/// those that are `last` come after all others, except who depends on them; among those that are free,
/// the higher `priority` goes first, then the name that sorts first.
///
/// The order does not depend on who fails later: leaving agents out of it never swaps two others.
pub fn order(manifest: &Manifest, dependencies: &Dependencies) -> Vec<AgentId> {
    // Agents are sorted by name, so the index stands for the name.
    let key = |agent: AgentId| {
        let said = manifest.agent(agent);
        (Reverse(said.last), said.priority, Reverse(agent))
    };
    let mut open: Vec<usize> = manifest
        .agent_ids()
        .map(|agent| dependencies.direct(agent).len())
        .collect();
    let mut dependents = vec![Vec::new(); manifest.agents.len()];
    for agent in manifest.agent_ids() {
        for on in dependencies.direct(agent) {
            dependents[on.0].push(agent);
        }
    }
    let mut free: BinaryHeap<_> = manifest
        .agent_ids()
        .filter(|agent| open[agent.0] == 0)
        .map(key)
        .collect();
    let mut ordered = Vec::with_capacity(manifest.agents.len());
    while let Some((_, _, Reverse(agent))) = free.pop() {
        ordered.push(agent);
        for dependent in &dependents[agent.0] {
            open[dependent.0] -= 1;
            if open[dependent.0] == 0 {
                free.push(key(*dependent));
            }
        }
    }
    ordered
}
