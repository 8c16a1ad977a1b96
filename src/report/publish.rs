//! The layout of `gate publish`.

use crate::engine::PublishOutcome;

/// What was published, who waits for it, and how it reaches others.
pub(super) fn closing(outcome: &PublishOutcome) -> Vec<String> {
    let (agent, at) = (&outcome.agent, outcome.commit.short());
    let what = match &outcome.milestone {
        Some(milestone) => format!("{agent}@{milestone}"),
        None => agent.clone(),
    };
    let verb = match outcome.milestone {
        Some(_) => "is published",
        None => "has finished",
    };
    let first = match outcome.before {
        None => format!("{what} {verb} at {at}"),
        Some(before) if before == outcome.commit => format!("{what} {verb} at {at} already"),
        Some(before) => format!("{what} {verb} further on, {}..{at}", before.short()),
    };
    let share = format!("share it: `git push REMOTE {}`", outcome.reference);
    vec![first, who(outcome, &what), share]
}

/// Who depends on `what`; of an agent that has finished also who depends on a milestone of it alone.
fn who(outcome: &PublishOutcome, what: &str) -> String {
    let on_milestones = outcome.milestone_dependents.iter();
    let on_milestones: Vec<_> = on_milestones
        .map(|it| format!("{} on {what}@{}", it.agent, it.milestone))
        .collect();
    let whole = match outcome.dependents.as_slice() {
        [] if on_milestones.is_empty() => format!("nobody depends on {what}"),
        [] => format!("nobody depends on the whole of {what}"),
        [one] => format!("{one} depends on it"),
        several => format!("{} depend on it", several.join(", ")),
    };
    [&[whole], &on_milestones[..]].concat().join(", ")
}
