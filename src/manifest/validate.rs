//! From what is written to what is meant: the keys at the top of the manifest.

use super::agents::{self, agents};
use super::branch;
use super::cycles;
use super::decode::check_length;
use super::keys::{
    CHECKPOINT, HISTORY, INTEGRATION, ON_FAILURE, OTHERS, RULES, SHARED, TARGET, TOP, UNOWNED,
};
use super::model::{Checkpoint, Manifest, PathSet, Shared, SharedRule, Spanned};
use super::names::Names;
use super::paths::{from_fields, path_set};
use super::problems::Problems;
use super::tree::{Node, Value};
use super::value::{Fields, choice, integer, list, mapping};
use super::verify::commands;
use crate::words::{Code, Finding, Source, Span};

/// The manifest that `root` describes, its source left empty. Worth nothing if there are problems;
/// `None` if there is nothing in it.
pub(super) fn manifest(root: &Node, problems: &mut Problems<'_>) -> Option<Manifest> {
    let top = Span::new(root.span.offset, root.span.length);
    let fields = Fields::open(root, "the manifest", top, TOP, problems)?;
    if let Some(version) = fields.require("version", problems) {
        check_version(version, problems);
    }
    let (target, integration) = branches(&fields, problems);
    let unowned = setting(&fields, "unowned", &UNOWNED, problems);
    let others = setting(&fields, "others", &OTHERS, problems);
    let history = setting(&fields, "history", &HISTORY, problems);
    let protected = match fields.get("protected") {
        Some(entry) => path_set(&entry.value, "`protected`", entry.key.span, problems),
        None => PathSet::default(),
    };
    let entries = fields.require("agents", problems);
    let entries = entries.and_then(|node| mapping(node, "`agents`", problems));
    let names = Names::new(entries.unwrap_or_default());
    let agents = agents(&names, problems);
    let reserved = reserved(&fields, &target, &integration);
    agents::check_branches(&agents, &reserved, problems);
    // An entry that is no agent at all leaves a gap, and ids would point elsewhere.
    if agents.len() == names.entries().len() {
        cycles::check(&agents, problems);
    } else {
        problems.lose();
    }
    let shared = fields.get("shared");
    let shared = shared.map(|entry| all_shared(&entry.value, &names, problems));
    let verify = fields.get("verify");
    let verify = verify.map(|entry| commands(&entry.value, problems));
    let checkpoints = fields.get("checkpoints");
    let checkpoints = checkpoints.map(|entry| all_checkpoints(&entry.value, &names, problems));
    let on_failure = setting(&fields, "on_failure", &ON_FAILURE, problems);
    let tag = fields.get("tag");
    let tag = tag.and_then(|entry| branch::full_name(&entry.value, "`tag`", problems));
    check_length(names.entries().len() + problems.patterns(), problems);
    Some(Manifest {
        source: Source::default(),
        target,
        integration: integration.value,
        unowned,
        others,
        history,
        protected,
        agents,
        shared: shared.unwrap_or_default(),
        checkpoints: checkpoints.unwrap_or_default(),
        verify: verify.unwrap_or_default(),
        on_failure,
        tag,
    })
}

fn check_version(node: &Node, problems: &mut Problems<'_>) {
    if let Some(version) = integer(node, "`version`", problems)
        && version != 1
    {
        let message = format!("this gate reads manifests of version 1, not {version}");
        problems.push(
            Finding::new(Code::InvalidValue, message)
                .label(node.span, "not a version that is known here")
                .hint("write 1, or use the version of gate that this manifest was written for"),
        );
    }
}

/// The place of a key's value, if the manifest says it.
fn span_of(fields: &Fields<'_>, key: &str) -> Option<Span> {
    fields.get(key).map(|entry| entry.value.span)
}

/// The branches that no agent can have, as far as they are known: what each is, its name, and where
/// the manifest says so.
fn reserved<'b>(
    fields: &Fields<'_>,
    target: &'b Spanned<String>,
    integration: &'b Spanned<String>,
) -> Vec<(&'static str, &'b str, Option<Span>)> {
    let branches = [
        ("target", "target", target),
        ("integration branch", "integration", integration),
    ];
    let known = branches
        .into_iter()
        .filter(|(_, key, branch)| is_known(fields, key, branch));
    known
        .map(|(what, key, branch)| (what, branch.value.as_str(), span_of(fields, key)))
        .collect()
}

/// Whether the name of a branch is known: said and valid, or not said, so that it is the default.
fn is_known(fields: &Fields<'_>, key: &str, branch: &Spanned<String>) -> bool {
    span_of(fields, key).is_none_or(|span| span == branch.span)
}

/// The target and the integration branch.
fn branches(
    fields: &Fields<'_>,
    problems: &mut Problems<'_>,
) -> (Spanned<String>, Spanned<String>) {
    let mut read = |key: &str, default: &str| {
        let found = fields.get(key);
        let found =
            found.and_then(|entry| branch::full_name(&entry.value, &format!("`{key}`"), problems));
        found.unwrap_or_else(|| Spanned {
            value: default.into(),
            span: Span::default(),
        })
    };
    let target = read("target", TARGET);
    let integration = read("integration", INTEGRATION);
    if is_known(fields, "target", &target) && is_known(fields, "integration", &integration) {
        check_beside(fields, &target.value, &integration.value, problems);
    }
    (target, integration)
}

/// Reports a target and an integration branch that cannot both be.
fn check_beside(fields: &Fields<'_>, target: &str, integration: &str, problems: &mut Problems<'_>) {
    let message = if target == integration {
        format!("the target and the integration branch are both `{integration}`")
    } else if branch::are_one(target, integration) {
        format!("some systems take the branch `{integration}` for the target, `{target}`")
    } else if branch::exclude_each_other(target, integration) {
        format!("git cannot keep a branch `{integration}` beside `{target}`")
    } else {
        return;
    };
    let mut finding =
        Finding::new(Code::InvalidValue, message).hint("give the integration branch another name");
    for (key, text) in [
        ("integration", "the integration branch"),
        ("target", "the target"),
    ] {
        if let Some(span) = span_of(fields, key) {
            finding = finding.label(span, text);
        }
    }
    problems.push(finding);
}

/// One of a few words; the first is the default.
fn setting<T: Copy>(
    fields: &Fields<'_>,
    key: &str,
    choices: &[(&str, T)],
    problems: &mut Problems<'_>,
) -> T {
    let found = fields.get(key);
    let found =
        found.and_then(|entry| choice(&entry.value, &format!("`{key}`"), choices, problems));
    found.unwrap_or(choices[0].1)
}

fn all_shared(node: &Node, names: &Names<'_>, problems: &mut Problems<'_>) -> Vec<Shared> {
    let Some(entries) = list(node, "`shared`", problems) else {
        problems.lose();
        return Vec::new();
    };
    let found: Vec<_> = entries
        .iter()
        .filter_map(|entry| shared(entry, names, problems))
        .collect();
    // What is shared is nobody's own: without it, owners would seem to meet there.
    if found.len() < entries.len() {
        problems.lose();
    }
    found
}

fn shared(node: &Node, names: &Names<'_>, problems: &mut Problems<'_>) -> Option<Shared> {
    let fields = Fields::open(node, "a shared entry", node.span, SHARED, problems)?;
    let paths = from_fields(&fields, problems);
    let agents = fields.require("agents", problems)?;
    if matches!(&agents.value, Value::List(items) if items.is_empty()) {
        problems.invalid(
            agents.span,
            "a shared entry names no agents",
            "expected at least one",
        );
    }
    let rule = rule(&fields, problems);
    let members = names.list(agents, "`agents`", problems);
    if !matches!(&agents.value, Value::List(items) if items.len() == members.len()) {
        problems.lose();
    }
    Some(Shared {
        span: node.span,
        paths,
        agents: members,
        rule,
    })
}

/// The rule of a shared entry, and where it stands.
fn rule(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Spanned<SharedRule> {
    let value = setting(fields, "rule", &RULES, problems);
    Spanned {
        value,
        span: span_of(fields, "rule").unwrap_or_default(),
    }
}

fn all_checkpoints(node: &Node, names: &Names<'_>, problems: &mut Problems<'_>) -> Vec<Checkpoint> {
    let entries = list(node, "`checkpoints`", problems).unwrap_or_default();
    let entries = entries.iter();
    entries
        .filter_map(|entry| checkpoint(entry, names, problems))
        .collect()
}

fn checkpoint(node: &Node, names: &Names<'_>, problems: &mut Problems<'_>) -> Option<Checkpoint> {
    let fields = Fields::open(node, "a checkpoint", node.span, CHECKPOINT, problems)?;
    let after = fields.require("after", problems);
    if let Some(node) = after
        && matches!(&node.value, Value::List(items) if items.is_empty())
    {
        problems.invalid(
            node.span,
            "a checkpoint names no agents",
            "expected at least one",
        );
    }
    let after = after.map(|node| names.list(node, "`after`", problems));
    let verify = fields.require("verify", problems);
    let verify = verify.map(|node| commands(node, problems));
    Some(Checkpoint {
        span: node.span,
        after: after?,
        verify: verify?,
    })
}
