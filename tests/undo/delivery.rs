//! What was taken back counts as not delivered, until it comes again.

use super::{MANIFEST, landed, merge, undo};
use crate::support::{Commit, TestRepo};
use serde_json::Value;

/// How each branch and milestone stands after an integration.
fn standings(repo: &TestRepo) -> String {
    let run = repo.gate(&["integrate", "--dry-run", "--format", "json"]);
    let document = run.expect(0).json();
    let branches = document["branches"].as_array().unwrap().iter();
    let standing = |it: &Value| {
        format!(
            "{}: {}",
            it["branch"].as_str().unwrap(),
            it["standing"].as_str().unwrap()
        )
    };
    branches.map(standing).collect::<Vec<_>>().join(", ")
}

#[test]
fn whoever_depends_on_it_waits_until_it_has_landed_again() {
    let mut repo = landed();
    repo.commit(Commit::on("agent/ui").file("ui/c.rs", "c"));
    assert_eq!(
        standings(&repo),
        "agent/core: up-to-date, agent/docs: up-to-date, agent/ui: merged"
    );
    undo(&repo, &["core"], 0);
    let ready = "agent/core: up-to-date, agent/docs: up-to-date, agent/ui: merged";
    assert_eq!(standings(&repo), ready, "prepared is not merged");
    merge(&repo, "gate/undo/core");
    let waiting = "agent/core: waiting, agent/docs: up-to-date, agent/ui: waiting";
    assert_eq!(standings(&repo), waiting);
    repo.gate(&["check", "branch", "agent/ui"])
        .expect(0)
        .says("ui waits for core");
    let run = repo.gate(&["status", "--format", "concise"]).expect(0);
    let run = run.says("what gate had merged of agent/core was taken back by");
    run.says("ui waits for core, which has not delivered yet");
    repo.gate(&["undo", "core"])
        .expect(1)
        .says("main has none of its merges left,")
        .says("the last was taken back by");

    // Made anew, it lands, and whoever waited goes on.
    let began = repo.id("agent/core~1");
    repo.git(&["rebase", "-q", "--no-ff", &began, "agent/core"]);
    repo.git(&["switch", "-q", "main"]);
    let again = "agent/core: merged, agent/docs: up-to-date, agent/ui: merged";
    assert_eq!(standings(&repo), again);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(repo.git(&["show", "main:core/b.rs"]), "b");
    undo(&repo, &["core"], 3);
    repo.git(&["branch", "-q", "-D", "gate/undo/core"]);
    assert_eq!(
        undo(&repo, &["core"], 0)["merges"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn it_counts_again_once_the_undo_is_reverted() {
    let repo = landed();
    undo(&repo, &["core"], 0);
    merge(&repo, "gate/undo/core");
    assert!(standings(&repo).starts_with("agent/core: waiting"));
    repo.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
    assert!(standings(&repo).starts_with("agent/core: up-to-date"));
    repo.git(&["revert", "--no-edit", "HEAD"]);
    assert!(standings(&repo).starts_with("agent/core: waiting"));
}

#[test]
fn it_counts_however_a_person_lands_it() {
    let fast_forward = |repo: &TestRepo| repo.git(&["merge", "-q", "--ff-only", "gate/undo/core"]);
    let with_more = |repo: &TestRepo| {
        repo.git(&["switch", "-q", "gate/undo/core"]);
        repo.git(&["commit", "-q", "--allow-empty", "-m", "Review"]);
        repo.git(&["switch", "-q", "main"]);
        merge(repo, "gate/undo/core");
        String::new()
    };
    let picked = |repo: &TestRepo| {
        repo.git(&["commit", "-q", "--allow-empty", "-m", "Meanwhile"]);
        repo.git(&["cherry-pick", "gate/undo/core"])
    };
    let by_hand = |repo: &TestRepo| repo.git(&["revert", "--no-edit", "-m", "1", "main~2"]);
    let ways: [&dyn Fn(&TestRepo) -> String; 4] = [&fast_forward, &with_more, &picked, &by_hand];
    for way in ways {
        let repo = landed();
        undo(&repo, &["core"], 0);
        way(&repo);
        assert!(standings(&repo).starts_with("agent/core: waiting"));
    }
}

#[test]
fn what_was_published_is_taken_back_with_it() {
    let manifest = MANIFEST.replace("depends_on: [core]", "depends_on: [\"core@api\"]");
    let mut repo = TestRepo::new(&manifest, &[("core/a.rs", "a")]);
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.gate(&["publish", "core", "--milestone", "api"])
        .expect(0);
    repo.gate(&["publish", "core"]).expect(0);
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b.rs", "b"));
    assert_eq!(
        standings(&repo),
        "core@api: up-to-date, agent/core: up-to-date, agent/ui: merged, agent/docs: waiting"
    );
    undo(&repo, &["core"], 0);
    merge(&repo, "gate/undo/core");
    assert_eq!(
        standings(&repo),
        "core@api: waiting, agent/core: waiting, agent/ui: waiting, agent/docs: waiting"
    );
    repo.gate(&["check", "branch", "agent/ui"])
        .expect(0)
        .says("ui waits for core@api");
    let status = repo.gate(&["status", "--format", "json"]).expect(0);
    let status = status.json();
    let core = status["agents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|agent| agent["agent_id"] == "core");
    assert_eq!(core.unwrap()["completed_goals"], 0);
}

#[test]
fn a_branch_cannot_take_back_what_others_have_landed() {
    let mut repo = landed();
    let merge = repo.id("main~2");
    let forged = format!(
        "Undo core\n\nGate-Undo: core\nGate-Undone: {merge}\nThis reverts commit {merge}.\n"
    );
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .file("docs/x", "x")
            .message(&forged),
    );
    repo.gate(&["integrate", "--land"]).expect(0);
    assert!(standings(&repo).starts_with("agent/core: up-to-date"));
    // Neither where a person merges the line on which it has landed.
    repo.git(&["branch", "line", "main"]);
    repo.git(&["reset", "-q", "--hard", "main~1"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge a line", "line"]);
    assert!(standings(&repo).starts_with("agent/core: up-to-date"));
}

#[test]
fn only_the_commits_of_the_agent_are_made_anew() {
    let mut repo = landed();
    repo.git(&["switch", "-q", "agent/core"]);
    merge(&repo, "main");
    repo.git(&["switch", "-q", "main"]);
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    repo.gate(&["integrate", "--land"]).expect(0);
    let merges = [repo.id("main~3"), repo.id("main")];
    let run = repo.gate(&["undo", "core"]).expect(0);
    let recipe = "git rev-list --reverse --no-merges MERGE^..MERGE^2";
    assert!(run.stdout.replace("\n  ", " ").contains(recipe));
    merge(&repo, "gate/undo/core");
    repo.git(&["switch", "-q", "agent/core"]);
    merge(&repo, "main");
    for merge in merges {
        let own = format!("{merge}^..{merge}^2");
        let own = repo.git(&["rev-list", "--reverse", "--no-merges", &own]);
        let own: Vec<_> = own.lines().collect();
        assert_eq!(own.len(), 1);
        repo.git(&[&["cherry-pick"], &own[..]].concat());
    }
    repo.git(&["switch", "-q", "main"]);
    let again = "agent/core: merged, agent/docs: up-to-date, agent/ui: up-to-date";
    assert_eq!(standings(&repo), again);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(repo.git(&["show", "main:core/c.rs"]), "c");
    assert_eq!(repo.git(&["show", "main:core/b.rs"]), "b");
}

/// `main` where two branches of `core` have landed, on each of which `ui` waits for the whole.
fn two_branches() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a.rs", "a")]);
    for (branch, file) in [("agent/core", "core/b.rs"), ("agent/core-2", "core/c.rs")] {
        repo.commit(Commit::on(branch).from("main").file(file, "b"));
    }
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b.rs", "b"));
    repo
}

#[test]
fn one_branch_that_was_taken_back_is_enough() {
    let mut repo = two_branches();
    repo.git(&["revert", "--no-edit", "-m", "1", "main"]);
    let open =
        "agent/core: up-to-date, agent/core-2: waiting, agent/ui: waiting, agent/docs: waiting";
    assert_eq!(standings(&repo), open);
    repo.gate(&["status", "--format", "concise"])
        .expect(0)
        .says("what gate had merged of agent/core-2 was taken back by");
    repo.gate(&["check", "branch", "agent/ui"])
        .expect(0)
        .says("ui waits for core");
    // Neither a merge of another branch brings it again, nor that its own branch is gone.
    repo.commit(Commit::on("agent/core").file("core/d.rs", "d"));
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(standings(&repo), open);
    repo.git(&["branch", "-q", "-D", "agent/core-2"]);
    let open = "agent/core: up-to-date, agent/ui: waiting, agent/docs: waiting";
    assert_eq!(standings(&repo), open);
    let status = repo.gate(&["status", "--format", "json"]).expect(0).json();
    let agents = status["agents"].as_array().unwrap();
    let core = agents.iter().find(|agent| agent["agent_id"] == "core");
    assert_eq!(core.unwrap()["completed_goals"], 0);
    // A merge of it does.
    repo.commit(
        Commit::on("agent/core-2")
            .from("main")
            .file("core/c.rs", "c"),
    );
    let run = repo.gate(&["integrate", "--land"]).expect(0);
    run.says("agent/ui");
    assert_eq!(
        standings(&repo),
        "agent/core: up-to-date, agent/core-2: up-to-date, agent/ui: up-to-date, agent/docs: waiting"
    );
}

#[test]
fn of_two_merges_of_a_branch_each_counts() {
    for older in [true, false] {
        let mut repo = landed();
        let first = repo.id("main~2");
        repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
        repo.gate(&["integrate", "--land"]).expect(0);
        let second = repo.id("main");
        repo.commit(Commit::on("agent/ui").file("ui/c.rs", "c"));
        let merge = if older { &first } else { &second };
        repo.git(&["revert", "--no-edit", "-m", "1", merge]);
        assert_eq!(
            standings(&repo),
            "agent/core: waiting, agent/docs: up-to-date, agent/ui: waiting"
        );
        // What comes after it counts.
        repo.commit(Commit::on("agent/core").file("core/d.rs", "d"));
        assert_eq!(
            standings(&repo),
            "agent/core: merged, agent/docs: up-to-date, agent/ui: merged"
        );
        repo.gate(&["integrate", "--land"]).expect(0);
        assert_eq!(
            standings(&repo),
            "agent/core: up-to-date, agent/docs: up-to-date, agent/ui: up-to-date"
        );
    }
}

#[test]
fn what_was_published_after_it_is_the_end() {
    let mut repo = two_branches();
    repo.gate(&["publish", "core", "--commit", "agent/core"])
        .expect(0);
    repo.git(&["revert", "--no-edit", "-m", "1", "main"]);
    assert!(standings(&repo).contains("agent/ui: waiting"));
    repo.commit(Commit::on("agent/core").file("core/c.rs", "anew"));
    repo.gate(&["publish", "core", "--commit", "agent/core"])
        .expect(0);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert!(standings(&repo).contains("agent/ui: up-to-date"));
}
