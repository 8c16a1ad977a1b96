//! How milestones are judged and merged.

use super::{MANIFEST, integrated, publish, repo, standings};
use crate::support::{Commit, TestRepo};

const LAND: &[&str] = &["integrate", "--land"];

#[test]
fn whoever_depends_on_a_milestone_waits_until_it_is_published_and_merged() {
    let repo = repo();
    // Nothing is published: what user carries of storage is not its own.
    repo.gate(&["check", "branch", "agent/user"])
        .expect(1)
        .says("user waits for storage@api, which storage has not published yet");
    publish(&repo, "storage", "api", "agent/storage~1");
    repo.gate(&["check", "branch", "agent/user"]).expect(0);
    let (found, order) = standings(&repo, LAND, 0);
    assert!(
        found.values().all(|standing| standing == "merged"),
        "{found:?}"
    );
    assert_eq!(order, "storage@api agent/storage agent/user agent/whole");
    let titles = repo.git(&["log", "--first-parent", "--format=%s", "main"]);
    assert_eq!(
        titles,
        "Merge agent/whole\nMerge agent/user\nMerge agent/storage\nMerge storage@api\nBegin"
    );
    let message = repo.git(&["log", "-1", "--format=%b", "main~3"]);
    assert!(
        message.contains("Gate-Agent: storage\nGate-Milestone: api\nGate-Branch: agent/storage\n")
    );
}

#[test]
fn nobody_waits_for_the_rest_and_milestones_land_without_it() {
    let mut repo = repo();
    publish(&repo, "storage", "api", "agent/storage~1");
    repo.commit(Commit::on("agent/storage").file("storage/rest", "BROKEN"));
    integrated(
        &repo,
        1,
        &[
            ("storage@api", "merged"),
            ("agent/storage", "ejected"),
            ("agent/user", "merged"),
            ("agent/whole", "held"),
        ],
    );
    repo.git(&["cat-file", "-e", "main:user/b"]);
    assert!(!repo.try_git(&["cat-file", "-e", "main:storage/rest"]));
    // Once more: the milestone has landed, the rest is still broken.
    integrated(
        &repo,
        1,
        &[
            ("storage@api", "up-to-date"),
            ("agent/storage", "ejected"),
            ("agent/user", "up-to-date"),
            ("agent/whole", "held"),
        ],
    );
    repo.commit(Commit::on("agent/storage").file("storage/rest", "mended"));
    integrated(
        &repo,
        0,
        &[
            ("storage@api", "up-to-date"),
            ("agent/storage", "merged"),
            ("agent/user", "up-to-date"),
            ("agent/whole", "merged"),
        ],
    );
}

#[test]
fn the_agents_verification_is_about_the_whole_even_where_the_milestone_is_all_of_it() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/storage").file("storage/rest", "BROKEN"));
    publish(&repo, "storage", "api", "agent/storage");
    let expected = [
        ("storage@api", "merged"),
        ("agent/storage", "ejected"),
        ("agent/user", "merged"),
        ("agent/whole", "held"),
    ];
    integrated(&repo, 1, &expected);
    // It stays ejected although there is nothing in it that the target does not have.
    repo.gate(LAND).expect(1).says("ejected");
    let manifest = MANIFEST.replace("! grep -rqs BROKEN storage", "true");
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    repo.git(&["reset", "-q", "--hard"]);
    let (found, _) = standings(&repo, LAND, 0);
    assert_eq!(found["agent/storage"], "merged");
    assert_eq!(found["agent/whole"], "merged");
    repo.gate(LAND).expect(0).says("nothing to merge");
}

#[test]
fn a_milestone_that_is_refused_holds_who_needs_it_until_the_whole_is_in() {
    let mut repo = TestRepo::new(MANIFEST, &[("storage/a", "a"), ("user/a", "a")]);
    repo.commit(
        Commit::on("agent/storage")
            .from("main")
            .file("storage/a", "api"),
    );
    repo.commit(Commit::on("main").file("storage/a", "other"));
    repo.git(&["reset", "-q", "--hard"]);
    publish(&repo, "storage", "api", "agent/storage");
    let user = Commit::on("agent/user").from("agent/storage");
    repo.commit(user.file("user/b", "b"));
    // The milestone conflicts with the target.
    integrated(
        &repo,
        1,
        &[
            ("storage@api", "ejected"),
            ("agent/storage", "ejected"),
            ("agent/user", "held"),
            ("agent/whole", "waiting"),
        ],
    );
    // The branch solves it, and brings the milestone along.
    let merge = Commit::on("agent/storage").merging("main");
    repo.commit(merge.file("storage/a", "both"));
    integrated(
        &repo,
        1,
        &[
            ("storage@api", "ejected"),
            ("agent/storage", "merged"),
            ("agent/user", "merged"),
            ("agent/whole", "waiting"),
        ],
    );
    repo.gate(LAND).expect(0);
}

#[test]
fn what_a_milestone_added_its_agent_may_take_back() {
    for history in ["every-commit", "net"] {
        let manifest = MANIFEST.replace("version: 1", &format!("version: 1\nhistory: {history}"));
        let mut repo = TestRepo::new(&manifest, &[("storage/a", "a")]);
        let api = Commit::on("agent/storage").from("main");
        repo.commit(api.file("storage/draft", "1"));
        publish(&repo, "storage", "api", "agent/storage");
        let rest = Commit::on("agent/storage").delete("storage/draft");
        repo.commit(rest.file("storage/final", "1"));
        let (found, _) = standings(&repo, LAND, 0);
        assert_eq!(found["storage@api"], "merged");
        assert_eq!(found["agent/storage"], "merged");
        assert!(!repo.try_git(&["cat-file", "-e", "main:storage/draft"]));
    }
}

#[test]
fn several_milestones_go_in_the_order_of_their_commits() {
    let repo = repo();
    publish(&repo, "storage", "zero", "agent/storage~1");
    publish(&repo, "storage", "api", "agent/storage");
    let (found, order) = standings(&repo, LAND, 0);
    assert!(
        order.starts_with("storage@zero storage@api agent/storage "),
        "{order}"
    );
    assert!(
        found.values().all(|standing| standing == "merged"),
        "{found:?}"
    );
}

#[test]
fn who_builds_on_more_than_the_milestone_is_told_so() {
    let mut repo = repo();
    publish(&repo, "storage", "api", "agent/storage~1");
    repo.git(&["branch", "-f", "agent/user", "agent/storage"]);
    repo.commit(Commit::on("agent/user").file("user/b", "b"));
    let run = repo.gate(&["check", "branch", "agent/user"]).expect(1);
    run.says("refused[owned-by-another]")
        .says("refused[dependency-rewritten]")
        .says("git rebase --onto refs/gate/milestones/storage/api");
    publish(&repo, "storage", "api", "agent/storage");
    repo.gate(&["check", "branch", "agent/user"]).expect(0);
}

#[test]
fn a_milestone_that_no_branch_holds_any_more_is_refused() {
    let mut repo = repo();
    publish(&repo, "storage", "api", "agent/storage~1");
    let again = Commit::on("agent/storage").from("main");
    repo.commit(again.file("storage/api", "other"));
    let run = repo.gate(&["check", "branch", "--all"]).expect(1);
    run.says("refused[commit-elsewhere] storage@api")
        .says("user depends on storage@api, which is refused");
    let (found, _) = standings(&repo, LAND, 1);
    assert_eq!(found["storage@api"], "ejected");
    assert_eq!(found["agent/user"], "held");
}

/// Branches of those who depend on storage, which carry nothing of it.
fn on_their_own(repo: &mut TestRepo) {
    for agent in ["user", "whole"] {
        let branch = format!("agent/{agent}");
        let file = format!("{agent}/b");
        repo.commit(Commit::on(&branch).from("main").file(&file, "b"));
    }
}

#[test]
fn who_has_finished_is_waited_for_no_longer() {
    let mut repo = TestRepo::new(MANIFEST, &[("storage/a", "a")]);
    repo.git(&["branch", "agent/storage", "main"]);
    on_their_own(&mut repo);
    let (found, _) = standings(&repo, LAND, 0);
    assert_eq!(
        (&*found["agent/user"], &*found["agent/whole"]),
        ("waiting", "waiting")
    );
    repo.gate(&["publish", "storage"])
        .expect(0)
        .says("storage has finished at");
    let (found, _) = standings(&repo, LAND, 0);
    // It has reached every milestone, too.
    assert_eq!(
        (&*found["agent/user"], &*found["agent/whole"]),
        ("merged", "merged")
    );
    assert_eq!(found["agent/storage"], "up-to-date");
}

#[test]
fn a_milestone_of_a_continuous_agent_is_waited_for() {
    let manifest = MANIFEST.replace(
        "owns: [\"storage/\"]",
        "owns: [\"storage/\"]\n    continuous: true",
    );
    let mut repo = TestRepo::new(&manifest, &[("storage/a", "a")]);
    on_their_own(&mut repo);
    let (found, _) = standings(&repo, LAND, 0);
    assert_eq!(
        (&*found["agent/user"], &*found["agent/whole"]),
        ("waiting", "merged")
    );
    repo.commit(
        Commit::on("agent/storage")
            .from("main")
            .file("storage/b", "b"),
    );
    publish(&repo, "storage", "api", "agent/storage");
    let (found, _) = standings(&repo, LAND, 0);
    assert_eq!(found["agent/user"], "merged");
}

#[test]
fn the_result_depends_on_what_is_published_and_on_nothing_else() {
    let commit = |repo: &TestRepo| {
        repo.gate(&["integrate"]).expect(0);
        repo.id("gate/integration")
    };
    let (one, other) = (repo(), repo());
    let without = {
        let manifest = MANIFEST.replace("\"storage@api\"", "storage");
        let mut repo = TestRepo::new(&manifest, &[("storage/a", "a")]);
        repo.commit(
            Commit::on("agent/storage")
                .from("main")
                .file("storage/b", "b"),
        );
        let before = commit(&repo);
        publish(&repo, "storage", "api", "agent/storage");
        (before, commit(&repo))
    };
    assert_ne!(without.0, without.1);
    for repo in [&one, &other] {
        publish(repo, "storage", "api", "agent/storage~1");
    }
    assert_eq!(commit(&one), commit(&other));
    // Who has finished is part of it, too.
    let before = commit(&one);
    one.gate(&["publish", "whole"]).expect(0);
    assert_ne!(commit(&one), before);
    // What another namespace of gate holds is no part of it.
    let before = commit(&one);
    one.git(&["update-ref", "refs/gate/milestones/nobody/api", "main"]);
    assert_eq!(commit(&one), before);
}

#[test]
fn a_milestone_that_breaks_the_whole_is_the_culprit() {
    let manifest = format!("{MANIFEST}verify: [\"! grep -rqs FAIL storage\"]\n");
    let mut repo = TestRepo::new(&manifest, &[("storage/a", "a")]);
    repo.commit(
        Commit::on("agent/storage")
            .from("main")
            .file("storage/b", "FAIL"),
    );
    publish(&repo, "storage", "api", "agent/storage");
    repo.commit(Commit::on("agent/user").from("main").file("user/b", "b"));
    repo.commit(Commit::on("agent/storage").file("storage/c", "c"));
    let expected = [
        ("storage@api", "ejected"),
        ("agent/storage", "ejected"),
        ("agent/user", "held"),
        ("agent/whole", "waiting"),
    ];
    integrated(&repo, 1, &expected);
    let mended = Commit::on("agent/storage").file("storage/b", "mended");
    repo.commit(mended);
    // The prefix fails that ends with the milestone, but the whole passes: nobody is to blame.
    let expected = [
        ("storage@api", "merged"),
        ("agent/storage", "merged"),
        ("agent/user", "merged"),
        ("agent/whole", "waiting"),
    ];
    integrated(&repo, 0, &expected);
}

#[test]
fn milestones_are_those_of_a_remotes_branches_too() {
    let repo = repo();
    publish(&repo, "storage", "api", "agent/storage~1");
    for branch in ["main", "agent/storage", "agent/user", "agent/whole"] {
        let name = format!("refs/remotes/origin/{branch}");
        repo.git(&["update-ref", &name, &repo.id(branch)]);
    }
    repo.git(&[
        "branch",
        "-D",
        "-q",
        "agent/storage",
        "agent/user",
        "agent/whole",
    ]);
    let (found, order) = standings(&repo, &["integrate", "--remote", "origin"], 0);
    assert_eq!(order, "storage@api agent/storage agent/user agent/whole");
    assert!(
        found.values().all(|standing| standing == "merged"),
        "{found:?}"
    );
}

#[test]
fn what_is_refused_of_a_milestone_is_not_made_good_by_the_branch() {
    let manifest = MANIFEST.replace("version: 1", "version: 1\nhistory: net");
    let mut repo = TestRepo::new(&manifest, &[("storage/a", "a"), ("user/a", "a")]);
    repo.commit(
        Commit::on("agent/storage")
            .from("main")
            .file("user/a", "mine"),
    );
    let api = "refs/gate/milestones/storage/api";
    repo.git(&["update-ref", api, "agent/storage"]);
    let back = Commit::on("agent/storage").file("user/a", "a");
    repo.commit(back.file("storage/b", "b"));
    repo.commit(Commit::on("agent/user").from("main").file("user/b", "b"));
    let expected = [
        ("storage@api", "ejected"),
        ("agent/storage", "merged"),
        ("agent/user", "held"),
        ("agent/whole", "waiting"),
    ];
    integrated(&repo, 1, &expected);
}
