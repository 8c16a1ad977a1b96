//! The names of agents, and every place that refers to one.

use super::limits::{MAX_NAME, MAX_TEXT};
use super::model::{AgentId, Dependency, Spanned};
use super::problems::{Problems, shown};
use super::tree::{Entry, Node};
use super::value::{distinct, line, list};
use crate::words::{Code, Finding, Span};

/// The agents of the manifest by name, in the order of the bytes.
pub(super) struct Names<'n> {
    entries: Vec<&'n Entry>,
}

impl<'n> Names<'n> {
    /// The agents that these entries name.
    pub(super) fn new(entries: &'n [Entry]) -> Self {
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by(|a, b| a.key.value.cmp(&b.key.value));
        Self { entries }
    }

    /// The entries, in the order of [`AgentId`].
    pub(super) fn entries(&self) -> &[&'n Entry] {
        &self.entries
    }

    /// The agent that `name` stands for; reported if there is none.
    pub(super) fn find(
        &self,
        name: &str,
        span: Span,
        problems: &mut Problems<'_>,
    ) -> Option<Spanned<AgentId>> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.key.value.as_str().cmp(name));
        if let Ok(index) = found {
            let value = AgentId(index);
            return Some(Spanned { value, span });
        }
        let finding = Finding::new(
            Code::UnknownAgent,
            format!("there is no agent {}", shown(name)),
        )
        .label(span, "not an agent of this manifest");
        let known: Vec<&str> = self.entries.iter().map(|e| e.key.value.as_str()).collect();
        let hint = problems.suggest(name, &known);
        problems.push(match hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        });
        None
    }

    /// A list of agents without duplicates.
    pub(super) fn list(
        &self,
        node: &Node,
        what: &str,
        problems: &mut Problems<'_>,
    ) -> Vec<Spanned<AgentId>> {
        words(node, what, problems)
            .into_iter()
            .filter_map(|name| self.find(&name.value, name.span, problems))
            .collect()
    }

    /// A list of agents and milestones of agents (`agent@milestone`).
    pub(super) fn dependencies(&self, node: &Node, problems: &mut Problems<'_>) -> Vec<Dependency> {
        let mut found = Vec::new();
        for name in words(node, "`depends_on`", problems) {
            let (agent, milestone) = match name.value.split_once('@') {
                Some((agent, milestone)) => (agent, Some(milestone)),
                None => (name.value.as_str(), None),
            };
            if let Some((milestone, fault)) = milestone.and_then(|it| Some((it, fault(it)?))) {
                let message = format!("a milestone cannot be called {}: {fault}", shown(milestone));
                problems.invalid(name.span, message, "expected `agent@milestone`");
            }
            let agent = self.find(agent, name.span, problems);
            found.extend(agent.map(|agent| Dependency {
                agent: agent.value,
                milestone: milestone.map(str::to_owned),
                span: name.span,
            }));
        }
        found
    }
}

fn words(node: &Node, what: &str, problems: &mut Problems<'_>) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    for item in list(node, what, problems).unwrap_or_default() {
        found.extend(line(
            item,
            format_args!("an agent of {what}"),
            MAX_TEXT,
            problems,
        ));
    }
    distinct(found, what, problems)
}

/// Reports a name that no agent can have.
pub(super) fn check(name: &Spanned<String>, problems: &mut Problems<'_>) {
    if let Some(fault) = fault(&name.value) {
        let message = format!("an agent cannot be called {}: {fault}", shown(&name.value));
        problems.push(
            Finding::new(Code::InvalidValue, message)
                .label(name.span, "not a name for an agent")
                .hint("put the name for people under `name`"),
        );
    }
}

/// What is wrong with the name of an agent or of a milestone, if anything is. Names become parts of ref names, of
/// arguments and of file names, so they are plain.
pub fn fault(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > MAX_NAME {
        Some("it is longer than 64 bytes")
    } else if !name.chars().all(plain) {
        Some("only ASCII letters, digits, `-`, `_` and `.` are allowed")
    } else if name.starts_with(['-', '.']) {
        Some("it begins with a dash or a dot")
    } else if name.contains("..") || name.ends_with('.') || ends_in_lock(name) {
        Some("it holds `..`, or ends in `.` or `.lock`, which no ref of git may")
    } else {
        None
    }
}

fn ends_in_lock(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in [
            "a",
            "a2-errors",
            "DB_performance",
            "v1.2",
            "0",
            &"n".repeat(64),
        ] {
            assert_eq!(fault(good), None, "{good:?}");
        }
        for bad in [
            "", "-a", ".a", "a b", "a/b", "a@b", "ä", "a..b", "a.", "a.lock", "a.LOCK",
        ] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
        assert!(fault(&"n".repeat(65)).is_some());
    }
}
