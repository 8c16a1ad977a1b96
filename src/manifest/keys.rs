//! Every key of the manifest as data: what may stand there, and what it is for. The reading of the
//! manifest and its schema both go by these tables.

use super::model::{History, OnFailure, Others, SharedRule, Unowned};

/// A key of one of the manifest's mappings.
pub(super) struct Key {
    /// The key.
    pub(super) name: &'static str,
    /// What may stand there.
    pub(super) holds: Holds,
    /// Whether the key must be there.
    pub(super) required: bool,
    /// What it is for, in a few words of plain text.
    pub(super) about: &'static str,
}

/// What may stand behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// The version of the format.
    Version,
    /// A text on one line.
    Line,
    /// The name of one branch; with its default.
    BranchName(&'static str),
    /// The name of a tag.
    TagName,
    /// A branch with or without wildcards, or a list of such.
    Branches,
    /// One of [`UNOWNED`].
    Unowned,
    /// One of [`OTHERS`].
    Others,
    /// One of [`HISTORY`].
    History,
    /// One of [`RULES`].
    Rule,
    /// One of [`ON_FAILURE`].
    OnFailure,
    /// Patterns, or a mapping of `paths` and `except`.
    PathSet,
    /// A list of patterns.
    Patterns,
    /// The agents.
    Agents,
    /// A list of agents.
    AgentNames,
    /// A list of agents and milestones of agents.
    Dependencies,
    /// A list of agents with at least one in it.
    SomeAgentNames,
    /// The shared entries.
    Shared,
    /// The checkpoints.
    Checkpoints,
    /// A verify command, or a list of such.
    Commands,
    /// The line of a verify command.
    CommandLine,
    /// A time.
    Duration,
    /// A priority.
    Priority,
    /// A number of hours, or a range of two.
    Hours,
    /// `true` or `false`, which is the default.
    Flag,
    /// A list of names of variables of the environment.
    Variables,
    /// What a command is expected to print.
    Expectation,
    /// A text on any number of lines.
    Text,
    /// A regular expression with one group.
    NumberPattern,
    /// A decimal number.
    Decimal,
    /// How often something is tried again.
    Retries,
}

/// What happens to a path that nobody claims; the first is the default.
pub(super) const UNOWNED: [(&str, Unowned); 3] = [
    ("deny", Unowned::Deny),
    ("warn", Unowned::Warn),
    ("allow", Unowned::Allow),
];
/// What happens to a branch that belongs to no agent; the first is the default.
pub(super) const OTHERS: [(&str, Others); 2] = [("allow", Others::Allow), ("deny", Others::Deny)];
/// What of a branch is judged; the first is the default.
pub(super) const HISTORY: [(&str, History); 2] = [
    ("every-commit", History::EveryCommit),
    ("net", History::Net),
];
/// How shared paths may be changed; the first is the default.
pub(super) const RULES: [(&str, SharedRule); 3] = [
    ("merge", SharedRule::Merge),
    ("disjoint-lines", SharedRule::DisjointLines),
    ("append-only", SharedRule::AppendOnly),
];
/// What becomes of the others when a branch fails; the first is the default.
pub(super) const ON_FAILURE: [(&str, OnFailure); 2] =
    [("eject", OnFailure::Eject), ("stop", OnFailure::Stop)];

/// The branch that work lands on, if the manifest names none.
pub(super) const TARGET: &str = "main";
/// The branch on which work is put together, if the manifest names none.
pub(super) const INTEGRATION: &str = "gate/integration";

const fn key(name: &'static str, holds: Holds, about: &'static str) -> Key {
    Key {
        name,
        holds,
        required: false,
        about,
    }
}

const fn required(name: &'static str, holds: Holds, about: &'static str) -> Key {
    Key {
        required: true,
        ..key(name, holds, about)
    }
}

/// The keys at the top.
pub(super) const TOP: &[Key] = &[
    required(
        "version",
        Holds::Version,
        "The version of the manifest's format.",
    ),
    key(
        "target",
        Holds::BranchName(TARGET),
        "The branch that work lands on, without refs/heads/. The manifest in force is the one in its newest commit.",
    ),
    key(
        "integration",
        Holds::BranchName(INTEGRATION),
        "The branch on which gate puts work together. It is gate's own: overwritten, never read.",
    ),
    key(
        "unowned",
        Holds::Unowned,
        "What happens when an agent changes a path that nobody claims.",
    ),
    key(
        "others",
        Holds::Others,
        "What happens to branches that belong to no agent: people's.",
    ),
    key(
        "history",
        Holds::History,
        "Whether every commit of a branch is judged, or only what is left of them in the end.",
    ),
    key(
        "protected",
        Holds::PathSet,
        "Paths that only an agent that is trusted with them may change, on top of those that are always protected.",
    ),
    required(
        "agents",
        Holds::Agents,
        "The agents by name, each with its branch and its claims.",
    ),
    key(
        "shared",
        Holds::Shared,
        "Paths that several agents may change, and nobody else.",
    ),
    key(
        "checkpoints",
        Holds::Checkpoints,
        "What must pass on the way, each time when all agents of a group have had their turn.",
    ),
    key(
        "verify",
        Holds::Commands,
        "The verification of the whole: what must pass on the merged tree before anything lands.",
    ),
    key(
        "on_failure",
        Holds::OnFailure,
        "What becomes of the others when a branch fails: they carry on, or nobody does and nothing lands.",
    ),
    key(
        "tag",
        Holds::TagName,
        "The tag that `gate integrate --land --tag` puts on what has landed.",
    ),
];

/// The keys of an agent.
pub(super) const AGENT: &[Key] = &[
    key("name", Holds::Line, "A name for people."),
    required(
        "branch",
        Holds::Branches,
        "The agent's branch or branches, without refs/heads/. Who works on a branch is known by its name alone.",
    ),
    key("owns", Holds::PathSet, "What only this agent may change."),
    key(
        "forbids",
        Holds::PathSet,
        "What this agent must not change, even where nobody owns it or it is shared.",
    ),
    key(
        "trusted_with",
        Holds::PathSet,
        "Protected paths that this agent may change.",
    ),
    key(
        "depends_on",
        Holds::Dependencies,
        "The agents whose work must be in before this one's, and on whose branches it may build; agent@milestone for the part that was published as that milestone.",
    ),
    key(
        "verify",
        Holds::Commands,
        "What must pass on the merged tree after this agent's branch was merged.",
    ),
    key(
        "priority",
        Holds::Priority,
        "Among the agents that may go next, the one with the highest priority does.",
    ),
    key(
        "continuous",
        Holds::Flag,
        "Whether the agent is merged whenever it has something, and nobody waits for it.",
    ),
    key(
        "last",
        Holds::Flag,
        "Whether the agent is merged after all others: an order, no dependency.",
    ),
    key(
        "beside",
        Holds::AgentNames,
        "The only agents that may work at the same time as this one; anybody may unless it is said.",
    ),
    key(
        "hours",
        Holds::Hours,
        "How long the work is expected to take, in hours: a number, or a range such as 3-4.",
    ),
];

/// The keys of a set of paths that has exceptions.
pub(super) const PATH_SET: &[Key] = &[
    required("paths", Holds::Patterns, "The patterns that put paths in."),
    key(
        "except",
        Holds::Patterns,
        "The patterns that take paths out again.",
    ),
];

/// The keys of a shared entry.
pub(super) const SHARED: &[Key] = &[
    required("paths", Holds::Patterns, "The patterns that put paths in."),
    key(
        "except",
        Holds::Patterns,
        "The patterns that take paths out again.",
    ),
    required(
        "agents",
        Holds::SomeAgentNames,
        "The agents that share the paths.",
    ),
    key(
        "rule",
        Holds::Rule,
        "How they may change them: in any way that merges, only in lines that are apart from those of the others, or only by lines at the end.",
    ),
];

/// The keys of a verify command.
pub(super) const COMMAND: &[Key] = &[
    required(
        "run",
        Holds::CommandLine,
        "The command, a line for /bin/sh. It passes if it ends with 0.",
    ),
    key(
        "timeout",
        Holds::Duration,
        "How long it may take, such as 90s, 10m or 1h30m. 30m unless it says so.",
    ),
    key(
        "environment",
        Holds::Variables,
        "Variables of gate's own environment that the command gets, on top of the few that every command gets.",
    ),
    key(
        "expect",
        Holds::Expectation,
        "What the command must print on its standard output, or must not, besides ending with 0.",
    ),
    key(
        "retries",
        Holds::Retries,
        "How many more times the command is tried if it fails, each time in a new checkout. A pass after a failure is reported as flaky.",
    ),
];

/// The keys of a checkpoint.
pub(super) const CHECKPOINT: &[Key] = &[
    required(
        "after",
        Holds::SomeAgentNames,
        "The agents that must have had their turn: merged, or left out.",
    ),
    required(
        "verify",
        Holds::Commands,
        "What must pass on the merged tree then.",
    ),
];

/// The keys of what a command is expected to print.
pub(super) const EXPECT: &[Key] = &[
    key(
        "stdout",
        Holds::Text,
        "A text that must appear in standard output.",
    ),
    key(
        "not_stdout",
        Holds::Text,
        "A text that must not appear in standard output.",
    ),
    key(
        "pattern",
        Holds::NumberPattern,
        "A regular expression whose only group captures a decimal number in a line of standard output. The last match counts.",
    ),
    key(
        "at_least",
        Holds::Decimal,
        "The least that the captured number may be.",
    ),
    key(
        "at_most",
        Holds::Decimal,
        "The most that the captured number may be.",
    ),
];
