//! Who depends on whom.

use crate::manifest::{AgentId, Dependency, Manifest};
use std::collections::BTreeSet;

/// What somebody may depend on: the whole work of an agent, or the part that is a milestone of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// The agent.
    pub agent: AgentId,
    /// The milestone; `None` stands for the whole.
    pub milestone: Option<String>,
}

impl Part {
    /// The whole work of `agent`.
    pub fn whole(agent: AgentId) -> Self {
        Self {
            agent,
            milestone: None,
        }
    }

    /// The milestone of `agent` that is called `name`.
    pub fn milestone(agent: AgentId, name: &str) -> Self {
        Self {
            agent,
            milestone: Some(name.to_owned()),
        }
    }

    /// The part as the manifest calls it, if `agent` is the name of its agent: `storage@api`.
    pub fn name(&self, agent: &str) -> String {
        match &self.milestone {
            Some(milestone) => format!("{agent}@{milestone}"),
            None => agent.to_owned(),
        }
    }
}

impl From<&Dependency> for Part {
    fn from(line: &Dependency) -> Self {
        Self {
            agent: line.agent,
            milestone: line.milestone.clone(),
        }
    }
}

/// The dependencies between the agents of a manifest, which has no cycles.
#[derive(Clone, Debug)]
pub struct Dependencies {
    direct: Vec<Vec<AgentId>>,
    parts: Vec<Vec<Part>>,
    /// Whether nobody waits for the agent.
    continuous: Vec<bool>,
}

impl Dependencies {
    /// The dependencies that `manifest` declares.
    pub fn of(manifest: &Manifest) -> Self {
        let agents = || manifest.agents.iter();
        let direct = agents().map(|agent| {
            let mut seen = BTreeSet::new();
            let named = agent.depends_on.iter().map(|on| on.agent);
            named.filter(|on| seen.insert(*on)).collect()
        });
        let parts = agents().map(|agent| agent.depends_on.iter().map(Part::from).collect());
        Self {
            direct: direct.collect(),
            parts: parts.collect(),
            continuous: agents().map(|agent| agent.continuous).collect(),
        }
    }

    /// The agents that `agent` names in its `depends_on`, each once, be it for a milestone.
    pub fn direct(&self, agent: AgentId) -> &[AgentId] {
        &self.direct[agent.0]
    }

    /// What `agent` names in its `depends_on`.
    pub fn parts(&self, agent: AgentId) -> &[Part] {
        &self.parts[agent.0]
    }

    /// The agents that `agent` depends on, directly or not, be it for a milestone; never itself.
    pub fn all(&self, agent: AgentId) -> BTreeSet<AgentId> {
        let parts = self.all_parts(agent).into_iter();
        parts.map(|part| part.agent).collect()
    }

    /// What `agent` depends on, directly or not. A milestone may build on all that its agent may build
    /// on.
    pub fn all_parts(&self, agent: AgentId) -> BTreeSet<Part> {
        self.follow(agent, |_| true)
    }

    /// What must be in before `agent` goes: what it depends on, but no agent that is continuous, and
    /// nothing that only such an agent waits for. A milestone of one is waited for: it has an end.
    pub fn awaited(&self, agent: AgentId) -> BTreeSet<Part> {
        self.follow(agent, |part| {
            part.milestone.is_some() || !self.continuous[part.agent.0]
        })
    }

    fn follow(&self, agent: AgentId, leads_on: impl Fn(&Part) -> bool) -> BTreeSet<Part> {
        let mut found = BTreeSet::new();
        let mut entered = BTreeSet::from([agent]);
        let mut open = vec![agent];
        while let Some(next) = open.pop() {
            for part in self.parts(next).iter().filter(|part| leads_on(part)) {
                if entered.insert(part.agent) {
                    open.push(part.agent);
                }
                found.insert(part.clone());
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

    /// Every milestone that somebody depends on.
    pub fn milestones(&self) -> BTreeSet<&Part> {
        let parts = self.parts.iter().flatten();
        parts.filter(|part| part.milestone.is_some()).collect()
    }
}
