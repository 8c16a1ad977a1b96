//! `gate plan`: what it says of real plans, in every format.

use crate::support::TestRepo;

fn tusklang() -> TestRepo {
    TestRepo::new(include_str!("../fixtures/tusklang/ownership.yaml"), &[])
}

#[test]
fn a_plan_for_people() {
    let run = tusklang().gate(&["plan"]).expect(0);
    insta::assert_snapshot!(run.stdout, @r"
    wave 1
      a2-errors  3-4 h
        beside nobody
        shares paths with a4-imports, a5-types

    wave 2
      a3-crypto  4-6 h
        after a2-errors
        beside a4-imports, a5-types
      a4-imports  2-3 h
        after a2-errors
        beside a3-crypto, a5-types
        shares paths with a2-errors, a5-types
      a5-types  3-4 h
        after a2-errors
        beside a3-crypto, a4-imports
        shares paths with a2-errors, a4-imports

    wave 3
      a6-testing  4-5 h
        after a3-crypto, a4-imports, a5-types
        beside nobody

    merged in this order: a2-errors, a3-crypto, a4-imports, a5-types, a6-testing
    16-22 h one after the other, 11-15 h on the longest path: a2-errors, a3-crypto,
      a6-testing
    the plan of main (main:ownership.yaml): 5 agents in 3 waves
    ");
}

#[test]
fn a_plan_that_contradicts_itself_says_so() {
    let manifest = include_str!("../fixtures/bulletproof/ownership.yaml");
    let repo = TestRepo::new(manifest, &[]);
    for command in [&["plan"][..], &["check", "manifest"]] {
        let run = repo.gate(command).expect(0);
        run.says("testing says that it may work beside performance, and performance that it");
    }
}

#[test]
fn waves_are_said_to_ignore_who_may_not_work_at_the_same_time() {
    let agent = |id: &str, more: &str| {
        format!("  {id}: {{ branch: agent/{id}, owns: [{id}/], hours: 2{more} }}\n")
    };
    let plan = |agents: &[String]| {
        let manifest = format!("version: 1\nagents:\n{}", agents.concat());
        TestRepo::new(&manifest, &[])
            .gate(&["plan", "--format", "concise"])
            .expect(0)
    };
    let said = "waves and paths come from dependencies alone: by `beside`, ";
    let alone = ", beside: []";
    plan(&[agent("a", alone), agent("b", alone), agent("c", alone)]).says(&format!(
        "{said}3 pairs, such as a and b, work one after the other"
    ));
    plan(&[agent("a", alone), agent("b", "")])
        .says(&format!("{said}a and b work one after the other"));
    // Who waits for the other is told by the waves.
    let run = plan(&[agent("a", alone), agent("b", ", depends_on: [a]")]);
    assert!(!run.stdout.contains(said), "{}", run.stdout);
}

#[test]
fn a_milestone_counts_as_the_whole_agent() {
    let manifest = include_str!("../fixtures/fleet/ownership.yaml");
    let repo = TestRepo::new(manifest, &[]);
    let run = repo.gate(&["plan"]).expect(0);
    let run = run.says("\n    after typescript, backend-api@vehicles\n");
    run.says("330 h one after the other, 206 h on the longest path");
    let run = repo.gate(&["plan", "--format", "json"]).expect(0);
    let document = run.json();
    let mut agents = document["agents"].as_array().unwrap().iter();
    let frontend = agents.find(|agent| agent["agent"] == "frontend").unwrap();
    let both = serde_json::json!(["typescript", "backend-api"]);
    assert_eq!(frontend["after"], both);
    assert_eq!(frontend["depends_on"][1], "backend-api@vehicles");
}

#[test]
fn a_plan_can_be_drawn() {
    let repo = tusklang();
    let chart = repo.gate(&["plan", "--format", "mermaid"]).expect(0);
    let chart = chart.says("flowchart LR\n").says("agent1 --> agent2\n");
    chart.says("class agent1,agent2,agent5 longest");
    let graph = repo.gate(&["plan", "--format", "dot"]).expect(0);
    let graph = graph.says("digraph plan {\n");
    graph.says("  \"a2-errors\" -> \"a3-crypto\";\n");
    // A drawing of an error is a comment, so that whoever draws it sees an empty drawing.
    let run = repo.gate(&["plan", "--target", "nowhere", "--format", "dot"]);
    assert!(
        run.expect(2)
            .stdout
            .lines()
            .all(|line| line.starts_with("//"))
    );
    for command in [&["check", "branch", "--all"][..], &["who", "README"]] {
        let run = repo.gate(&[command, &["--format", "mermaid"]].concat());
        run.expect(2).says("only a plan can be drawn");
    }
}
