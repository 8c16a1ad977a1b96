//! Renames, modes, links, and what takes another thing's place.

use super::{MANIFEST, accepted, refused, repo, repo_with};
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
        b"C:/windows",
        b"..\\ui\\a.rs",
        b"\\\\server\\share",
        b"../UI/a.rs",
        b"../ui./a.rs",
        b"../ui /a.rs",
        b"../ui::$INDEX_ALLOCATION/a.rs",
        "../u\u{200d}i/a.rs".as_bytes(),
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
        assert!(matches!(run.code, 1 | 3), "{shown}: {}", run.stdout);
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

/// A repository whose target has two links inside `core/`: one of them leads nowhere, by the other.
fn linked() -> TestRepo {
    let mut repo = repo();
    repo.commit(
        Commit::on("main")
            .file("core/d/e/f", "f")
            .entry("core/x", "120000", b"d/e")
            .entry("core/l", "120000", b"x/../../ui/a.rs"),
    );
    repo.git(&["reset", "-q", "--hard"]);
    repo
}

#[test]
fn a_link_that_is_left_alone_and_led_elsewhere() {
    let mut repo = linked();
    let flip = Commit::on("agent/core").from("main");
    repo.commit(flip.entry("core/x", "120000", b"d"));
    refused(&repo, "agent/core", "link-leaves");
    // By a directory on its way that becomes a link.
    let mut repo = linked();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .delete("core/d/e")
            .entry("core/d/e", "120000", b".."),
    );
    refused(&repo, "agent/core", "link-leaves");
    // What leads to another place of the own area is fine.
    let mut honest = linked();
    let other = Commit::on("agent/core").from("main");
    honest.commit(other.delete("core/l").entry("core/x", "120000", b"lib"));
    accepted(&honest, "agent/core");
}

#[test]
fn a_link_that_leads_elsewhere_only_when_both_are_merged() {
    let manifest = format!("{MANIFEST}shared:\n  - paths: [\"shared/\"]\n    agents: [core, ui]\n");
    for first in ["core", "ui"] {
        let priority = format!("  {first}:\n    priority: 1\n");
        let manifest = manifest.replace(&format!("  {first}:\n"), &priority);
        let mut repo = repo_with(&manifest);
        repo.commit(
            Commit::on("main")
                .file("shared/x/z", "z")
                .file("ui/sub/z", "z"),
        );
        repo.git(&["reset", "-q", "--hard"]);
        let link = Commit::on("agent/core").from("main");
        repo.commit(link.entry("core/l", "120000", b"../shared/x/z"));
        let turn = Commit::on("agent/ui").from("main").delete("shared/x");
        repo.commit(turn.entry("shared/x", "120000", b"../ui/sub"));
        repo.git(&["branch", "-q", "agent/docs", "main"]);
        repo.commit(Commit::on("agent/docs").file("docs/b", "b"));
        let run = repo.gate(&["integrate", "--format", "concise"]).expect(1);
        run.says("refused[link-leaves]");
    }
}

#[test]
fn thousands_of_links_in_a_row() {
    let mut repo = repo();
    let links: Vec<_> = (0..3_000)
        .map(|n| (format!("core/l{n}"), format!("l{}", n + 1)))
        .collect();
    let mut commit = Commit::on("agent/core").from("main");
    for (path, target) in &links {
        commit = commit.entry(path, "120000", target.as_bytes());
    }
    repo.commit(commit);
    refused(&repo, "agent/core", "link-leaves");
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
