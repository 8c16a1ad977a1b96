//! The steps of an integration: what there is to verify, each on the tree that it will be about if
//! everything before it passes. Whoever has the same branches finds the same steps.

use super::super::{Basis, Context, Interrupt};
use super::foresight::assume;
use super::recipe::List;
use super::verify::Answers;
use crate::manifest::Command;
use crate::repo::{Quarantine, git_version_check};
use crate::words::{ObjectId, Result};
use std::sync::{Mutex, PoisonError};

/// What the verification of the whole is called.
pub(super) const WHOLE: &str = "the whole";
/// The name of its step, which no other can have: theirs end in a digest.
const WHOLE_STEP: &str = "whole";
/// How much of what a step is about is in its name.
const NAME_CHARACTERS: usize = 40;

/// The result of `gate plan --format github-matrix`, and of `gate verify` without a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepsOutcome {
    /// The target and the manifest that the steps are those of.
    pub basis: Basis,
    /// The steps, in the order of an integration.
    pub steps: Vec<PlannedStep>,
}

/// One list of verify commands, on one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// Its name: letters, digits, dashes and underscores, of which the first is no dash.
    pub name: String,
    /// The branch, the checkpoint or the whole.
    pub subject: String,
    /// The tree that the branches up to here come to, if everything before it passes.
    pub tree: ObjectId,
    /// The command lines.
    pub commands: Vec<String>,
}

/// A step, with everything that it takes to verify it.
#[derive(Clone)]
pub(super) struct Step {
    pub name: String,
    pub subject: String,
    pub tree: ObjectId,
    pub commands: Vec<Command>,
    /// Which list of the manifest that is.
    pub list: List,
    /// Whether it is about one branch.
    pub is_branch: bool,
}

/// What a run asks for, in order.
#[derive(Default)]
pub(super) struct Asked(Mutex<Vec<Asking>>);

/// A subject, a tree, and commands with the list that they are.
type Asking = (String, ObjectId, List, Vec<Command>);

impl Asked {
    /// Takes note of a verification.
    pub(super) fn note(&self, subject: &str, tree: ObjectId, list: List, commands: &[Command]) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push((subject.to_owned(), tree, list, commands.to_vec()));
    }
}

/// The steps of an integration in `context`. Branches are judged and merged in memory; nothing is run.
pub fn steps(context: &Context, interrupt: &Interrupt) -> Result<StepsOutcome> {
    git_version_check()?;
    super::refuse_preview(context)?;
    let quarantine = context.repo.quarantine()?;
    let steps = list(context, &quarantine, interrupt)?.into_iter();
    let planned = steps.map(|step| PlannedStep {
        name: step.name,
        subject: step.subject,
        tree: step.tree,
        commands: lines(&step.commands),
    });
    Ok(StepsOutcome {
        basis: context.basis.clone(),
        steps: planned.collect(),
    })
}

/// The lines of `commands`.
fn lines(commands: &[Command]) -> Vec<String> {
    let lines = commands.iter().map(|command| command.run.value.clone());
    lines.collect()
}

/// The steps, with their trees in `quarantine`.
pub(super) fn list(
    context: &Context,
    quarantine: &Quarantine,
    interrupt: &Interrupt,
) -> Result<Vec<Step>> {
    let asked = Asked::default();
    let (queue, _) = assume(context, quarantine, interrupt, Answers::Listed(&asked))?;
    let asked = asked.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut steps: Vec<Step> = Vec::with_capacity(asked.len());
    for (subject, tree, list, commands) in asked {
        // Several checkpoints may be about the same agents.
        let same = steps.iter().filter(|step| step.subject == subject).count();
        let mut branches = queue.candidates.iter();
        steps.push(Step {
            name: name(context, &subject, same)?,
            is_branch: branches.any(|candidate| candidate.branch == subject),
            subject,
            tree,
            commands,
            list,
        });
    }
    Ok(steps)
}

/// The name of the step about `subject` that has so many of the same before it. It depends on these alone:
/// wherever the branch stands, whatever the commands are, its step is called the same.
fn name(context: &Context, subject: &str, same: usize) -> Result<String> {
    if subject == WHOLE {
        return Ok(WHOLE_STEP.to_owned());
    }
    let digest = context.repo.digest(format!("{subject}\n{same}").as_bytes());
    Ok(format!("{}{}", readable(subject), digest?.short()))
}

/// What of a subject can stand in a shell and in the name of a ref as it is, with a dash behind it; nothing
/// if there is nothing of it.
fn readable(subject: &str) -> String {
    let subject = subject.strip_prefix("the ").unwrap_or(subject);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = subject.split(|c| !plain(c)).filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join("-");
    name.truncate(NAME_CHARACTERS);
    if name.is_empty() || name.ends_with('-') {
        return name;
    }
    name + "-"
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_hold_nothing_that_a_shell_or_a_ref_could_take_for_something_else() {
        for (subject, name) in [
            ("agent/core", "agent-core-"),
            ("-agent//core.lock", "agent-core-lock-"),
            ("$(rm -rf ~);`x`'\"&|", "rm-rf-x-"),
            ("the checkpoint after core, ui", "checkpoint-after-core-ui-"),
            ("größe", "gr-e-"),
            ("名", ""),
            ("a_b", "a_b-"),
        ] {
            assert_eq!(readable(subject), name);
        }
        let long = "x".repeat(39) + "/y";
        assert_eq!(readable(&long), "x".repeat(39) + "-");
    }
}
