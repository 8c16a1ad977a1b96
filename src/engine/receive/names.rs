//! Names of refs that nobody may push.

use super::super::Context;
use crate::ownership::{Rival, TakenNames};
use crate::repo::{PassRef, Publication};
use crate::words::{Code, Finding, Result, folded};

/// The places below `refs/` that nobody may push to, and why.
const RESERVED: [(&str, &str); 2] = [
    (
        "replace",
        "git would show other objects in place of those that were judged",
    ),
    (
        "gate",
        "gate keeps its own records there; what may come is what `gate publish` and `gate verify` write",
    ),
];
/// Where branches are.
const HEADS: &str = "heads";
/// What git calls that which is checked out.
const HEAD: &[u8] = b"head";

/// Fails if nobody may push a ref of this name. Whether what it publishes may be published, and whether a
/// pass is one, is another question.
pub(super) fn check(name: &str) -> Result<()> {
    let refuse = |what: &str, why: &str, hint: &str| {
        let message = format!("nobody may push {what}: {why}");
        Err(Box::new(
            Finding::new(Code::ReservedRef, message).hint(hint),
        ))
    };
    let push_a_branch = "push a branch: `git push REMOTE COMMIT:refs/heads/BRANCH`";
    let below = name.strip_prefix("refs/");
    let Some((place, short)) = below.and_then(|below| below.split_once('/')) else {
        let why = "a ref has two levels below refs/, such as refs/heads/BRANCH";
        return refuse(name, why, push_a_branch);
    };
    // Some systems open the one file under the name of the other.
    let plain = folded(place.as_bytes());
    let to = format!("to refs/{place}/");
    if Publication::of_ref(name).is_some() || PassRef::of_ref(name).is_some() {
        return Ok(());
    }
    if let Some((_, why)) = RESERVED.iter().find(|(kept, _)| plain == kept.as_bytes()) {
        return refuse(&to, why, "leave it out of the push");
    }
    if plain == HEADS.as_bytes() && place != HEADS {
        let why = "some systems take it for refs/heads/";
        return refuse(&to, why, push_a_branch);
    }
    if place == HEADS && folded(short.as_bytes()) == HEAD {
        let what = format!("a branch called {short}");
        let why = "git calls what is checked out by that name, or some systems do";
        return refuse(&what, why, "give the branch another name");
    }
    Ok(())
}

/// The names of branches that nobody else may take.
pub(super) fn taken(context: &Context) -> TakenNames {
    let of_agents = context.branches.iter();
    let existing = of_agents.flat_map(|(agent, branches)| {
        let names = branches.iter().map(|branch| branch.name.as_str());
        names.map(|name| (*agent, name))
    });
    TakenNames::new(&context.ownership, existing)
}

/// The refusal of a new branch that some systems take for the target, the integration branch or an
/// agent's, or beside which git could not keep one of these, and that is not the same agent's.
pub(super) fn rival(context: &Context, taken: &TakenNames, name: &str) -> Option<Finding> {
    let agent = context.ownership.agent_of_branch(name);
    let (message, hint) = match taken.rival(name, agent)? {
        Rival::Twin(other) => (
            format!("some systems take the new branch {name} for {other}"),
            "give it a name that differs in more than case or the form of its characters",
        ),
        Rival::InTheWay(other) => (
            format!("git cannot keep the new branch {name} beside {other}"),
            "give it another name: no branch can be a folder of another one",
        ),
    };
    Some(Finding::new(Code::NameCollision, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_may_push_is_known_in_every_disguise() {
        for (name, passes) in [
            ("refs/heads/main", true),
            ("refs/heads/replace/x", true),
            ("refs/heads/gate/integration", true),
            ("refs/heads/topic/HEAD", true),
            ("refs/tags/HEAD", true),
            ("refs/heads/HEAD", false),
            ("refs/heads/Head", false),
            ("refs/tags/gate", true),
            ("refs/notes/commits", true),
            ("refs/replaced/x", true),
            ("refs/replace/1", false),
            ("refs/Replace/1", false),
            ("refs/re\u{200c}place/1", false),
            ("refs/gate/milestones/core/api", true),
            ("refs/gate/finished/core", true),
            ("refs/gate/milestones/core", false),
            ("refs/gate/milestones/core/api/x", false),
            ("refs/gate/Milestones/core/api", false),
            ("refs/gate/run/1", false),
            (
                "refs/gate/passes/1111111111111111111111111111111111111111/1111111111111111111111111111111111111111",
                true,
            ),
            ("refs/gate/passes/1/1", false),
            ("refs/GATE/x", false),
            ("refs/Heads/main", false),
            ("refs/replace", false),
            ("HEAD", false),
            ("heads/main", false),
        ] {
            let code = check(name).err().map(|error| error.code);
            assert_eq!(code, (!passes).then_some(Code::ReservedRef), "{name}");
        }
    }

    #[test]
    fn a_ref_without_a_place_is_told_what_is_missing() {
        let refused = check("refs/stash").expect_err("refused");
        assert!(refused.message.contains("two levels below refs/"));
    }
}
