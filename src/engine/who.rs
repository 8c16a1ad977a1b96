//! `gate who`: who may change a path, by which line of the manifest, and why the others may not.

use super::{Basis, Context, Outcome};
use crate::ownership::{Decision, Denial, Grant, Ownership, Permission, ProtectedBy};
use crate::words::{RepoPath, Span};

/// The result of `gate who`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoOutcome {
    /// The manifest that decides.
    pub basis: Basis,
    /// The paths, as asked for.
    pub paths: Vec<WhoPath>,
}

/// Who may change one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoPath {
    /// The path.
    pub path: RepoPath,
    /// The rule that decides.
    pub rule: Statement,
    /// The agents that may change it, each with its reason, by name.
    pub may: Vec<(String, Statement)>,
    /// The agents that may not, likewise.
    pub may_not: Vec<(String, Statement)>,
}

/// A few words about a path, and the line of the manifest that they rest on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The words.
    pub text: String,
    /// The pattern or command in the manifest, if it is one that decides.
    pub span: Option<Span>,
}

/// Says of each path who may change it.
pub fn who(context: &Context, paths: Vec<RepoPath>) -> Outcome<WhoOutcome> {
    let mut outcome = WhoOutcome {
        basis: context.basis.clone(),
        paths: Vec::new(),
    };
    for path in paths {
        // A path that does not exist yet would be a new file.
        let entry = context.repo.entry_at(context.target_tree, &path)?;
        let is_regular_file = entry.is_none_or(|entry| entry.mode.is_regular());
        outcome
            .paths
            .push(who_path(&context.ownership, path, is_regular_file));
    }
    Ok(outcome)
}

fn who_path(ownership: &Ownership, path: RepoPath, is_regular_file: bool) -> WhoPath {
    let rule = rule(ownership, ownership.decide(&path, is_regular_file));
    let (mut may, mut may_not) = (Vec::new(), Vec::new());
    for agent in ownership.manifest().agent_ids() {
        let name = ownership.manifest().agent(agent).id.value.clone();
        match ownership.permission(agent, &path, is_regular_file) {
            Permission::Allowed(grant) => may.push((name, allowed(grant))),
            Permission::Denied(denial) => may_not.push((name, denied(ownership, denial))),
        }
    }
    WhoPath {
        path,
        rule,
        may,
        may_not,
    }
}

fn statement(text: impl Into<String>, span: Option<Span>) -> Statement {
    Statement {
        text: text.into(),
        span,
    }
}

fn rule(ownership: &Ownership, decision: Decision) -> Statement {
    let span = decision.span();
    match decision {
        Decision::Protected(by) => statement(format!("protected: {}", protected_by(by)), span),
        Decision::Shared { entry, .. } => {
            statement(format!("shared by {}", members(ownership, entry)), span)
        }
        Decision::Owned { owner, .. } => {
            statement(format!("owned by {}", name(ownership, owner)), span)
        }
        Decision::Unowned => statement("nobody owns it", span),
    }
}

fn allowed(grant: Grant) -> Statement {
    match grant {
        Grant::Trusted { claim, .. } => statement("is trusted with it", Some(claim)),
        Grant::Shared { claim, .. } => statement("is among those who share it", Some(claim)),
        Grant::Owner { claim } => statement("owns it", Some(claim)),
        Grant::Unowned => statement("may change what nobody owns", None),
        Grant::UnownedWarning => statement("may change what nobody owns, with a warning", None),
    }
}

fn denied(ownership: &Ownership, denial: Denial) -> Statement {
    match denial {
        Denial::Protected(ProtectedBy::Always(_)) => statement("is not trusted with it", None),
        Denial::Protected(ProtectedBy::VerifyWord(span) | ProtectedBy::Manifest(span)) => {
            statement("is not trusted with it", Some(span))
        }
        Denial::Forbidden { claim } => statement("is told not to touch it", Some(claim)),
        Denial::SharedByOthers { entry, claim } => {
            let members = members(ownership, entry);
            statement(
                format!("is not among those who share it: {members}"),
                Some(claim),
            )
        }
        Denial::OwnedByAnother { owner, claim } => statement(
            format!("does not own it: {} does", name(ownership, owner)),
            Some(claim),
        ),
        Denial::Unowned => statement("may not change what nobody owns", None),
    }
}

fn protected_by(by: ProtectedBy) -> &'static str {
    match by {
        ProtectedBy::Always(kind) => kind.reason(),
        ProtectedBy::VerifyWord(_) => "a verify command names it",
        ProtectedBy::Manifest(_) => "by the manifest",
    }
}

fn members(ownership: &Ownership, entry: usize) -> String {
    let agents = &ownership.manifest().shared[entry].agents;
    let names: Vec<_> = agents
        .iter()
        .map(|agent| name(ownership, agent.value))
        .collect();
    names.join(", ")
}

fn name(ownership: &Ownership, agent: crate::manifest::AgentId) -> &str {
    &ownership.manifest().agent(agent).id.value
}
