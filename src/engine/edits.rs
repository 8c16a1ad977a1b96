//! What changes do to the lines of files. Contents are read only where a rule asks for that.

use crate::manifest::SharedRule;
use crate::ownership::{Decision, Ownership};
use crate::repo::Objects;
use crate::verdict::{Edit, Edits};
use crate::words::{Change, Finding, RepoPath, Result};

/// How large a file under a rule about lines may be.
pub(super) const MAX_FILE: u64 = 64 * 1024 * 1024;

/// The rule under which those who share `path` may change it; `None` if nobody shares it.
pub(super) fn rule_of(ownership: &Ownership, path: &RepoPath) -> Option<SharedRule> {
    match ownership.decide(path) {
        Decision::Shared { entry, .. } => Some(ownership.manifest().shared[entry].rule.value),
        Decision::Protected(_) | Decision::Owned { .. } | Decision::Unowned => None,
    }
}

/// Whether any path is shared under `rule`.
pub(super) fn has_rule(ownership: &Ownership, rule: SharedRule) -> bool {
    let mut entries = ownership.manifest().shared.iter();
    entries.any(|entry| entry.rule.value == rule)
}

/// What `changes` do to the lines of the files that only lines may be added to.
///
/// # Errors
/// [`crate::words::Code::TooLarge`] if such a file has more than 64 MiB.
pub(super) fn edits(ownership: &Ownership, objects: &Objects, changes: &[Change]) -> Result<Edits> {
    let mut edits = Edits::new();
    if !has_rule(ownership, SharedRule::AppendOnly) {
        return Ok(edits);
    }
    for change in changes {
        let (Some(before), Some(after)) = (change.before, change.after) else {
            continue;
        };
        let is_of_a_file = before.mode == after.mode && before.mode.is_regular();
        if is_of_a_file && rule_of(ownership, &change.path) == Some(SharedRule::AppendOnly) {
            let content = |id| {
                let content = objects.blob(id, MAX_FILE);
                content.map_err(|finding: Box<Finding>| Box::new(finding.at(&change.path)))
            };
            let edit = Edit::between(&content(before.id)?, &content(after.id)?);
            edits.insert(change.path.clone(), edit);
        }
    }
    Ok(edits)
}
