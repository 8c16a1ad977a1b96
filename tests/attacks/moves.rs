//! Renames, modes, links, and what takes another thing's place.

use super::{accepted, refused, repo};
use crate::support::{Commit, TestRepo};

/// The commit that a submodule is at; nobody has it.
const SUBMODULE: &[u8] = b"1111111111111111111111111111111111111111";

#[track_caller]
fn on_core(code: &str, change: impl FnOnce(Commit<'_>) -> Commit<'_>) {
    let mut repo = repo();
    repo.commit(change(Commit::on("agent/core").from("main")));
    refused(&repo, "agent/core", code);
}

#[test]
fn a_rename_out_of_another_area() {
    on_core("owned-by-another", |commit| {
        commit
            .delete("ui/a.rs")
            .file("core/stolen.rs", "one\ntwo\nthree\n")
    });
}

#[test]
fn a_rename_into_another_area() {
    on_core("owned-by-another", |commit| {
        commit
            .delete("core/a.rs")
            .file("ui/gift.rs", "one\ntwo\nthree\n")
    });
}

#[test]
fn a_deletion_of_anothers_file_or_folder() {
    on_core("owned-by-another", |commit| commit.delete("ui/a.rs"));
    on_core("owned-by-another", |commit| commit.delete("ui"));
    on_core("unowned", |commit| commit.delete("README.md"));
}

#[test]
fn a_mode_that_changes_and_nothing_else() {
    on_core("owned-by-another", |commit| {
        commit.entry("ui/a.rs", "100755", b"one\ntwo\nthree\n")
    });
}

#[test]
fn a_file_that_becomes_a_link_to_what_it_held() {
    on_core("owned-by-another", |commit| {
        commit.entry("ui/a.rs", "120000", b"one\ntwo\nthree\n")
    });
}

#[test]
fn a_link_that_leaves_the_area() {
    for target in [
        &b"../ui"[..],
        b"../ui/a.rs",
        b"/etc",
        b"../../outside",
        b"lib/../../ui/a.rs",
        b"..",
        b"../ownership.yaml",
        b"../.git/config",
        b"lib/../../.git/hooks",
        b"C:\\windows",
        b"\xff",
        b"",
    ] {
        let mut repo = repo();
        repo.commit(
            Commit::on("agent/core")
                .from("main")
                .entry("core/link", "120000", target),
        );
        let run = super::check(&repo, "agent/core");
        let shown = String::from_utf8_lossy(target);
        if target == b"\xff" {
            // A name like any other, inside the area.
            assert_eq!(run.code, 0, "{shown}: {}", run.stdout);
        } else if target == b"C:\\windows" {
            assert!(matches!(run.code, 0 | 1), "{shown}: {}", run.stdout);
        } else {
            assert!(matches!(run.code, 1 | 3), "{shown}: {}", run.stdout);
        }
    }
}

#[test]
fn a_link_to_a_link_that_leaves_the_area() {
    on_core("link-leaves", |commit| {
        commit
            .entry("core/one", "120000", b"two")
            .entry("core/two", "120000", b"lib/three")
            .entry("core/lib/three", "120000", b"../../ui")
    });
}

#[test]
fn a_link_that_leaves_the_area_in_one_commit_only() {
    let mut repo = repo();
    let link = Commit::on("agent/core").from("main");
    repo.commit(link.entry("core/link", "120000", b"../ui"));
    repo.commit(Commit::on("agent/core").delete("core/link"));
    refused(&repo, "agent/core", "link-leaves");
    repo.commit(Commit::on("agent/core").file("core/link", "no link any more"));
    refused(&repo, "agent/core", "link-leaves");
}

#[test]
fn a_directory_that_becomes_a_link_into_another_area() {
    on_core("link-leaves", |commit| {
        commit
            .delete("core/lib")
            .entry("core/lib", "120000", b"../ui/lib")
    });
}

#[test]
fn a_directory_that_becomes_a_file_and_a_file_that_becomes_a_directory() {
    on_core("owned-by-another", |commit| {
        commit.delete("ui/lib").file("ui/lib", "x")
    });
    on_core("owned-by-another", |commit| {
        commit.delete("ui/a.rs").file("ui/a.rs/x", "x")
    });
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .delete("core/lib")
            .file("core/lib", "x"),
    );
    accepted(&repo, "agent/core");
}

#[test]
fn the_root_of_the_area_is_replaced() {
    // What is claimed is below `core/`; a file, a link or a submodule of that name is not.
    on_core("unowned", |commit| commit.delete("core").file("core", "x"));
    on_core("unowned", |commit| {
        commit.delete("core").entry("core", "120000", b"ui")
    });
    on_core("unowned", |commit| {
        commit.delete("core").entry("core", "160000", SUBMODULE)
    });
}

#[test]
fn the_root_of_anothers_area_is_replaced() {
    on_core("owned-by-another", |commit| {
        commit.delete("ui").entry("ui", "120000", b"core")
    });
    on_core("owned-by-another", |commit| {
        commit.delete("ui").file("ui", "x")
    });
}

#[test]
fn two_areas_change_places() {
    let repo = repo();
    let listing = repo.git(&["ls-tree", "main"]);
    let swapped = listing
        .lines()
        .map(|line| match line.rsplit_once('\t') {
            Some((entry, "core")) => format!("{entry}\tui"),
            Some((entry, "ui")) => format!("{entry}\tcore"),
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
        + "\n";
    let tree = repo.git_with_input(&["mktree"], swapped.as_bytes());
    move_to_tree(&repo, &tree);
    refused(&repo, "agent/core", "owned-by-another");
}

fn move_to_tree(repo: &TestRepo, tree: &str) {
    let tip = repo.git(&["commit-tree", tree, "-p", "main", "-m", "Swap"]);
    repo.git(&["update-ref", "refs/heads/agent/core", &tip]);
}

#[test]
fn a_submodule_inside_the_own_area() {
    on_core("submodule", |commit| {
        commit.entry("core/module", "160000", SUBMODULE)
    });
}

#[test]
fn an_empty_tree() {
    let repo = repo();
    let tree = repo.git_with_input(&["mktree"], b"");
    move_to_tree(&repo, &tree);
    refused(&repo, "agent/core", "protected");
}
