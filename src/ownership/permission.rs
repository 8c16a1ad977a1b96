//! Who may change a path, and why.

use super::always::{Always, always};
use super::claims::{Claim, Matches, Ownership, Role};
use crate::manifest::{AgentId, Unowned};
use crate::words::{RepoPath, Span};

/// What protects a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtectedBy {
    /// It is protected in every repository.
    Always(Always),
    /// A verify command names it: the place of the command.
    VerifyWord(Span),
    /// `protected` in the manifest: the place of the pattern.
    Manifest(Span),
}

/// The rule that decides about a path, whoever asks (what an agent forbids itself aside).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Only agents that are trusted with it may change it.
    Protected(ProtectedBy),
    /// Only the agents of a shared entry may change it.
    Shared {
        /// The index of the entry.
        entry: usize,
        /// The place of its pattern.
        claim: Span,
    },
    /// Only its owner may change it.
    Owned {
        /// The owner.
        owner: AgentId,
        /// The place of the owner's pattern.
        claim: Span,
    },
    /// Nobody claims it.
    Unowned,
}

/// Whether an agent may change a path, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It may.
    Allowed(Grant),
    /// It may not.
    Denied(Denial),
}

/// What allows a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The path is protected, and the agent is trusted with it.
    Trusted {
        /// What protects it.
        by: ProtectedBy,
        /// The place of the pattern in `trusted_with`.
        claim: Span,
    },
    /// The agent shares it.
    Shared {
        /// The index of the entry.
        entry: usize,
        /// The place of its pattern.
        claim: Span,
    },
    /// The agent owns it.
    Owner {
        /// The place of its pattern.
        claim: Span,
    },
    /// Nobody claims it, and the manifest allows that.
    Unowned,
    /// Nobody claims it, and the manifest wants a warning.
    UnownedWarning,
}

/// What forbids a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The path is protected, and the agent is not trusted with it.
    Protected(ProtectedBy),
    /// The agent's own entry forbids it.
    Forbidden {
        /// The place of the pattern.
        claim: Span,
    },
    /// Others share it.
    SharedByOthers {
        /// The index of the entry.
        entry: usize,
        /// The place of its pattern.
        claim: Span,
    },
    /// Another agent owns it.
    OwnedByAnother {
        /// The owner.
        owner: AgentId,
        /// The place of the owner's pattern.
        claim: Span,
    },
    /// Nobody owns it, and the manifest denies that.
    Unowned,
}

/// Everything that is to be said of who may change a path.
#[derive(Clone, Debug)]
pub struct Who<'a> {
    /// The rule that decides.
    pub decision: Decision,
    /// Every claim and exception that matches, ordered by role.
    pub claims: Vec<Standing<'a>>,
    /// Every agent, in order, and whether it may.
    pub agents: Vec<(AgentId, Permission)>,
}

/// A claim that matches a path, and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// Whether it is the one that decides.
    pub decides: bool,
    /// The exception that takes the path out of its set again, if there is one.
    pub excepted_by: Option<Span>,
}

impl Permission {
    /// Whether the change is allowed.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

impl Denial {
    /// The place of the pattern or command that decides, if it is one of the manifest.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Protected(ProtectedBy::Always(_)) | Self::Unowned => None,
            Self::Protected(ProtectedBy::VerifyWord(span) | ProtectedBy::Manifest(span))
            | Self::Forbidden { claim: span }
            | Self::SharedByOthers { claim: span, .. }
            | Self::OwnedByAnother { claim: span, .. } => Some(*span),
        }
    }
}

impl Decision {
    /// The place of the pattern or command that decides, if it is one of the manifest.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Protected(ProtectedBy::Always(_)) | Self::Unowned => None,
            Self::Protected(ProtectedBy::VerifyWord(span) | ProtectedBy::Manifest(span))
            | Self::Shared { claim: span, .. }
            | Self::Owned { claim: span, .. } => Some(*span),
        }
    }
}

impl Ownership {
    /// The rule that decides about `path`, which is that of a file, a link or a submodule.
    pub fn decide(&self, path: &RepoPath) -> Decision {
        self.decide_among(&self.claims_on(path), path)
    }

    /// Whether `agent` may change `path`, by the first rule that applies: protected, forbidden,
    /// shared, owned, unowned.
    pub fn permission(&self, agent: AgentId, path: &RepoPath) -> Permission {
        let matches = self.claims_on(path);
        let decision = self.decide_among(&matches, path);
        self.permission_among(&matches, decision, agent)
    }

    /// The agents to whom the rule that decides about `path` gives it, in order; nobody where it is
    /// unowned, whatever the policy.
    pub fn holders(&self, path: &RepoPath) -> Vec<AgentId> {
        let matches = self.claims_on(path);
        match self.decide_among(&matches, path) {
            Decision::Protected(_) => {
                let trusted = matches.sets().filter_map(|claim| match claim.role {
                    Role::TrustedWith(agent) => Some(agent),
                    _ => None,
                });
                trusted.collect()
            }
            Decision::Shared { entry, .. } => {
                let members = self.manifest().shared[entry].agents.iter();
                let mut members: Vec<_> = members.map(|member| member.value).collect();
                members.sort_unstable();
                members
            }
            Decision::Owned { owner, .. } => vec![owner],
            Decision::Unowned => Vec::new(),
        }
    }

    /// The place of the pattern by which `agent` is trusted with `path`, protected or not: a
    /// submodule needs that.
    pub fn trusted(&self, agent: AgentId, path: &RepoPath) -> Option<Span> {
        self.claims_on(path)
            .in_set(Role::TrustedWith(agent))
            .map(|claim| claim.span)
    }

    /// Everything about who may change `path`.
    pub fn who<'a>(&'a self, path: &RepoPath) -> Who<'a> {
        let matches = self.claims_on(path);
        let decision = self.decide_among(&matches, path);
        let standing = |claim: &'a Claim| Standing {
            claim,
            decides: !claim.exception && decision.span() == Some(claim.span),
            excepted_by: (!claim.exception)
                .then(|| {
                    matches
                        .exception(claim.role)
                        .map(|exception| exception.span)
                })
                .flatten(),
        };
        let agents = self.manifest().agent_ids();
        Who {
            decision,
            claims: matches.all().iter().copied().map(standing).collect(),
            agents: agents
                .map(|agent| (agent, self.permission_among(&matches, decision, agent)))
                .collect(),
        }
    }

    fn decide_among(&self, matches: &Matches, path: &RepoPath) -> Decision {
        if let Some(kind) = always(path) {
            return Decision::Protected(ProtectedBy::Always(kind));
        }
        if let Some(command) = self.verify_word(path) {
            return Decision::Protected(ProtectedBy::VerifyWord(command));
        }
        // Roles are ordered as the rules are.
        let decision = matches.sets().find_map(|claim| match claim.role {
            Role::Protected => Some(Decision::Protected(ProtectedBy::Manifest(claim.span))),
            Role::TrustedWith(_) | Role::Forbids(_) => None,
            Role::Shared(entry) => Some(Decision::Shared {
                entry,
                claim: claim.span,
            }),
            Role::Owns(owner) => Some(Decision::Owned {
                owner,
                claim: claim.span,
            }),
        });
        decision.unwrap_or(Decision::Unowned)
    }

    fn permission_among(
        &self,
        matches: &Matches,
        decision: Decision,
        agent: AgentId,
    ) -> Permission {
        if let Decision::Protected(by) = decision {
            return match matches.in_set(Role::TrustedWith(agent)) {
                Some(claim) => Permission::Allowed(Grant::Trusted {
                    by,
                    claim: claim.span,
                }),
                None => Permission::Denied(Denial::Protected(by)),
            };
        }
        if let Some(claim) = matches.in_set(Role::Forbids(agent)) {
            return Permission::Denied(Denial::Forbidden { claim: claim.span });
        }
        match decision {
            Decision::Shared { entry, claim } => {
                let agents = &self.manifest().shared[entry].agents;
                if agents.iter().any(|member| member.value == agent) {
                    Permission::Allowed(Grant::Shared { entry, claim })
                } else {
                    Permission::Denied(Denial::SharedByOthers { entry, claim })
                }
            }
            Decision::Owned { owner, claim } if owner == agent => {
                Permission::Allowed(Grant::Owner { claim })
            }
            Decision::Owned { owner, claim } => {
                Permission::Denied(Denial::OwnedByAnother { owner, claim })
            }
            Decision::Unowned | Decision::Protected(_) => match self.manifest().unowned {
                Unowned::Deny => Permission::Denied(Denial::Unowned),
                Unowned::Warn => Permission::Allowed(Grant::UnownedWarning),
                Unowned::Allow => Permission::Allowed(Grant::Unowned),
            },
        }
    }
}

#[cfg(test)]
mod tests;
