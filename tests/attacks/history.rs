//! What is hidden in the history of a branch, or in the way it is stored.

use super::{MANIFEST, accepted, check, criss_cross, refused, repo, repo_with, undecided};
use crate::support::{Commit, TestRepo};

/// A merge of `parents` with this tree, as the new tip of `agent/core`.
fn merge(repo: &TestRepo, tree: &str, parents: &[&str]) {
    let mut arguments = vec!["commit-tree", tree, "-m", "Merge"];
    for parent in parents {
        arguments.extend(["-p", parent]);
    }
    let tip = repo.git(&arguments);
    repo.git(&["update-ref", "refs/heads/agent/core", &tip]);
}

/// A repository where `agent/core` and the target have both gone on.
fn apart() -> TestRepo {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("main")
            .file("ui/new.rs", "n")
            .file("README.md", "more"),
    );
    repo
}

#[test]
fn an_evil_merge() {
    let mut repo = apart();
    repo.commit(
        Commit::on("agent/core")
            .merging("main")
            .file("ui/new.rs", "n")
            .file("README.md", "more and mine"),
    );
    refused(&repo, "agent/core", "unowned");
}

#[test]
fn an_evil_merge_that_a_later_commit_takes_back() {
    let mut repo = apart();
    let commit = Commit::on("agent/core").merging("main");
    let commit = commit.file("ui/new.rs", "evil");
    repo.commit(commit.file("README.md", "more"));
    repo.commit(Commit::on("agent/core").file("ui/new.rs", "n"));
    refused(&repo, "agent/core", "owned-by-another");
}

#[test]
fn a_merge_by_the_strategy_ours_drops_what_the_target_brought() {
    let repo = apart();
    merge(&repo, "agent/core^{tree}", &["agent/core", "main"]);
    refused(&repo, "agent/core", "owned-by-another");
    // The same with the parents the other way round.
    let repo = apart();
    merge(&repo, "agent/core^{tree}", &["main", "agent/core"]);
    refused(&repo, "agent/core", "owned-by-another");
}

#[test]
fn a_commit_and_its_revert() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("ui/a.rs", "x"));
    repo.commit(Commit::on("agent/core").file("ui/a.rs", "one\ntwo\nthree\n"));
    refused(&repo, "agent/core", "owned-by-another");
}

#[test]
fn another_agents_branch_rides_along() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.commit(
        Commit::on("agent/core")
            .from("agent/docs")
            .file("core/b.rs", "b"),
    );
    check(&repo, "agent/core").expect(1).says("docs/b.md");
    let mut repo = self::repo();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("agent/core")
            .merging("agent/docs")
            .file("docs/b.md", "b"),
    );
    check(&repo, "agent/core").expect(1).says("docs/b.md");
}

#[test]
fn a_cherry_pick_of_anothers_commit() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.commit(Commit::on("agent/core").from("main").file("docs/b.md", "b"));
    refused_beside_docs(&repo);
    // Even of what the target has got meanwhile: it is a commit of its own.
    let mut repo = self::repo();
    repo.commit(Commit::on("agent/core").from("main").file("ui/a.rs", "x"));
    repo.commit(Commit::on("main").file("ui/a.rs", "x"));
    refused(&repo, "agent/core", "owned-by-another");
}

/// Where `docs` has work of its own that may land.
#[track_caller]
fn refused_beside_docs(repo: &TestRepo) {
    check(repo, "agent/core")
        .expect(1)
        .says("refused[owned-by-another]");
    repo.gate(&["integrate", "--land"]).expect(1);
    assert!(!repo.try_git(&["merge-base", "--is-ancestor", "agent/core", "main"]));
}

#[test]
fn a_dependency_that_was_tampered_with_in_the_merge() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b.rs", "b"));
    repo.commit(
        Commit::on("agent/ui")
            .merging("agent/docs")
            .file("docs/b.md", "tampered"),
    );
    check(&repo, "agent/ui")
        .expect(1)
        .says("docs/b.md: refused[owned-by-another]");
}

#[test]
fn a_dependency_that_was_rewritten() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/docs")
            .file("ui/b.rs", "b"),
    );
    check(&repo, "agent/ui").expect(0);
    repo.git(&["update-ref", "refs/heads/agent/docs", "main"]);
    repo.commit(Commit::on("agent/docs").from("main").file("docs/c.md", "c"));
    check(&repo, "agent/ui").expect(1).says("docs/b.md");
}

#[test]
fn criss_cross_merges_with_something_slipped_in() {
    let mut repo = criss_cross();
    repo.commit(
        Commit::on("agent/core")
            .file("core/c.rs", "c")
            .file("docs/b.md", "slipped"),
    );
    refused(&repo, "agent/core", "owned-by-another");
}

#[test]
fn a_second_root() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("other-root").file("ui/evil.rs", "x"));
    repo.commit(
        Commit::on("agent/core")
            .merging("other-root")
            .file("ui/evil.rs", "x"),
    );
    refused(&repo, "agent/core", "owned-by-another");
    // Taken back in the merge it is still in the history.
    let mut repo = self::repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("other-root").file("ui/evil.rs", "x"));
    repo.commit(Commit::on("agent/core").merging("other-root"));
    refused(&repo, "agent/core", "owned-by-another");
}

#[test]
fn no_common_root() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    refused(&repo, "agent/core", "unrelated-history");
}

#[test]
fn an_octopus_with_something_slipped_in() {
    for (content, honest) in [("n", true), ("evil", false)] {
        let mut repo = apart();
        repo.commit(Commit::on("one").from("main~1").file("core/one.rs", "1"));
        repo.commit(Commit::on("two").from("main~1").file("core/two.rs", "2"));
        repo.commit(
            Commit::on("agent/core")
                .merging("one")
                .merging("two")
                .merging("main")
                .file("core/one.rs", "1")
                .file("core/two.rs", "2")
                .file("README.md", "more")
                .file("ui/new.rs", content),
        );
        if honest {
            accepted(&repo, "agent/core");
        } else {
            refused(&repo, "agent/core", "owned-by-another");
        }
    }
}

#[test]
fn replaced_objects() {
    let mut repo = repo();
    let good = repo.commit(Commit::on("spare").from("main").file("core/b.rs", "b"));
    let bad = repo.commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    repo.git(&["replace", &bad, &good]);
    refused(&repo, "agent/core", "owned-by-another");
    // A replaced tree, and a replaced manifest.
    repo.git(&["replace", "-d", &bad]);
    let trees = [
        repo.git(&["rev-parse", "agent/core^{tree}"]),
        repo.git(&["rev-parse", "spare^{tree}"]),
    ];
    repo.git(&["replace", &trees[0], &trees[1]]);
    refused(&repo, "agent/core", "owned-by-another");
    repo.git(&["replace", "-d", &trees[0]]);
    let manifest = repo.git(&["rev-parse", "main:ownership.yaml"]);
    let permissive = MANIFEST.replace("owns: [\"core/\"]", "owns: [\"core/\", \"ui/b.rs\"]");
    let other = repo.git_with_input(&["hash-object", "-w", "--stdin"], permissive.as_bytes());
    repo.git(&["replace", &manifest, &other]);
    refused(&repo, "agent/core", "owned-by-another");
}

#[test]
fn a_graft() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    let tip = repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    let folder = repo.path().join(".git/info");
    std::fs::create_dir_all(&folder).unwrap();
    // As if the commit between had never been.
    std::fs::write(
        folder.join("grafts"),
        format!("{tip} {}\n", repo.id("main")),
    )
    .unwrap();
    let run = check(&repo, "agent/core");
    assert!(matches!(run.code, 1 | 3), "{}", run.stdout);
    let main = repo.id("main");
    repo.gate(&["integrate", "--land"]);
    assert_eq!(repo.id("main"), main);
}

#[test]
fn a_shallow_clone_that_hides_where_the_branch_began() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    let url = format!("file://{}", repo.path().display());
    repo.git(&[
        "clone",
        "-q",
        "--depth=1",
        "--no-single-branch",
        &url,
        "clone",
    ]);
    let run = repo.gate_in(
        &repo.path().join("clone"),
        &["check", "branch", "agent/core", "--remote", "origin"],
    );
    run.expect(3);
    // A file that says so without a need is believed as well.
    std::fs::write(
        repo.path().join(".git/shallow"),
        format!("{}\n", repo.id("agent/core")),
    )
    .unwrap();
    let run = check(&repo, "agent/core");
    assert!(matches!(run.code, 1 | 3), "{}", run.stdout);
}

#[test]
fn a_commit_or_tree_that_is_missing() {
    for what in ["agent/core~1", "agent/core~1^{tree}", "agent/core^{tree}"] {
        let mut repo = repo();
        repo.git(&["config", "gc.auto", "0"]);
        repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
        repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
        let id = repo.git(&["rev-parse", what]);
        let unpacked = repo.path().join(".git/objects/pack");
        let packs: Vec<_> = std::fs::read_dir(&unpacked).into_iter().flatten().collect();
        for pack in packs {
            let pack = pack.unwrap().path();
            if pack
                .extension()
                .is_some_and(|extension| extension == "pack")
            {
                let data = std::fs::read(&pack).unwrap();
                std::fs::remove_file(pack.with_extension("idx")).unwrap();
                std::fs::remove_file(&pack).unwrap();
                repo.git_with_input(&["unpack-objects", "-q"], &data);
            }
        }
        let object = repo
            .path()
            .join(".git/objects")
            .join(&id[..2])
            .join(&id[2..]);
        std::fs::remove_file(object).unwrap();
        undecided(&repo, "agent/core", "missing-object");
    }
}

#[test]
fn a_parent_that_is_named_twice() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let tree = repo.git(&["rev-parse", "agent/core^{tree}"]);
    let (tip, main) = (repo.id("agent/core"), repo.id("main"));
    let text = format!(
        "tree {tree}\nparent {tip}\nparent {main}\nparent {main}\nauthor A <a> 1 +0000\n\
         committer A <a> 1 +0000\n\nx\n"
    );
    let id = repo.git_with_input(
        &[
            "hash-object",
            "-t",
            "commit",
            "-w",
            "--stdin",
            "--literally",
        ],
        text.as_bytes(),
    );
    repo.git(&["update-ref", "refs/heads/agent/core", &id]);
    accepted(&repo, "agent/core");
}

#[test]
fn dates_from_another_time() {
    for date in ["0", "4102444800", "99999999999999"] {
        let mut repo = repo();
        repo.commit(Commit::on("main").file("docs/b.md", "b"));
        for (path, parent) in [("ui/b.rs", repo.id("main")), ("core/b.rs", String::new())] {
            let from = if parent.is_empty() {
                repo.id("agent/core")
            } else {
                parent
            };
            let stream = format!(
                "commit refs/heads/agent/core\nauthor A <a> {date} +0000\ncommitter A <a> {date} +0000\n\
                 data 1\nx\nfrom {from}\nM 644 inline {path}\ndata 1\nx\n"
            );
            repo.import(stream.as_bytes());
        }
        repo.commit(Commit::on("main").file("docs/c.md", "c"));
        refused(&repo, "agent/core", "owned-by-another");
    }
}

#[test]
fn a_commit_graph_that_lies() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    repo.git(&["commit-graph", "write", "--reachable"]);
    let graph = repo.path().join(".git/objects/info/commit-graph");
    let mut data = std::fs::read(&graph).unwrap();
    let mut permissions = std::fs::metadata(&graph).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "it is to be damaged")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&graph, permissions).unwrap();
    // Whatever stands in it: an error or the truth, never a pass.
    for place in (8..data.len()).step_by(41) {
        data[place] ^= 0x5a;
        std::fs::write(&graph, &data).unwrap();
        let run = check(&repo, "agent/core");
        assert!(matches!(run.code, 1 | 3), "{place}: {}", run.stdout);
        data[place] ^= 0x5a;
    }
}

#[test]
fn work_that_came_into_the_target_by_other_means() {
    // Squashed by somebody: the branch's own commits are still its own.
    let mut repo = repo_with(&MANIFEST.replace("version: 1", "version: 1\nhistory: net"));
    repo.commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    repo.commit(Commit::on("main").file("ui/b.rs", "b"));
    refused(&repo, "agent/core", "owned-by-another");
}
