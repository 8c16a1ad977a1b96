//! The reasons to object to a change, each with its sentence, the lines of the manifest that
//! decide, and the one thing to do next.
//!
//! The advice is safe for an agent to follow: it never says to widen a claim, to switch the gate
//! off, or to rewrite the work of somebody else.

use super::{Edit, Subject};
use crate::manifest::AgentId;
use crate::ownership::{Denial, Ownership, ProtectedBy};
use crate::words::{Change, Code, Entry, Finding, ObjectId, Span};

/// What a finding that a single commit gives reason for says besides.
pub(super) const EVERY_COMMIT_COUNTS: &str =
    "every commit counts: one more that takes it back does not undo it";

/// A change that is objected to, and where it was found.
pub(super) struct Offence<'a> {
    pub subject: Subject<'a>,
    pub change: &'a Change,
    /// The newest commit that makes it, where commits are judged.
    pub commit: Option<ObjectId>,
    /// Whether only a single commit makes it, and the branch as a whole does not.
    pub passing: bool,
}

/// Why a change is objected to.
pub(super) enum Reason {
    /// The agent may not change the path.
    Denied(Denial),
    /// A submodule changes only with `trusted_with`.
    Submodule,
    /// The rule of a shared entry allows nothing but lines at the end.
    NotAppended {
        /// The index of the entry.
        entry: usize,
        /// What the change does to lines, where it goes from one file to another.
        edit: Option<Edit>,
    },
    /// Nobody owns the path, and the manifest wants to hear of it.
    UnownedWarning,
}

impl Reason {
    /// The finding about `offence`.
    pub(super) fn finding(&self, ownership: &Ownership, offence: &Offence<'_>) -> Finding {
        let sentence = Sentence { ownership, offence };
        match self {
            Self::Denied(Denial::Protected(by)) => sentence.protected(*by),
            Self::Denied(Denial::Forbidden { claim }) => sentence.forbidden(*claim),
            Self::Denied(Denial::SharedByOthers { entry, claim }) => {
                sentence.shared_by_others(*entry, *claim)
            }
            Self::Denied(Denial::OwnedByAnother { owner, claim }) => {
                sentence.owned_by_another(*owner, *claim)
            }
            Self::Denied(Denial::Unowned) => sentence.unowned(),
            Self::Submodule => sentence.submodule(),
            Self::NotAppended { entry, edit } => sentence.not_appended(*entry, *edit),
            Self::UnownedWarning => sentence.unowned_warning(),
        }
    }
}

/// What one reason makes of one offence.
struct Sentence<'a> {
    ownership: &'a Ownership,
    offence: &'a Offence<'a>,
}

impl Sentence<'_> {
    fn protected(&self, by: ProtectedBy) -> Finding {
        let (what, label) = match by {
            ProtectedBy::Always(kind) => (kind.reason().to_owned(), None),
            ProtectedBy::VerifyWord(span) => (
                "a verify command names it".to_owned(),
                Some((span, "this command names it")),
            ),
            ProtectedBy::Manifest(span) => (
                "the manifest protects it".to_owned(),
                Some((span, "protected here")),
            ),
        };
        let why = format!(
            "it is protected ({what}), and {} is not trusted with it",
            self.agent()
        );
        let finding = self.finding(Code::Protected, &why);
        let finding = match label {
            Some((span, text)) => finding.label(span, text),
            None => finding.label(self.agent_span(), "this agent is not trusted with it"),
        };
        finding.hint(format!(
            "{}; whoever keeps the manifest decides who is trusted with it",
            self.take_out()
        ))
    }

    fn forbidden(&self, claim: Span) -> Finding {
        self.finding(
            Code::Forbidden,
            &format!("{} is told not to touch it", self.agent()),
        )
        .label(claim, "forbidden here")
        .hint(self.take_out())
    }

    fn shared_by_others(&self, entry: usize, claim: Span) -> Finding {
        let manifest = self.ownership.manifest();
        let names: Vec<_> = manifest.shared[entry]
            .agents
            .iter()
            .map(|agent| self.name(agent.value))
            .collect();
        let names = names.join(", ");
        self.finding(Code::SharedByOthers, &format!("only {names} may change it"))
            .label(claim, format!("shared by {names}"))
            .hint(format!(
                "{}, or ask one of {names} to make the change",
                self.take_out()
            ))
    }

    fn owned_by_another(&self, owner: AgentId, claim: Span) -> Finding {
        let owner = self.name(owner);
        self.finding(Code::OwnedByAnother, &format!("it belongs to {owner}"))
            .label(claim, format!("owned by {owner}"))
            .hint(format!(
                "{}, or ask {owner} to make the change",
                self.take_out()
            ))
    }

    fn unowned(&self) -> Finding {
        self.finding(
            Code::Unowned,
            "nobody owns it, and the manifest denies such changes",
        )
        .label(self.agent_span(), "this agent does not own it")
        .hint(format!(
            "{}; whoever keeps the manifest decides who owns it",
            self.take_out()
        ))
    }

    fn submodule(&self) -> Finding {
        self.finding(
            Code::Submodule,
            "it is a submodule, and those need `trusted_with`",
        )
        .label(self.agent_span(), "this agent is not trusted with it")
        .hint(format!(
            "{}; whoever keeps the manifest decides",
            self.take_out()
        ))
    }

    fn not_appended(&self, entry: usize, edit: Option<Edit>) -> Finding {
        let change = self.offence.change;
        let mode = |entry: Option<Entry>| entry.map(|entry| entry.mode);
        let is_other_kind = change.after.is_none() || mode(change.before) != mode(change.after);
        let why = match edit {
            Some(Edit::Rewrites { line }) if !is_other_kind => {
                format!("only lines at its end may be added, and line {line} is not as it was")
            }
            _ => "only lines at its end may be added".to_owned(),
        };
        let rule = self.ownership.manifest().shared[entry].rule.span;
        self.finding(Code::AppendOnly, &why)
            .label(rule, "this is the rule for it")
            .hint(match self.offence.commit {
                None => format!("leave {} as it was, and add lines at its end", change.path),
                Some(_) => format!(
                    "rewrite {} so that each commit only adds lines at the end of {}",
                    self.offence.subject.branch, change.path
                ),
            })
    }

    fn unowned_warning(&self) -> Finding {
        let Offence {
            subject, change, ..
        } = self.offence;
        let message = format!(
            "{} {}, which nobody owns",
            self.done(subject.branch),
            change.path
        );
        self.located(Finding::new(Code::UnownedWarning, message))
            .hint("whoever keeps the manifest decides who owns it")
    }

    fn finding(&self, code: Code, why: &str) -> Finding {
        let Offence {
            subject, change, ..
        } = self.offence;
        let message = format!("{} {}: {why}", self.done(subject.branch), change.path);
        self.located(Finding::new(code, message))
    }

    /// What happened: `agent/a added`, or that a single commit of it did.
    fn done(&self, branch: &str) -> String {
        let verb = self.offence.change.verb();
        match self.offence.commit {
            Some(commit) if self.offence.passing => {
                format!("commit {} of {branch} {verb}", commit.short())
            }
            _ => format!("{branch} {verb}"),
        }
    }

    fn located(&self, finding: Finding) -> Finding {
        let finding = finding.at(&self.offence.change.path);
        match self.offence.commit {
            Some(commit) => finding.in_commit(commit).note(EVERY_COMMIT_COUNTS),
            None => finding,
        }
    }

    /// How to undo the change.
    fn take_out(&self) -> String {
        let Offence {
            subject,
            change,
            commit,
            ..
        } = self.offence;
        match commit {
            None => format!(
                "take the change to {} out of {}",
                change.path, subject.branch
            ),
            Some(_) => format!("rewrite {} without it", subject.branch),
        }
    }

    fn agent(&self) -> &str {
        self.name(self.offence.subject.agent)
    }

    fn agent_span(&self) -> Span {
        self.ownership
            .manifest()
            .agent(self.offence.subject.agent)
            .id
            .span
    }

    fn name(&self, agent: AgentId) -> &str {
        &self.ownership.manifest().agent(agent).id.value
    }
}
