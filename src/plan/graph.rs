//! Who depends on whom.

use crate::manifest::{AgentId, Manifest};
use std::collections::BTreeSet;

/// The dependencies between the agents of a manifest, which has no cycles.
#[derive(Clone, Debug)]
pub struct Dependencies {
    direct: Vec<Vec<AgentId>>,
    /// Whether nobody waits for the agent.
    continuous: Vec<bool>,
}

impl Dependencies {
    /// The dependencies that `manifest` declares.
    pub fn of(manifest: &Manifest) -> Self {
        let direct = manifest
            .agents
            .iter()
            .map(|agent| agent.depends_on.iter().map(|on| on.value).collect())
            .collect();
        let continuous = manifest.agents.iter().map(|agent| agent.continuous);
        Self {
            direct,
            continuous: continuous.collect(),
        }
    }

    /// The agents that `agent` names in its `depends_on`.
    pub fn direct(&self, agent: AgentId) -> &[AgentId] {
        &self.direct[agent.0]
    }

    /// The agents that `agent` depends on, directly or not; never itself.
    pub fn all(&self, agent: AgentId) -> BTreeSet<AgentId> {
        let mut found = BTreeSet::new();
        let mut open = self.direct(agent).to_vec();
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend_from_slice(self.direct(next));
            }
        }
        found
    }

    /// The agents that must have delivered before `agent` goes, in order: those it depends on, but
    /// none that is continuous, and nobody that only such an agent waits for.
    pub fn awaited(&self, agent: AgentId) -> BTreeSet<AgentId> {
        let mut found = BTreeSet::new();
        let mut open = self.direct(agent).to_vec();
        while let Some(next) = open.pop() {
            if !self.continuous[next.0] && found.insert(next) {
                open.extend_from_slice(self.direct(next));
            }
        }
        found
    }

    /// The agents `agents` with all that they depend on, directly or not.
    pub fn closure(&self, agents: impl IntoIterator<Item = AgentId>) -> BTreeSet<AgentId> {
        let mut found = BTreeSet::new();
        for agent in agents {
            if found.insert(agent) {
                found.extend(self.all(agent));
            }
        }
        found
    }
}
