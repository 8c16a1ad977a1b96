//! Plans of manifests as people write them.

use super::Schedule;
use crate::manifest::{AgentId, Manifest, decode, parse};
use crate::words::Code;

fn manifest(text: &str) -> Manifest {
    let source = decode("ownership.yaml", text.as_bytes()).expect("text");
    parse(source).expect("a manifest")
}

/// A manifest of these agents, each with further keys.
fn agents(agents: &[(&str, &str)]) -> Manifest {
    let agents = agents
        .iter()
        .map(|(name, keys)| format!("  {name}: {{branch: agent/{name}, {keys}}}\n"));
    manifest(&format!(
        "version: 1\nagents:\n{}",
        agents.collect::<String>()
    ))
}

fn names(manifest: &Manifest, agents: &[AgentId]) -> String {
    let names = agents
        .iter()
        .map(|agent| manifest.agent(*agent).id.value.as_str());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_arithmetic_of_real_plans_comes_out_of_their_manifests() {
    for (text, total, longest, path) in [
        (
            include_str!("../../fixtures/tusklang/ownership.yaml"),
            (16, 22),
            (11, 15),
            "a2-errors a3-crypto a6-testing",
        ),
        (
            include_str!("../../fixtures/fleet/ownership.yaml"),
            (330, 330),
            (206, 206),
            "schema db-performance backend-api frontend deployment",
        ),
    ] {
        let manifest = manifest(text);
        let plan = Schedule::of(&manifest);
        assert_eq!(
            (plan.total.low, plan.total.high),
            (total.0 * 1000, total.1 * 1000)
        );
        assert_eq!(
            (plan.longest.low, plan.longest.high),
            (longest.0 * 1000, longest.1 * 1000)
        );
        assert_eq!(names(&manifest, &plan.path), path);
        assert!(plan.untimed.is_empty() && plan.contradictions.is_empty());
    }
}

#[test]
fn a_plan_that_contradicts_itself_is_told() {
    let bulletproof = manifest(include_str!("../../fixtures/bulletproof/ownership.yaml"));
    let plan = Schedule::of(&bulletproof);
    let [finding] = &plan.contradictions[..] else {
        panic!("{:?}", plan.contradictions);
    };
    assert_eq!(finding.code, Code::PlanContradiction);
    assert!(finding.message.contains("testing") && finding.message.contains("performance"));
    assert_eq!(finding.labels.len(), 2);
    // And the narrower of the two is what the plan goes by.
    let beside = plan.beside.expect("few agents");
    let of = |name: &str| {
        let place = bulletproof
            .agents
            .iter()
            .position(|agent| agent.id.value == name);
        names(&bulletproof, &beside[place.expect(name)])
    };
    assert_eq!(of("performance"), "");
    assert_eq!(of("errors"), "architecture testing");
    assert_eq!(of("testing"), "architecture errors");
    assert_eq!(of("architecture"), "errors testing");

    let waiting = agents(&[
        ("a", "beside: [b]"),
        ("b", "depends_on: [c]"),
        ("c", "depends_on: [a]"),
    ]);
    let plan = Schedule::of(&waiting);
    assert_eq!(plan.contradictions.len(), 1);
    assert!(
        plan.contradictions[0]
            .message
            .contains("waits for the other")
    );
}

#[test]
fn waves_are_the_depth_of_dependencies() {
    let manifest = agents(&[
        ("a", "hours: 1"),
        ("b", "depends_on: [a], hours: 0.5-2"),
        ("c", "depends_on: [a, b]"),
        ("d", "priority: 1, hours: 10"),
    ]);
    let plan = Schedule::of(&manifest);
    let waves: Vec<_> = plan
        .waves
        .iter()
        .map(|wave| names(&manifest, wave))
        .collect();
    assert_eq!(waves, ["d a", "b", "c"]);
    assert_eq!(names(&manifest, &plan.order), "d a b c");
    assert_eq!(names(&manifest, &plan.untimed), "c");
    assert_eq!((plan.total.low, plan.total.high), (11_500, 13_000));
    assert_eq!((plan.longest.low, plan.longest.high), (10_000, 10_000));
    assert_eq!(names(&manifest, &plan.path), "d");
    let beside = plan.beside.expect("few agents");
    assert_eq!(names(&manifest, &beside[0]), "d");
    assert_eq!(names(&manifest, &beside[3]), "a b c");
}

#[test]
fn a_chain_of_thousands_is_planned_at_once() {
    use std::fmt::Write as _;
    let mut text = String::from("version: 1\nagents:\n");
    for n in 0..20_000 {
        let on = if n == 0 {
            String::new()
        } else {
            format!(", depends_on: [a{:05}]", n - 1)
        };
        writeln!(text, "  a{n:05}: {{branch: x/{n}, hours: 1{on}}}").expect("a string");
    }
    let plan = Schedule::of(&manifest(&text));
    assert_eq!(plan.longest.high, 20_000_000);
    assert_eq!(plan.waves.len(), 20_000);
    assert!(plan.beside.is_none());
}
