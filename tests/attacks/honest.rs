//! Honest work that could be mistaken for an attack.

use super::{MANIFEST, accepted, check, criss_cross, repo, repo_with};
use crate::support::Commit;

#[test]
fn a_carried_merge_of_the_target() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("main").file("ui/new.rs", "n"));
    repo.commit(
        Commit::on("agent/core")
            .merging("main")
            .file("ui/new.rs", "n"),
    );
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    accepted(&repo, "agent/core");
    repo.commit(Commit::on("main").file("ui/newer.rs", "n"));
    accepted(&repo, "agent/core");
}

#[test]
fn a_carried_merge_of_a_dependency() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b.rs", "b"));
    repo.commit(
        Commit::on("agent/ui")
            .merging("agent/docs")
            .file("docs/b.md", "b"),
    );
    accepted(&repo, "agent/ui");
    // The dependency went on: what was built on is still its work.
    repo.commit(Commit::on("agent/docs").file("docs/c.md", "c"));
    accepted(&repo, "agent/ui");
}

#[test]
fn a_conflict_with_the_target_that_was_solved_inside_the_area() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a.rs", "ours"),
    );
    repo.commit(
        Commit::on("main")
            .file("core/a.rs", "theirs")
            .file("ui/new.rs", "n"),
    );
    repo.commit(
        Commit::on("agent/core")
            .merging("main")
            .file("core/a.rs", "both")
            .file("ui/new.rs", "n"),
    );
    accepted(&repo, "agent/core");
}

#[test]
fn a_conflict_elsewhere_that_was_solved_with_the_targets_version() {
    // What the target has at a path is never a fault, whoever stands in its history.
    let mut repo = repo();
    let theirs = repo.commit(Commit::on("main").file("ui/a.rs", "one"));
    repo.commit(
        Commit::on("agent/core")
            .from(&theirs)
            .file("core/b.rs", "b"),
    );
    repo.commit(Commit::on("main").file("ui/a.rs", "two"));
    repo.commit(
        Commit::on("agent/core")
            .merging("main")
            .file("ui/a.rs", "two"),
    );
    accepted(&repo, "agent/core");
}

#[test]
fn criss_cross_merges_without_harm() {
    let mut repo = criss_cross();
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    accepted(&repo, "agent/core");
}

#[test]
fn a_branch_that_was_merged_already_or_stands_where_the_target_is() {
    let mut repo = repo();
    repo.git(&["branch", "-q", "agent/core", "main"]);
    check(&repo, "agent/core").expect(0);
    repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("main")
            .merging("agent/core")
            .file("core/b.rs", "b"),
    );
    check(&repo, "agent/core").expect(0);
    repo.commit(Commit::on("main").file("core/b.rs", "later"));
    check(&repo, "agent/core").expect(0);
    // And goes on from there.
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    accepted(&repo, "agent/core");
}

#[test]
fn files_that_differ_only_outside_the_area_of_the_change() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    for n in 0..5 {
        let (file, content) = (format!("ui/more{n}.rs"), format!("{n}"));
        repo.commit(
            Commit::on("main")
                .file(&file, &content)
                .file("README.md", &content),
        );
    }
    accepted(&repo, "agent/core");
}

#[test]
fn a_rename_inside_the_area_and_a_copy_from_another() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .delete("core/a.rs")
            .file("core/renamed.rs", "one\ntwo\nthree\n")
            .file("core/copied.md", "a\n")
            .entry("core/run.sh", "100755", b"true"),
    );
    accepted(&repo, "agent/core");
}

#[test]
fn a_fast_forward_to_the_target_and_an_empty_commit() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").message("Nothing yet"));
    check(&repo, "agent/core").expect(0);
    repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    accepted(&repo, "agent/core");
}

#[test]
fn a_revert_of_ones_own_work() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("agent/core").delete("core/b.rs"));
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    accepted(&repo, "agent/core");
}

#[test]
fn two_dependencies_that_meet_again() {
    let manifest = format!(
        "{MANIFEST}  top:\n    branch: agent/top\n    owns: [\"top/\"]\n    depends_on: [core, ui]\n"
    );
    let mut repo = repo_with(&manifest);
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/docs")
            .file("ui/b.rs", "b"),
    );
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("agent/top")
            .from("agent/ui")
            .merging("agent/core")
            .file("core/b.rs", "b")
            .file("top/a.rs", "a"),
    );
    accepted(&repo, "agent/top");
}

#[test]
fn a_person_edits_the_manifest_on_the_target() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let wider = MANIFEST.replace("owns: [\"docs/\"]", "owns: [\"docs/\", \"more/\"]");
    repo.commit(Commit::on("main").file("ownership.yaml", &wider));
    accepted(&repo, "agent/core");
}
