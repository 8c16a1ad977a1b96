//! The layout of `gate who`: for each path the rule that decides, the agents by what they may, and
//! the lines of the manifest that are about it.

use super::places::Places;
use crate::engine::{Statement, WhoLine, WhoOutcome, WhoPath};
use crate::words::Span;

/// Who may change one path. Nothing in it is escaped.
pub(super) struct Answer {
    /// The path, as git quotes it.
    pub(super) path: String,
    /// The rule that decides.
    pub(super) rule: String,
    /// The agents that may.
    may: Vec<String>,
    /// `may` and `may not`, each with agents and why.
    pub(super) groups: Vec<(&'static str, String)>,
    /// The lines of the manifest, each as place, words, and pattern; and what becomes of it.
    pub(super) lines: Vec<[String; 4]>,
    /// Whether only the title and the agents that may are to be shown.
    pub(super) short: bool,
}

/// Lays out every path.
pub(super) fn answers(outcome: &WhoOutcome, places: &Places<'_>) -> Vec<Answer> {
    let paths = outcome.paths.iter();
    paths
        .map(|path| answer(path, outcome.short, places))
        .collect()
}

/// `src/a.rs: storage may (owned by storage)`: an answer in one line, not escaped.
pub(super) fn line(answer: &Answer) -> String {
    let may = match answer.may.as_slice() {
        [] => "nobody may".to_owned(),
        names => format!("{} may", names.join(", ")),
    };
    format!("{}: {may} ({})", answer.path, answer.rule)
}

/// What is said of the line that decides.
pub(super) const DECIDES: &str = "decides";

fn answer(who: &WhoPath, short: bool, places: &Places<'_>) -> Answer {
    let mut groups = Vec::new();
    if who.may.is_empty() {
        groups.push(("may", "nobody".to_owned()));
    }
    for (verb, agents) in [("may", &who.may), ("may not", &who.may_not)] {
        let grouped = grouped(agents).into_iter();
        groups.extend(grouped.map(|(reason, names)| {
            // The line that decides is shown anyway: only others are worth a word.
            let other = reason.span.filter(|span| Some(*span) != who.rule.span);
            let place = other.map_or(String::new(), |span| format!(", {}", at(span, places)));
            (
                verb,
                format!("{} ({}{place})", names.join(", "), reason.text),
            )
        }));
    }
    Answer {
        path: who.path.to_string(),
        rule: who.rule.text.clone(),
        may: who.may.iter().map(|(name, _)| name.clone()).collect(),
        groups,
        lines: who.lines.iter().map(|line| cells(line, places)).collect(),
        short,
    }
}

/// Agents with the same reason together, in the order of their first names.
fn grouped(agents: &[(String, Statement)]) -> Vec<(&Statement, Vec<&str>)> {
    let mut groups: Vec<(&Statement, Vec<&str>)> = Vec::new();
    for (name, reason) in agents {
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => groups.push((reason, vec![name])),
        }
    }
    groups
}

fn cells(line: &WhoLine, places: &Places<'_>) -> [String; 4] {
    let agent = line.agent.iter().map(|agent| format!("{agent} "));
    let except = if line.exception { ", except" } else { "" };
    let words = agent.chain([format!("{}{except}", line.key)]).collect();
    let fate = match line.excepted_by {
        _ if line.decides => DECIDES.to_owned(),
        Some(span) => format!("taken out by {}", at(span, places)),
        None => String::new(),
    };
    let pattern = places.text(line.span).to_owned();
    [at(line.span, places), words, pattern, fate]
}

/// `ownership.yaml:14:12`.
fn at(span: Span, places: &Places<'_>) -> String {
    let place = places.at(span.offset);
    format!("{}:{}:{}", places.file(), place.line, place.column)
}
