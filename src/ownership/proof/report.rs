//! The proof's findings, in words.

use super::super::claims::{Claim, Ownership, Role};
use super::super::pattern::Pattern;
use crate::manifest::AgentId;
use crate::words::{Code, Finding, RepoPath, Span, quote};

/// One side of an overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// The claims of this role.
    Claims(Role),
    /// The branches of this agent.
    Branch(AgentId),
}

/// Two claims that give the same path to different agents.
pub(super) fn overlap(
    ownership: &Ownership,
    one: &Claim,
    two: &Claim,
    witness: &RepoPath,
    tracked: bool,
) -> Finding {
    // Whoever owns goes first; among owners, the order of the manifest's agents.
    let shared_first = matches!((one.role, two.role), (Role::Shared(_), Role::Owns(_)));
    let (one, two) = if shared_first { (two, one) } else { (one, two) };
    let (first, second) = (holder(ownership, one.role), holder(ownership, two.role));
    let message = match (one.role, two.role) {
        (Role::Owns(_), Role::Shared(_)) if tracked => {
            format!("{first} owns `{witness}`, which is shared by {second}")
        }
        (Role::Owns(_), Role::Shared(_)) => {
            format!("{first} could own `{witness}`, which would be shared by {second}")
        }
        (Role::Shared(_), _) => {
            format!("`{witness}` is shared twice, by {first} and by {second}")
        }
        (Role::TrustedWith(_), _) => {
            format!("{first} and {second} are both trusted with `{witness}`")
        }
        _ if tracked => format!("{first} and {second} both own `{witness}`"),
        _ => format!("{first} and {second} could both own `{witness}`"),
    };
    let finding = Finding::new(Code::Overlap, message)
        .at(witness)
        .label(one.span, format!("{} {first}", held(one.role)))
        .label(two.span, format!("{} {second}", held(two.role)));
    finding.hint(match (one.role, two.role) {
        (Role::Owns(_), Role::Owns(_)) => {
            "agree with both whose it is and narrow the other claim (`except` takes paths out), or \
             list the path under `shared` if both must change it"
        }
        (Role::TrustedWith(_), _) => {
            "agree with both who is trusted with it, and narrow the other `trusted_with`"
        }
        _ => {
            "agree with everybody named here who may change it, and take it out of the other entry \
              with `except`"
        }
    })
}

/// Two claims of which it is not known whether they meet. `whole`: others had used up the budget.
pub(super) fn unproven(ownership: &Ownership, one: &Claim, two: &Claim, whole: bool) -> Finding {
    let (first, second) = (holder(ownership, one.role), holder(ownership, two.role));
    let message = format!(
        "it is not proven that `{}` and `{}` have no path in common: the search was given up",
        one.pattern, two.pattern
    );
    Finding::new(Code::Unproven, message)
        .label(one.span, format!("{} {first}", held(one.role)))
        .label(two.span, format!("{} {second}", held(two.role)))
        .hint(if whole {
            WHOLE
        } else {
            "write one of them with fewer wildcards, best with a directory of its own in front"
        })
}

const WHOLE: &str = "all claims together took too long to compare, and these two may not be the reason: write \
                     those with the most wildcards more plainly, best with a directory in front";

/// More pairs of patterns than can be looked at.
pub(super) fn too_many(what: &str) -> Finding {
    let message = format!(
        "it is not proven that no two agents have {what} in common: there are too many patterns \
         with wildcards to compare them all"
    );
    Finding::new(Code::Unproven, message)
        .hint("write most of them with a directory of their own in front")
}

/// Two branch patterns that fit one branch.
pub(super) fn branch_overlap(
    ownership: &Ownership,
    one: &(AgentId, Pattern, Span),
    two: &(AgentId, Pattern, Span),
    witness: &[u8],
) -> Finding {
    let (first, second) = (name(ownership, one.0), name(ownership, two.0));
    let witness = quote(witness);
    let message = format!("the branch `{witness}` would belong to both {first} and {second}");
    of_both(ownership, one, two, message)
}

/// Two branch patterns that fit branches which some system takes for one.
pub(super) fn branch_twins(
    ownership: &Ownership,
    one: &(AgentId, Pattern, Span),
    two: &(AgentId, Pattern, Span),
    witness: &[u8],
) -> Finding {
    let (first, second) = (name(ownership, one.0), name(ownership, two.0));
    let witness = quote(witness);
    let message = format!(
        "{first} and {second} could have branches that some systems take for one, `{witness}`"
    );
    of_both(ownership, one, two, message)
}

fn of_both(
    ownership: &Ownership,
    one: &(AgentId, Pattern, Span),
    two: &(AgentId, Pattern, Span),
    message: String,
) -> Finding {
    let (first, second) = (name(ownership, one.0), name(ownership, two.0));
    Finding::new(Code::BranchOverlap, message)
        .label(one.2, format!("a branch of {first}"))
        .label(two.2, format!("a branch of {second}"))
        .hint("give each agent branches of its own: without wildcards, or below a name of its own")
}

/// Two branch patterns of which it is not known whether they meet. `whole`: see [`unproven`].
pub(super) fn branch_unproven(
    ownership: &Ownership,
    one: &(AgentId, Pattern, Span),
    two: &(AgentId, Pattern, Span),
    whole: bool,
) -> Finding {
    let message = format!(
        "it is not proven that no branch fits both `{}` and `{}`: the search was given up",
        one.1, two.1
    );
    Finding::new(Code::Unproven, message)
        .label(one.2, format!("a branch of {}", name(ownership, one.0)))
        .label(two.2, format!("a branch of {}", name(ownership, two.0)))
        .hint(if whole {
            WHOLE
        } else {
            "write one of them with fewer wildcards"
        })
}

/// So many findings that the search for more was given up.
pub(super) fn given_up(found: usize) -> Finding {
    let message = format!("after {found} such errors the search was given up: there may be more");
    Finding::new(Code::Unproven, message).hint("mend those above, then check again")
}

/// A claim from which nothing is left.
pub(super) fn without_effect(ownership: &Ownership, agent: AgentId, claim: &Claim) -> Finding {
    let agent = name(ownership, agent);
    let message = format!("owning `{}` gives nothing to {agent}", claim.pattern);
    Finding::new(Code::ClaimWithoutEffect, message)
        .label(
            claim.span,
            "all of it is protected, forbidden, shared, excepted again, or no path at all",
        )
        .hint("remove the claim; a protected path is granted by `trusted_with` only")
}

/// A claim that another one contains.
pub(super) fn covered(
    ownership: &Ownership,
    agent: AgentId,
    inner: &Claim,
    outer: &Claim,
) -> Finding {
    let agent = name(ownership, agent);
    let message = format!(
        "{agent} owns `{}` already by `{}`",
        inner.pattern, outer.pattern
    );
    Finding::new(Code::CoveredClaim, message)
        .label(inner.span, "adds nothing")
        .label(outer.span, "covers it")
        .hint("remove the claim that adds nothing")
}

fn name(ownership: &Ownership, agent: AgentId) -> &str {
    &ownership.manifest().agent(agent).id.value
}

fn holder(ownership: &Ownership, role: Role) -> String {
    match role {
        Role::Owns(agent) | Role::TrustedWith(agent) | Role::Forbids(agent) => {
            name(ownership, agent).to_owned()
        }
        Role::Shared(entry) => {
            let agents = &ownership.manifest().shared[entry].agents;
            let names: Vec<&str> = agents.iter().map(|a| name(ownership, a.value)).collect();
            match names.as_slice() {
                [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
                _ => names.concat(),
            }
        }
        Role::Protected => "nobody".to_owned(),
    }
}

fn held(role: Role) -> &'static str {
    match role {
        Role::Owns(_) => "owned by",
        Role::Shared(_) => "shared by",
        Role::TrustedWith(_) => "entrusted to",
        Role::Forbids(_) => "forbidden to",
        Role::Protected => "protected for",
    }
}
