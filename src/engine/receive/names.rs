//! Names of refs that nobody may push.

use super::super::Context;
use crate::repo::Publication;
use crate::words::{Code, Finding, Result, folded};

/// The places below `refs/` that nobody may push to, and why.
const RESERVED: [(&str, &str); 2] = [
    (
        "replace",
        "git would show other objects in place of those that were judged",
    ),
    (
        "gate",
        "gate keeps its own records there; what may come is what `gate publish` writes",
    ),
];
/// Where branches are.
const HEADS: &str = "heads";

/// Fails if nobody may push a ref of this name. Whether what it publishes may be published is another
/// question.
pub(super) fn check(name: &str) -> Result<()> {
    let refuse = |what: &str, why: &str, hint: &str| {
        let message = format!("nobody may push {what}: {why}");
        Err(Box::new(
            Finding::new(Code::ReservedRef, message).hint(hint),
        ))
    };
    let push_a_branch = "push a branch: `git push REMOTE COMMIT:refs/heads/BRANCH`";
    let below = name.strip_prefix("refs/");
    let Some((place, _)) = below.and_then(|below| below.split_once('/')) else {
        let why = "a ref has a place below refs/, such as refs/heads/";
        return refuse(name, why, push_a_branch);
    };
    // Some systems open the one file under the name of the other.
    let plain = folded(place.as_bytes());
    let to = format!("to refs/{place}/");
    if Publication::of_ref(name).is_some() {
        return Ok(());
    }
    if let Some((_, why)) = RESERVED.iter().find(|(kept, _)| plain == kept.as_bytes()) {
        return refuse(&to, why, "leave it out of the push");
    }
    if plain == HEADS.as_bytes() && place != HEADS {
        let why = "some systems take it for refs/heads/";
        return refuse(&to, why, push_a_branch);
    }
    Ok(())
}

/// The refusal of a new branch that some systems take for the target, the integration branch or an
/// agent's, and that is not the same agent's.
pub(super) fn rival(context: &Context, name: &str) -> Option<Finding> {
    let agent = context.ownership.agent_of_branch(name);
    let of_agents = context.branches.iter();
    let mut taken = of_agents
        .filter(|(other, _)| Some(**other) != agent)
        .flat_map(|(_, branches)| branches)
        .map(|branch| branch.name.as_str())
        .chain([
            context.basis.target.as_str(),
            context.ownership.manifest().integration.as_str(),
        ]);
    let plain = folded(name.as_bytes());
    let rival = taken.find(|taken| *taken != name && folded(taken.as_bytes()) == plain)?;
    let message = format!("some systems take the new branch {name} for {rival}");
    let hint = "give it a name that differs in more than case or the form of its characters";
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
}
