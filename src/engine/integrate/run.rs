//! What tells one run from another.

use super::super::Context;
use crate::words::{ObjectId, Result};

/// The name of a run: a digest of the target, the manifest, the tips and what was published: of all that
/// went into it.
pub(super) fn name(context: &Context) -> Result<ObjectId> {
    let mut parts = vec![
        format!("target {}", context.target),
        format!("manifest {}", context.manifest_id),
    ];
    let at = |tip: &Result<ObjectId>| match tip {
        Ok(tip) => tip.to_string(),
        Err(finding) => finding.code.name().to_owned(),
    };
    for branch in context.branches.values().flatten() {
        parts.push(format!("branch {} {}", branch.name, at(&branch.tip)));
    }
    for (part, commit) in context.published.all() {
        let name = context.publication(part).full_name();
        parts.push(format!("published {name} {}", at(commit)));
    }
    let text = parts.join("\n");
    context.repo.digest(text.as_bytes())
}
