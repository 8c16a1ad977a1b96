//! The entries of `agents`.

use super::branch;
use super::keys::AGENT;
use super::limits::{MAX_AGENTS, MAX_HOURS, MAX_PRIORITY, MAX_TEXT};
use super::model::{Agent, AgentId, Hours, PathSet, Spanned};
use super::names::{self, Names};
use super::paths::path_set;
use super::problems::{Problems, shown};
use super::scalar::Plain;
use super::tree::{self, Node, Value};
use super::value::{Fields, boolean, distinct, integer, line};
use super::verify::commands;
use crate::words::{Code, Finding, Span, folded};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// All agents, in the order of their names.
pub(super) fn agents(names: &Names<'_>, problems: &mut Problems<'_>) -> Vec<Agent> {
    if let Some(entry) = names.entries().get(MAX_AGENTS) {
        let message = format!(
            "the manifest has {} agents; {MAX_AGENTS} are allowed",
            names.entries().len()
        );
        problems
            .push(Finding::new(Code::ManifestSize, message).label(entry.key.span, "among these"));
        return Vec::new();
    }
    let agents = names.entries().iter();
    agents
        .filter_map(|entry| agent(entry, names, problems))
        .collect()
}

fn agent(entry: &tree::Entry, names: &Names<'_>, problems: &mut Problems<'_>) -> Option<Agent> {
    let id = entry.key.clone();
    names::check(&id, problems);
    let what = format!("the agent {}", shown(&id.value));
    let fields = Fields::open(&entry.value, &what, id.span, AGENT, problems)?;
    let name = fields.get("name");
    let name = name.and_then(|entry| line(&entry.value, "`name`", MAX_TEXT, problems));
    let branches = fields.require("branch", problems);
    let branches = branches.map(|node| branches_of(node, problems));
    let mut paths = |key| set(&fields, key, problems);
    let (owns, forbids, trusted_with) = (paths("owns"), paths("forbids"), paths("trusted_with"));
    let depends_on = fields.get("depends_on");
    let depends_on = depends_on.map(|entry| names.dependencies(&entry.value, problems));
    let verify = fields.get("verify");
    let verify = verify.map(|entry| commands(&entry.value, problems));
    let priority = fields.get("priority");
    let priority = priority.and_then(|entry| priority_of(&entry.value, problems));
    let beside = fields.get("beside");
    let beside = beside.map(|entry| beside_of(&id, &entry.value, names, problems));
    let hours = fields.get("hours");
    let hours = hours.and_then(|entry| hours_of(&entry.value, problems));
    let (continuous, last) = (
        flag(&fields, "continuous", problems),
        flag(&fields, "last", problems),
    );
    Some(Agent {
        id,
        name: name.map(|name| name.value),
        branches: branches.unwrap_or_default(),
        owns,
        forbids,
        trusted_with,
        depends_on: depends_on.unwrap_or_default(),
        verify: verify.unwrap_or_default(),
        priority: priority.unwrap_or_default(),
        continuous,
        last,
        beside,
        hours,
    })
}

fn set(fields: &Fields<'_>, key: &'static str, problems: &mut Problems<'_>) -> PathSet {
    let what = match key {
        "owns" => "`owns`",
        "forbids" => "`forbids`",
        _ => "`trusted_with`",
    };
    match fields.get(key) {
        Some(entry) => path_set(&entry.value, what, entry.key.span, problems),
        None => PathSet::default(),
    }
}

fn branches_of(node: &Node, problems: &mut Problems<'_>) -> Vec<Spanned<String>> {
    let Value::List(items) = &node.value else {
        return branch::pattern(node, "`branch`", problems)
            .into_iter()
            .collect();
    };
    if items.is_empty() {
        problems.invalid(
            node.span,
            "`branch` names no branch",
            "expected at least one",
        );
    }
    let mut found = Vec::new();
    for item in items {
        found.extend(branch::pattern(item, "a branch", problems));
    }
    distinct(found, "`branch`", problems)
}

fn priority_of(node: &Node, problems: &mut Problems<'_>) -> Option<i64> {
    let priority = integer(node, "`priority`", problems)?;
    if !(-MAX_PRIORITY..=MAX_PRIORITY).contains(&priority) {
        let message = format!("`priority` must lie between -{MAX_PRIORITY} and {MAX_PRIORITY}");
        problems.invalid(node.span, message, "out of range");
        return None;
    }
    Some(priority)
}

/// Whether a flag is set; not unless it says so.
fn flag(fields: &Fields<'_>, key: &str, problems: &mut Problems<'_>) -> bool {
    let entry = fields.get(key);
    let set = entry.and_then(|entry| boolean(&entry.value, &format!("`{key}`"), problems));
    set.unwrap_or(false)
}

/// The agents that `id` may work beside; itself is none of them.
fn beside_of(
    id: &Spanned<String>,
    node: &Node,
    names: &Names<'_>,
    problems: &mut Problems<'_>,
) -> Vec<Spanned<AgentId>> {
    let listed = names.list(node, "`beside`", problems);
    let itself = |other: &&Spanned<AgentId>| names.entries()[other.value.0].key.value == id.value;
    if let Some(itself) = listed.iter().find(itself) {
        problems.push(
            Finding::new(
                Code::InvalidValue,
                format!("{} cannot work beside itself", shown(&id.value)),
            )
            .label(itself.span, "this is the agent itself")
            .hint("remove it from the list"),
        );
    }
    listed
}

/// A number of hours, or a range of two: `3-4`.
fn hours_of(node: &Node, problems: &mut Problems<'_>) -> Option<Hours> {
    let Value::Scalar(scalar) = &node.value else {
        line(node, "`hours`", MAX_TEXT, problems);
        return None;
    };
    let hours = match scalar.text.split_once('-') {
        None if scalar.kind() != Plain::Number => None,
        None => thousandths(&scalar.text).map(|hours| (hours, hours)),
        Some((low, high)) => thousandths(low.trim()).zip(thousandths(high.trim())),
    };
    if let Some((low, high)) = hours.filter(|(low, high)| low <= high) {
        return Some(Hours { low, high });
    }
    let message = format!(
        "`hours` must be a number or a range, found {}",
        node.describe()
    );
    problems.push(
        Finding::new(Code::InvalidValue, message)
            .label(node.span, "expected hours")
            .hint("write 4, 3.5 or 3-4"),
    );
    None
}

/// A number of hours with at most three decimals, in thousandths; more than none.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 3 {
        return None;
    }
    let hours: u64 = whole.parse().ok().filter(|hours| *hours <= MAX_HOURS)?;
    let fraction: u64 = format!("{fraction:0<3}").parse().ok()?;
    Some(hours * 1000 + fraction).filter(|hours| (1..=MAX_HOURS * 1000).contains(hours))
}

/// Reports literal branches of agents that another agent has too, that are the target or the
/// integration branch, or that git cannot keep beside those. What wildcards may match is for the
/// ownership room to find out.
pub(super) fn check_branches(
    agents: &[Agent],
    reserved: &[(&str, &str, Option<Span>)],
    problems: &mut Problems<'_>,
) {
    let mut taken: HashMap<Vec<u8>, (&Agent, &Spanned<String>)> = HashMap::new();
    for agent in agents {
        for branch in &agent.branches {
            let name = branch.value.as_str();
            if !branch::is_literal(name) {
                continue;
            }
            check_reserved(branch, reserved, problems);
            // A branch is a file, and on some systems one file has many names.
            match taken.entry(folded(name.as_bytes())) {
                Entry::Occupied(other) => {
                    let (other, before) = *other.get();
                    // The same agent's are one branch there, and nobody else's.
                    if other.id.value != agent.id.value || before.value == branch.value {
                        problems.push(same_branch((agent, branch), (other, before)));
                    }
                }
                Entry::Vacant(free) => _ = free.insert((agent, branch)),
            }
        }
    }
}

fn same_branch(one: (&Agent, &Spanned<String>), other: (&Agent, &Spanned<String>)) -> Finding {
    let (first, second) = if one.1.span < other.1.span {
        (one, other)
    } else {
        (other, one)
    };
    let (name, twin) = (&first.1.value, &second.1.value);
    let (holder, other) = (&first.0.id.value, &second.0.id.value);
    let message = if name == twin {
        format!("the agents `{holder}` and `{other}` have the same branch, `{name}`")
    } else {
        format!(
            "some systems take `{twin}`, a branch of `{other}`, for `{name}`, one of `{holder}`"
        )
    };
    Finding::new(Code::BranchOverlap, message)
        .label(second.1.span, format!("of `{other}`"))
        .label(first.1.span, format!("of `{holder}`"))
        .hint("give each agent a branch of its own")
}

fn check_reserved(
    branch: &Spanned<String>,
    reserved: &[(&str, &str, Option<Span>)],
    problems: &mut Problems<'_>,
) {
    for (what, name, span) in reserved {
        let message = if branch.value == *name {
            format!("an agent's branch cannot be the {what}, `{name}`")
        } else if branch::are_one(&branch.value, name) {
            format!(
                "some systems take `{}` for the {what}, `{name}`",
                branch.value
            )
        } else if branch::exclude_each_other(&branch.value, name) {
            format!(
                "git cannot keep `{}` beside the {what}, `{name}`",
                branch.value
            )
        } else {
            continue;
        };
        let mut finding = Finding::new(Code::InvalidValue, message)
            .label(branch.span, "give the agent a branch of its own");
        if let Some(span) = span {
            finding = finding.label(*span, format!("the {what}"));
        }
        problems.push(finding);
    }
}
