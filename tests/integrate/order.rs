//! In which order agents go, and who waits for whom.

use crate::support::{Commit, Run, TestRepo};

const MANIFEST: &str = r#"version: 1
agents:
  a-closing:
    branch: agent/closing
    owns: ["closing/"]
    last: true
    priority: 100
  base:
    branch: agent/base
    owns: ["base/"]
  feed:
    branch: agent/feed
    owns: ["feed/"]
    depends_on: [base]
    continuous: true
  user:
    branch: agent/user
    owns: ["user/"]
    depends_on: [feed]
    priority: 5
"#;

fn repo() -> TestRepo {
    TestRepo::new(MANIFEST, &[("base/a", "a"), ("user/a", "a")])
}

fn on(repo: &mut TestRepo, agent: &str, file: &str) {
    let branch = format!("agent/{agent}");
    repo.commit(Commit::on(&branch).from("main").file(file, "x"));
}

/// The agents whose branches a run merged, in order.
fn merged(repo: &TestRepo) -> Vec<String> {
    let log = repo.git(&[
        "log",
        "--first-parent",
        "--reverse",
        "--format=%s",
        "main..gate/integration",
    ]);
    let name = |line: &str| line.trim_start_matches("Merge agent/").to_owned();
    log.lines().map(name).collect()
}

#[track_caller]
fn integrate(repo: &TestRepo, code: i32) -> Run {
    repo.gate(&["integrate", "--format", "concise"])
        .expect(code)
}

#[test]
fn whoever_is_last_is_merged_last_whatever_its_priority() {
    let mut repo = repo();
    for agent in ["closing", "base", "user"] {
        on(&mut repo, agent, &format!("{agent}/new"));
    }
    integrate(&repo, 0);
    assert_eq!(merged(&repo), ["base", "user", "closing"]);
    // It waits for nobody: it is an order, not a dependency.
    let mut alone = self::repo();
    on(&mut alone, "closing", "closing/new");
    integrate(&alone, 0);
    assert_eq!(merged(&alone), ["closing"]);
}

#[test]
fn nobody_waits_for_whoever_is_continuous() {
    let mut repo = repo();
    on(&mut repo, "user", "user/new");
    repo.git(&["branch", "-q", "agent/feed", "main"]);
    // Neither for it nor for what only it waits for.
    repo.gate(&["check", "branch", "agent/user"]).expect(0);
    let run = integrate(&repo, 0);
    run.says("agent/user: merged").says("agent/feed: ");
    assert_eq!(merged(&repo), ["user"]);
    // Once it has something it waits for others itself, and goes before whoever depends on it.
    on(&mut repo, "feed", "feed/new");
    integrate(&repo, 0).says("agent/feed: waiting");
    on(&mut repo, "base", "base/new");
    integrate(&repo, 0);
    assert_eq!(merged(&repo), ["base", "feed", "user"]);
}

#[test]
fn a_continuous_agent_is_merged_again_and_again() {
    let mut repo = repo();
    on(&mut repo, "base", "base/new");
    on(&mut repo, "feed", "feed/one");
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.commit(Commit::on("agent/feed").file("feed/two", "x"));
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.git(&["cat-file", "-e", "main:feed/two"]);
    // Whoever carries its refused work is held with it.
    repo.commit(Commit::on("agent/feed").file("user/mine", "x"));
    repo.commit(
        Commit::on("agent/user")
            .from("agent/feed")
            .file("user/new", "x"),
    );
    integrate(&repo, 1).says("agent/user: held");
}
