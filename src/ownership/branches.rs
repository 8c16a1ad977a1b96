//! Names of branches that some system takes for one, and names that leave no place for each other.

use super::automaton::Automaton;
use super::claims::Ownership;
use crate::manifest::AgentId;
use crate::words::folded;

/// The names of branches that are taken: the target, the integration branch, and what the agents call
/// theirs, whether those exist or not.
pub struct TakenNames {
    names: Vec<Taken>,
}

/// What a new name does to one that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rival {
    /// Some system takes the two for one; the name that is taken, or the pattern.
    Twin(String),
    /// git cannot keep both: one would be a folder of the other.
    InTheWay(String),
}

struct Taken {
    /// `None` for the target and the integration branch.
    agent: Option<AgentId>,
    text: String,
    folded: Automaton,
    /// With what every folded name begins: tells most names apart.
    head: Vec<u8>,
    /// Whether it may begin with just any name. It takes no folder for itself then: nobody could have
    /// a branch beside it.
    anyhow: bool,
}

impl TakenNames {
    /// The names that the manifest of `ownership` takes, and `existing` branches of agents.
    pub fn new<'a>(
        ownership: &Ownership,
        existing: impl IntoIterator<Item = (AgentId, &'a str)>,
    ) -> Self {
        let manifest = ownership.manifest();
        let own = [&manifest.target.value, &manifest.integration];
        let own = own.map(|name| Taken::name(None, name));
        let patterns = ownership.all_branches().map(|(agent, pattern, _)| {
            let literal = Ownership::branch_is_literal(pattern);
            match literal {
                Some(name) => Taken::name(Some(agent), &name),
                None => Taken::of(Some(agent), pattern.as_str(), pattern.folded().automaton()),
            }
        });
        let existing = existing.into_iter();
        let existing = existing.map(|(agent, name)| Taken::name(Some(agent), name));
        Self {
            names: own.into_iter().chain(patterns).chain(existing).collect(),
        }
    }

    /// Whom the branch `name`, which belongs to `agent` or to nobody, would stand in the way of.
    pub fn rival(&self, name: &str, agent: Option<AgentId>) -> Option<Rival> {
        let plain = folded(name.as_bytes());
        let others = self.names.iter();
        let others = others
            .filter(|taken| taken.text != name && (taken.agent.is_none() || taken.agent != agent));
        let near: Vec<_> = others.filter(|taken| taken.is_near(&plain)).collect();
        let twin = near.iter().find(|taken| taken.folded.matches(&plain));
        if let Some(twin) = twin {
            return Some(Rival::Twin(twin.text.clone()));
        }
        let other = near.iter().find(|taken| taken.excludes(&plain))?;
        Some(Rival::InTheWay(other.text.clone()))
    }
}

impl Taken {
    fn name(agent: Option<AgentId>, name: &str) -> Self {
        Self::of(agent, name, Automaton::exactly(&folded(name.as_bytes())))
    }

    fn of(agent: Option<AgentId>, text: &str, folded: Automaton) -> Self {
        Self {
            agent,
            text: text.to_owned(),
            head: folded.head(),
            anyhow: folded.begins_anyhow(),
            folded,
        }
    }

    /// Whether the folded name `plain` can have anything to do with it.
    fn is_near(&self, plain: &[u8]) -> bool {
        plain.starts_with(&self.head) || self.head.starts_with(plain)
    }

    /// Whether git could not keep a branch of this name beside `plain`.
    fn excludes(&self, plain: &[u8]) -> bool {
        if self.anyhow {
            return false;
        }
        let slashes = plain.iter().enumerate();
        let mut slashes = slashes.filter(|(_, byte)| **byte == b'/');
        self.folded.goes_on(&[plain, b"/"].concat())
            || slashes.any(|(end, _)| self.folded.matches(&plain[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Builder;
    use super::*;

    #[test]
    fn names_are_held_against_all_that_are_taken() {
        let ownership = Builder::new()
            .agent("core", &["core/"])
            .branches(&["agent/core", "team/*/work"])
            .agent("ui", &["ui/"])
            .branches(&["agent/ui-{Aa,[X-Z]*}", "*/free"])
            .build();
        let names = TakenNames::new(&ownership, [(AgentId(1), "*/Open")]);
        let twin = |text: &str| Some(Rival::Twin(text.into()));
        let in_the_way = |text: &str| Some(Rival::InTheWay(text.into()));
        for (name, expected) in [
            ("agent/Core", twin("agent/core")),
            ("agent/co\u{200c}re", twin("agent/core")),
            ("MAIN", twin("main")),
            ("gate/Integration", twin("gate/integration")),
            ("Team/x/work", twin("team/*/work")),
            ("agent/ui-aA", twin("agent/ui-{Aa,[X-Z]*}")),
            ("agent/ui-y2", twin("agent/ui-{Aa,[X-Z]*}")),
            ("x/FREE", twin("*/free")),
            ("agent", in_the_way("agent/core")),
            ("Main/x", in_the_way("main")),
            ("gate", in_the_way("gate/integration")),
            ("team/x", in_the_way("team/*/work")),
            ("agent/core/x", in_the_way("agent/core")),
            ("agent/ui-z/x/y", in_the_way("agent/ui-{Aa,[X-Z]*}")),
            ("agent/ui-bb", None),
            ("agents", None),
            ("age", None),
            ("people", None),
            ("people/x/free/y", None),
            ("team/x/y/z", None),
        ] {
            assert_eq!(names.rival(name, None), expected, "{name}");
        }
        let own = Some(AgentId(0));
        assert_eq!(names.rival("agent/Core", own), None);
        assert_eq!(
            names.rival("agent/UI-Aa", own),
            twin("agent/ui-{Aa,[X-Z]*}")
        );
    }
}
