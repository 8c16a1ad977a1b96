//! `gate who`: who may change a path, by which line of the manifest, and why the others may not.

use super::{Basis, Context, Outcome};
use crate::manifest::{AgentId, SharedRule};
use crate::ownership::{
    Decision, Denial, Grant, Ownership, Permission, ProtectedBy, Role, Standing, Who,
};
use crate::words::{Code, Finding, RepoPath, Span};

/// Which paths somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// These few, in full.
    Paths(Vec<RepoPath>),
    /// A list of them: the answers are short.
    List(Vec<RepoPath>),
    /// Every path of the target's tree, likewise.
    Tree,
}

/// The result of `gate who`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoOutcome {
    /// The manifest that decides.
    pub basis: Basis,
    /// Whether the answers are short: without those who may not.
    pub short: bool,
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
    /// The agents that may not, likewise; nobody in a short answer.
    pub may_not: Vec<(String, Statement)>,
    /// Every line of the manifest that is about the path, in the order in which rules decide:
    /// patterns that match it, exceptions from their sets, the command that names it.
    pub lines: Vec<WhoLine>,
}

/// A few words about a path, and the line of the manifest that they rest on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The words.
    pub text: String,
    /// The pattern or command in the manifest, if it is one that decides.
    pub span: Option<Span>,
}

/// A pattern of the manifest that matches a path, or a command that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoLine {
    /// The key that it stands under: `protected`, `trusted_with`, `forbids`, `shared`, `owns` or
    /// `verify`.
    pub key: &'static str,
    /// The agent that it stands under, if it does.
    pub agent: Option<String>,
    /// Whether it takes the path out again (`except`).
    pub exception: bool,
    /// Where it is.
    pub span: Span,
    /// Whether it is the one that decides.
    pub decides: bool,
    /// The exception that takes the path out of its set again, if there is one.
    pub excepted_by: Option<Span>,
}

/// Says of each path who may change it.
pub fn who(context: &Context, asked: Asked) -> Outcome<WhoOutcome> {
    let ownership = &context.ownership;
    let short = !matches!(asked, Asked::Paths(_));
    let mut paths = Vec::new();
    match asked {
        Asked::Paths(asked) => {
            for path in asked {
                let entry = context.repo.entry_at(context.target_tree, &path)?;
                if entry.is_none() && context.repo.has_directory(context.target_tree, &path)? {
                    return Err(directory(&path).into());
                }
                paths.push(who_path(ownership, path, short));
            }
        }
        Asked::List(asked) => {
            let answers = asked
                .into_iter()
                .map(|path| who_path(ownership, path, short));
            paths.extend(answers);
        }
        Asked::Tree => {
            for (path, _) in context.repo.tracked(context.target_tree)? {
                paths.push(who_path(ownership, path, short));
            }
        }
    }
    let basis = context.basis.clone();
    Ok(WhoOutcome {
        basis,
        short,
        paths,
    })
}

/// Claims are about files: of a directory there is nothing to say that would hold for all of them.
fn directory(path: &RepoPath) -> Box<Finding> {
    let message = format!("{path} is a directory, and claims are about files");
    let hint = format!("name a file in it, such as {path}/new, or see all files: gate who --tree");
    Box::new(Finding::new(Code::Usage, message).hint(hint))
}

fn who_path(ownership: &Ownership, path: RepoPath, short: bool) -> WhoPath {
    let Who {
        decision,
        claims,
        agents,
    } = ownership.who(&path);
    let (mut may, mut may_not) = (Vec::new(), Vec::new());
    for (agent, permission) in agents {
        let name = || name(ownership, agent).to_owned();
        match permission {
            Permission::Allowed(grant) => may.push((name(), allowed(grant))),
            Permission::Denied(denial) if !short => may_not.push((name(), denied(denial))),
            Permission::Denied(_) => {}
        }
    }
    WhoPath {
        path,
        rule: rule(ownership, decision),
        may,
        may_not,
        lines: lines(ownership, decision, &claims),
    }
}

fn lines(ownership: &Ownership, decision: Decision, claims: &[Standing<'_>]) -> Vec<WhoLine> {
    let line = |standing: &Standing<'_>| {
        let (key, agent) = match standing.claim.role {
            Role::Protected => ("protected", None),
            Role::TrustedWith(agent) => ("trusted_with", Some(agent)),
            Role::Forbids(agent) => ("forbids", Some(agent)),
            Role::Shared(_) => ("shared", None),
            Role::Owns(agent) => ("owns", Some(agent)),
        };
        WhoLine {
            key,
            agent: agent.map(|agent| name(ownership, agent).to_owned()),
            exception: standing.claim.exception,
            span: standing.claim.span,
            decides: standing.decides,
            excepted_by: standing.excepted_by,
        }
    };
    let command = match decision {
        Decision::Protected(ProtectedBy::VerifyWord(span)) => Some(WhoLine {
            key: "verify",
            agent: None,
            exception: false,
            span,
            decides: true,
            excepted_by: None,
        }),
        _ => None,
    };
    // An exception from a set that does not hold the path anyway says nothing about it.
    let speaks = |standing: &&Standing<'_>| {
        let role = standing.claim.role;
        let claimed = |other: &Standing<'_>| other.claim.role == role && !other.claim.exception;
        claims.iter().any(claimed)
    };
    let claims = claims.iter().filter(speaks).map(line);
    command.into_iter().chain(claims).collect()
}

fn statement(text: impl Into<String>, span: Option<Span>) -> Statement {
    Statement {
        text: text.into(),
        span,
    }
}

fn rule(ownership: &Ownership, decision: Decision) -> Statement {
    let text = match decision {
        Decision::Protected(by) => format!("protected: {}", protected_by(by)),
        Decision::Shared { entry, .. } => {
            let rule = match ownership.manifest().shared[entry].rule.value {
                SharedRule::Merge => "",
                SharedRule::DisjointLines => ", in lines apart",
                SharedRule::AppendOnly => ", only by lines at the end",
            };
            format!("shared by {}{rule}", members(ownership, entry))
        }
        Decision::Owned { owner, .. } => format!("owned by {}", name(ownership, owner)),
        Decision::Unowned => "claimed by nobody".to_owned(),
    };
    statement(text, decision.span())
}

fn allowed(grant: Grant) -> Statement {
    match grant {
        Grant::Trusted { claim, .. } => statement("trusted with it", Some(claim)),
        Grant::Shared { claim, .. } => statement("among those who share it", Some(claim)),
        Grant::Owner { claim } => statement("the owner", Some(claim)),
        Grant::Unowned => statement("`unowned: allow`", None),
        Grant::UnownedWarning => statement("`unowned: warn`", None),
    }
}

fn denied(denial: Denial) -> Statement {
    match denial {
        Denial::Protected(ProtectedBy::Always(_)) => statement("not trusted with it", None),
        Denial::Protected(ProtectedBy::VerifyWord(span) | ProtectedBy::Manifest(span)) => {
            statement("not trusted with it", Some(span))
        }
        Denial::Forbidden { claim } => statement("told not to touch it", Some(claim)),
        Denial::SharedByOthers { claim, .. } => {
            statement("not among those who share it", Some(claim))
        }
        Denial::OwnedByAnother { claim, .. } => statement("not the owner", Some(claim)),
        Denial::Unowned => statement("`unowned: deny`", None),
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

fn name(ownership: &Ownership, agent: AgentId) -> &str {
    &ownership.manifest().agent(agent).id.value
}
