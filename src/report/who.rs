//! The layout of `gate who`: for each path the rule that decides, and the agents by what they may.

use super::places::Places;
use crate::engine::{Statement, WhoOutcome, WhoPath};
use crate::words::Label;

/// Who may change one path. Nothing in it is escaped.
pub(super) struct Answer {
    /// The path, as git quotes it.
    pub(super) path: String,
    /// The rule that decides, and where the manifest says so.
    pub(super) rule: String,
    /// Agents that may, and agents that may not, those with the same reason together.
    pub(super) groups: Vec<Agents>,
}

/// Agents with the same reason.
pub(super) struct Agents {
    /// Whether they may change the path.
    pub(super) may: bool,
    /// Their names.
    pub(super) names: Vec<String>,
    /// Why, and where the manifest says so.
    pub(super) reason: String,
}

impl Agents {
    /// `storage may`, `capture, surfaces may not`.
    pub(super) fn title(&self) -> String {
        let verb = if self.may { "may" } else { "may not" };
        format!("{} {verb}", self.names.join(", "))
    }
}

/// Lays out every path.
pub(super) fn answers(outcome: &WhoOutcome, places: &Places<'_>) -> Vec<Answer> {
    outcome
        .paths
        .iter()
        .map(|path| answer(path, places))
        .collect()
}

fn answer(who: &WhoPath, places: &Places<'_>) -> Answer {
    let mut groups = grouped(true, &who.may, places);
    groups.extend(grouped(false, &who.may_not, places));
    Answer {
        path: who.path.to_string(),
        rule: with_place(&who.rule, places),
        groups,
    }
}

/// The agents of one side, those with the same reason together, in the order of their first names.
fn grouped(may: bool, agents: &[(String, Statement)], places: &Places<'_>) -> Vec<Agents> {
    let mut groups: Vec<(&Statement, Agents)> = Vec::new();
    for (name, statement) in agents {
        if let Some((_, group)) = groups.iter_mut().find(|(known, _)| *known == statement) {
            group.names.push(name.clone());
            continue;
        }
        let names = vec![name.clone()];
        let reason = with_place(statement, places);
        groups.push((statement, Agents { may, names, reason }));
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// `owns it, by "src/memory/" (ownership.yaml:14:12)`.
fn with_place(statement: &Statement, places: &Places<'_>) -> String {
    let Some(span) = statement.span else {
        return statement.text.clone();
    };
    let line = places.text(span);
    let place = places.describe(&Label {
        span,
        text: String::new(),
    });
    format!("{}, by `{line}` ({place})", statement.text)
}

/// `src/a.rs: storage may: owned by storage, by …`: an answer in one line.
pub(super) fn line(answer: &Answer) -> String {
    let may: Vec<_> = answer
        .groups
        .iter()
        .filter(|group| group.may)
        .flat_map(|group| &group.names)
        .map(String::as_str)
        .collect();
    let may = if may.is_empty() {
        "nobody may".to_owned()
    } else {
        format!("{} may", may.join(", "))
    };
    format!("{}: {may}: {}", answer.path, answer.rule)
}
