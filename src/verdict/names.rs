//! Objections to what a branch brings in that no claim decides: names that cannot live everywhere, and
//! links that leave what the agent may change.

use super::{Link, LinkEnd, NewName, Subject};
use crate::manifest::AgentId;
use crate::ownership::{Ownership, Permission};
use crate::words::{Code, Finding, RepoPath, Span, unportable};

/// The objection to a new name, if there is one.
pub(super) fn name(subject: Subject<'_>, new: &NewName) -> Option<Finding> {
    let (branch, path) = (subject.branch, &new.path);
    let last = path.as_bytes().rsplit(|byte| *byte == b'/').next()?;
    if let Some(reason) = unportable(last) {
        let message = format!("{branch} added {path}: the name {}", reason.reason());
        let finding = Finding::new(Code::UnportableName, message).at(path);
        return Some(finding.hint("give it a name that every system can check out"));
    }
    let rival = new.rival.as_ref()?;
    let message =
        format!("{branch} added {path} beside {rival}: some systems take the one for the other");
    let finding = Finding::new(Code::NameCollision, message).at(path);
    let finding = finding
        .note("they differ only in case, in the form of characters, or in some that nobody sees");
    Some(finding.hint("give it a name that differs in more than that"))
}

/// The objection to a link that `subject` adds or changes, if there is one.
pub(super) fn link(ownership: &Ownership, subject: Subject<'_>, link: &Link) -> Option<Finding> {
    let (branch, path) = (subject.branch, &link.path);
    let (where_to, span) = leaves(ownership, subject.agent, &link.end)?;
    let finding = finding(path, format!("{branch} links {path} {where_to}"));
    Some(labelled(finding, span))
}

/// The objection to a link that `subject` leaves alone and that leads elsewhere because of it: it must
/// lead to what those may change whose link it is.
pub(super) fn moved_link(
    ownership: &Ownership,
    subject: Subject<'_>,
    link: &Link,
) -> Option<Finding> {
    let (branch, path) = (subject.branch, &link.path);
    let mut whose = ownership.holders(path);
    if whose.is_empty() {
        whose.push(subject.agent);
    }
    let (where_to, span) = whose
        .into_iter()
        .find_map(|agent| leaves(ownership, agent, &link.end))?;
    let message = format!("{branch} leaves the link {path} alone, but makes it lead {where_to}");
    Some(labelled(finding(path, message), span))
}

/// Where a link leads to, if that is not where `agent` may change things, and the line that says so.
fn leaves(ownership: &Ownership, agent: AgentId, end: &LinkEnd) -> Option<(String, Option<Span>)> {
    let target = match end {
        LinkEnd::Outside => return Some(("to a place outside the repository".into(), None)),
        LinkEnd::Circle => {
            let where_to = "in a circle, or through more links than systems follow";
            return Some((where_to.into(), None));
        }
        LinkEnd::OtherSystems => {
            let where_to = "by a name that some systems read as something else";
            return Some((where_to.into(), None));
        }
        LinkEnd::File(target) => std::slice::from_ref(target),
        LinkEnd::Directory(files) => files,
    };
    let may = |path: &RepoPath| ownership.permission(agent, path);
    let (foreign, denial) = target.iter().find_map(|target| match may(target) {
        Permission::Denied(denial) => Some((target, denial)),
        Permission::Allowed(_) => None,
    })?;
    let agent = &ownership.manifest().agent(agent).id.value;
    Some((
        format!("to {foreign}, which {agent} may not change"),
        denial.span(),
    ))
}

fn labelled(finding: Finding, span: Option<Span>) -> Finding {
    match span {
        Some(span) => finding.label(span, "this line says so"),
        None => finding,
    }
}

fn finding(path: &RepoPath, message: String) -> Finding {
    Finding::new(Code::LinkLeaves, message)
        .at(path)
        .note("who follows the link would read or write what is not this agent's")
        .hint("link to a file of the agent's own, or copy what is needed")
}
