//! The manifest as the rest of gate sees it: validated, defaults filled in, every value with its
//! place in the text. Patterns are still text here; the ownership room compiles them.

use super::expect::Expectation;
use super::limits::DEFAULT_TIMEOUT;
use crate::words::{Source, Span};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A value and where the manifest says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place in the manifest.
    pub span: Span,
}

/// Which agent of a manifest: an index into [`Manifest::agents`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AgentId(pub usize);

/// A validated manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The text it was read from.
    #[serde(skip)]
    pub source: Source,
    /// The branch that work lands on, without `refs/heads/`.
    pub target: Spanned<String>,
    /// The branch on which work is put together, without `refs/heads/`.
    pub integration: String,
    /// What happens to a path that nobody claims.
    pub unowned: Unowned,
    /// What happens to a branch that belongs to no agent.
    pub others: Others,
    /// What of a branch is judged.
    pub history: History,
    /// Paths that only agents trusted with them may change.
    pub protected: PathSet,
    /// The agents, in the order of their names (bytes).
    pub agents: Vec<Agent>,
    /// The shared paths, in the order of the text.
    pub shared: Vec<Shared>,
    /// What is verified on the way, in the order of the text.
    pub checkpoints: Vec<Checkpoint>,
    /// The verification of the whole, in order.
    pub verify: Vec<Command>,
    /// What becomes of the others when a branch fails.
    pub on_failure: OnFailure,
    /// The tag that marks a landing, without `refs/tags/`.
    pub tag: Option<Spanned<String>>,
}

/// An entry of `checkpoints`: what must pass once all of a group have had their turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Where the entry stands.
    pub span: Span,
    /// The group; at least one agent.
    pub after: Vec<Spanned<AgentId>>,
    /// What must pass on the merged tree then, in order.
    pub verify: Vec<Command>,
}

/// What becomes of the others when a branch fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnFailure {
    /// Only who depends on it is held, everyone else carries on; the default.
    #[default]
    Eject,
    /// Nobody goes on, and nothing lands.
    Stop,
}

/// An entry of `agents`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The key in the manifest, with its place.
    pub id: Spanned<String>,
    /// The name for people, if there is one.
    pub name: Option<String>,
    /// The branches, as written: full names, possibly with wildcards. At least one.
    pub branches: Vec<Spanned<String>>,
    /// What only this agent may change.
    pub owns: PathSet,
    /// What this agent must not change.
    pub forbids: PathSet,
    /// The protected paths that this agent may change.
    pub trusted_with: PathSet,
    /// What must be in before this one's work, direct dependencies only.
    pub depends_on: Vec<Dependency>,
    /// What must pass on the merged tree after this agent's merge, in order.
    pub verify: Vec<Command>,
    /// Who goes first among those that may go next: the higher.
    pub priority: i64,
    /// Whether nobody waits for it: whoever depends on it goes on with whatever it has delivered.
    pub continuous: bool,
    /// Whether it is merged after all others.
    pub last: bool,
    /// The only agents that may work at the same time as this one; `None` if anybody may.
    pub beside: Option<Vec<Spanned<AgentId>>>,
    /// How long the work is expected to take.
    pub hours: Option<Hours>,
}

/// An entry of `depends_on`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The agent.
    pub agent: AgentId,
    /// The milestone of it that is enough; `None` if it is the whole of its work.
    pub milestone: Option<String>,
    /// Its place in the manifest.
    pub span: Span,
}

/// An expected time, from the least to the most, in thousandths of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// The least.
    pub low: u64,
    /// The most; never less than the least.
    pub high: u64,
}

/// Patterns with exceptions: a path is in the set if one of `paths` matches and none of `except`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathSet {
    /// Patterns that put paths in.
    pub paths: Vec<Spanned<String>>,
    /// Patterns that take paths out again.
    pub except: Vec<Spanned<String>>,
}

/// An entry of `shared`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Where the entry stands.
    pub span: Span,
    /// The paths that are shared.
    pub paths: PathSet,
    /// The agents who share them; at least one.
    pub agents: Vec<Spanned<AgentId>>,
    /// How they may change them; where nothing is said, the default without a place.
    pub rule: Spanned<SharedRule>,
}

/// How the agents of a shared entry may change its paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SharedRule {
    /// In any way that merges; the default.
    #[default]
    Merge,
    /// Only in lines that are apart from those that another branch of the same run changes.
    DisjointLines,
    /// Only by lines at the end.
    AppendOnly,
}

/// A verify command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The command line, for a shell.
    pub run: Spanned<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// The variables that it gets on top of those that every command gets; none of them twice.
    pub environment: Vec<Spanned<String>>,
    /// What it must print, or must not.
    pub expect: Option<Expectation>,
    /// How many more times it is tried if it fails.
    pub retries: u8,
}

impl Command {
    /// The command of which nothing but its line is said.
    pub fn of(run: Spanned<String>) -> Self {
        Self {
            run,
            timeout: Duration::from_secs(DEFAULT_TIMEOUT),
            environment: Vec::new(),
            expect: None,
            retries: 0,
        }
    }
}

/// What happens to a path that nobody claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unowned {
    /// Changing it is a violation; the default.
    #[default]
    Deny,
    /// Changing it is remarked upon.
    Warn,
    /// Anybody may change it.
    Allow,
}

/// What happens to a branch that belongs to no agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Others {
    /// It is none of gate's business; the default.
    #[default]
    Allow,
    /// It is refused.
    Deny,
}

/// What of a branch is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum History {
    /// Its net change and each of its commits; the default.
    #[default]
    EveryCommit,
    /// Its net change alone.
    Net,
}

impl Manifest {
    /// The agent with this index.
    pub fn agent(&self, id: AgentId) -> &Agent {
        &self.agents[id.0]
    }

    /// The indices of all agents, in order.
    pub fn agent_ids(&self) -> impl Iterator<Item = AgentId> + use<> {
        (0..self.agents.len()).map(AgentId)
    }
}
