//! Whether a refusal is the fault of a target that is not up to date.

use super::Context;
use super::attribution::Attribution;
use crate::repo::{Repo, Scope};
use crate::verdict::{self, Subject, Work};
use crate::words::{Finding, ObjectId, Result, Severity, shell_word};

/// The branch that the target follows, where it has more than the target.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    /// For people: `origin/main`.
    name: String,
    /// Its commit.
    commit: ObjectId,
}

impl Upstream {
    /// What the target `name` with the commit `target` follows by the configuration.
    pub(super) fn of(
        repo: &Repo,
        scope: &Scope,
        name: &str,
        target: ObjectId,
    ) -> Result<Option<Self>> {
        if *scope != Scope::Local {
            return Ok(None);
        }
        let Some((full, commit)) = repo.upstream(name)? else {
            return Ok(None);
        };
        let is_behind = commit != target && repo.is_ancestor(target, commit)?;
        let prefixes = ["refs/remotes/", "refs/heads/"];
        let short = prefixes.iter().find_map(|prefix| full.strip_prefix(prefix));
        let name = short.unwrap_or(&full).to_owned();
        Ok(is_behind.then_some(Self { name, commit }))
    }
}

/// `findings` about a branch of `agent`, where those that vanish if the branch may build on the
/// target's upstream as well say that the target is to be updated. They stay what they are: the
/// configuration, which says what is upstream, has no say in a verdict.
pub(super) fn advise(
    context: &Context,
    subject: Subject<'_>,
    findings: Vec<Finding>,
    work: impl FnOnce(&Attribution<'_>) -> Result<Work>,
) -> Vec<Finding> {
    if super::worst(&findings) != Severity::Refusal {
        return findings;
    }
    // A failure here is none of the judgement: the refusal stands, with the advice that it has.
    match against_upstream(context, subject, work) {
        Ok(Some((upstream, remaining))) => findings
            .into_iter()
            .map(|finding| update(context, upstream, finding, &remaining))
            .collect(),
        Ok(None) | Err(_) => findings,
    }
}

fn against_upstream<'a>(
    context: &'a Context,
    subject: Subject<'_>,
    work: impl FnOnce(&Attribution<'_>) -> Result<Work>,
) -> Result<Option<(&'a Upstream, Vec<Finding>)>> {
    let Some(upstream) = context.upstream()? else {
        return Ok(None);
    };
    let attribution = Attribution::on_top_of(context, subject.agent, upstream.commit)?;
    let remaining = verdict::judge(&context.ownership, subject, &work(&attribution)?);
    Ok(Some((upstream, remaining)))
}

fn update(
    context: &Context,
    upstream: &Upstream,
    finding: Finding,
    remaining: &[Finding],
) -> Finding {
    let remains = |other: &Finding| (other.code, &other.path) == (finding.code, &finding.path);
    if finding.code.severity() != Severity::Refusal || remaining.iter().any(remains) {
        return finding;
    }
    let (target, name) = (&context.basis.target, &upstream.name);
    finding
        .note(format!(
            "{target} is behind {name}, which holds this already"
        ))
        .hint(format!(
            "update {target}: `git switch {} && git merge --ff-only {}`",
            shell_word(target),
            shell_word(name),
        ))
}
