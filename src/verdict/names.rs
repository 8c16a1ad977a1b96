//! Objections to what a branch brings in that no claim decides: names that cannot live everywhere, and
//! links that leave what the agent may change.

use super::{Link, LinkEnd, NewName, Subject};
use crate::ownership::{Ownership, Permission};
use crate::words::{Code, Finding, RepoPath, unportable};

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

/// The objection to a link, if there is one.
pub(super) fn link(ownership: &Ownership, subject: Subject<'_>, link: &Link) -> Option<Finding> {
    let (branch, path) = (subject.branch, &link.path);
    let may = |path: &RepoPath| ownership.permission(subject.agent, path);
    let target = match &link.end {
        LinkEnd::Outside => {
            let message = format!("{branch} links {path} to a place outside the repository");
            return Some(finding(path, message));
        }
        LinkEnd::File(target) => std::slice::from_ref(target),
        LinkEnd::Directory(files) => files,
    };
    let (foreign, denial) = target.iter().find_map(|target| match may(target) {
        Permission::Denied(denial) => Some((target, denial)),
        Permission::Allowed(_) => None,
    })?;
    let agent = &ownership.manifest().agent(subject.agent).id.value;
    let message = format!("{branch} links {path} to {foreign}, which {agent} may not change");
    let finding = finding(path, message);
    Some(match denial.span() {
        Some(span) => finding.label(span, "this line says so"),
        None => finding,
    })
}

fn finding(path: &RepoPath, message: String) -> Finding {
    Finding::new(Code::LinkLeaves, message)
        .at(path)
        .note("who follows the link would read or write what is not this agent's")
        .hint("link to a file of the agent's own, or copy what is needed")
}
