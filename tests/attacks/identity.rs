//! Who somebody is.

use super::{MANIFEST, accepted, check, refused, repo, repo_with, undecided};
use crate::support::{Commit, Run};

#[test]
fn a_branch_that_edits_deletes_replaces_or_shadows_the_manifest() {
    let permissive = MANIFEST.replace("owns: [\"core/\"]", "owns: [\"**\"]");
    let files = [
        ("ownership.yaml", "100644", permissive.as_bytes()),
        ("ownership.yaml", "100755", MANIFEST.as_bytes()),
        ("ownership.yaml", "120000", b"core/a.rs"),
        ("ownership.yaml/x", "100644", b"x"),
        ("ownership.yml", "100644", permissive.as_bytes()),
        ("Ownership.yaml", "100644", permissive.as_bytes()),
        ("OWNERSHIP.YML", "100644", permissive.as_bytes()),
        ("owner\u{200b}ship.yaml", "100644", permissive.as_bytes()),
        ("ownership.yaml.", "100644", permissive.as_bytes()),
        ("ownership.yaml ", "100644", permissive.as_bytes()),
        ("OWNERS~1.YAM", "100644", permissive.as_bytes()),
    ];
    // With a claim on everything it is the same.
    for manifest in [MANIFEST.to_owned(), broad()] {
        for (path, mode, content) in files {
            let mut repo = repo_with(&manifest);
            let mut commit = Commit::on("agent/core").from("main");
            if path.starts_with("ownership.yaml/") {
                commit = commit.delete("ownership.yaml");
            }
            repo.commit(commit.entry(path, mode, content));
            refused(&repo, "agent/core", "protected");
        }
        let mut repo = repo_with(&manifest);
        repo.commit(
            Commit::on("agent/core")
                .from("main")
                .delete("ownership.yaml"),
        );
        refused(&repo, "agent/core", "protected");
    }
}

/// One agent that owns everything.
pub(super) fn broad() -> String {
    "version: 1\nagents:\n  core:\n    branch: agent/core\n    owns: [\"**\"]\n".to_owned()
}

#[test]
fn a_branch_that_grants_itself_more_and_uses_it_at_once() {
    let mut repo = repo();
    let permissive = MANIFEST.replace("owns: [\"core/\"]", "owns: [\"core/\", \"README.md\"]");
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("ownership.yaml", &permissive),
    );
    repo.commit(Commit::on("agent/core").file("README.md", "mine"));
    refused(&repo, "agent/core", "unowned");
}

#[test]
fn a_branch_that_resembles_another_agents() {
    let mut repo = repo();
    for name in [
        "agent/Core",
        "agent/CORE",
        "agent/core-2",
        "agent/core.x",
        "agent/c\u{43e}re",
        "agent/core\u{200b}",
        "Agent/core",
        "xagent/core",
        "heads/agent/core",
    ] {
        repo.commit(Commit::on(name).from("main").file("core/b.rs", "b"));
        check(&repo, name)
            .expect(3)
            .says("undecided[branch-of-nobody]");
    }
    // A full name is that of a branch, and this one does not exist.
    let name = "refs/heads/agent/core";
    repo.commit(Commit::on(name).from("main").file("core/b.rs", "b"));
    check(&repo, name).expect(2).says("error[unknown-branch]");
    let run = repo.gate(&["check", "branch", "--all", "--format", "concise"]);
    run.expect(0).says("agent/core: waiting[nothing-delivered]");
    let main = repo.id("main");
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(repo.id("main"), main);
}

#[test]
fn a_tag_or_a_branch_of_a_remote_with_the_branchs_name() {
    let mut repo = repo();
    let good = repo.commit(Commit::on("spare").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    repo.git(&["update-ref", "refs/tags/agent/core", &good]);
    repo.git(&["update-ref", "refs/remotes/agent/core", &good]);
    repo.git(&["update-ref", "refs/agent/core", &good]);
    repo.git(&["update-ref", "refs/remotes/origin/agent/core", &good]);
    refused(&repo, "agent/core", "owned-by-another");
    let tag = check(&repo, "refs/tags/agent/core");
    assert_ne!(tag.code, 0, "{}", tag.stdout);
    let main = repo.id("main");
    // The target's name is taken for the branch alone, too.
    repo.git(&["update-ref", "refs/tags/main", "agent/core"]);
    repo.git(&["tag", "-f", "heads/main", "agent/core"]);
    refused(&repo, "agent/core", "owned-by-another");
    assert_eq!(main, repo.id("refs/heads/main"));
}

#[test]
fn a_symbolic_ref_or_a_tag_object_in_place_of_a_branch() {
    let mut repo = repo();
    repo.commit(Commit::on("spare").from("main").file("core/b.rs", "b"));
    repo.git(&["symbolic-ref", "refs/heads/agent/core", "refs/heads/spare"]);
    undecided(&repo, "agent/core", "symbolic-branch");
    repo.git(&["symbolic-ref", "--delete", "refs/heads/agent/core"]);
    repo.git(&["tag", "-a", "-m", "x", "annotated", "spare"]);
    let tag = repo.git(&["rev-parse", "annotated"]);
    let folder = repo.path().join(".git/refs/heads/agent");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("core"), format!("{tag}\n")).unwrap();
    undecided(&repo, "agent/core", "not-a-commit");
    for what in ["main^{tree}", "main:README.md"] {
        let id = repo.git(&["rev-parse", what]);
        std::fs::write(folder.join("core"), format!("{id}\n")).unwrap();
        undecided(&repo, "agent/core", "not-a-commit");
    }
    // A name that leads nowhere, and one that is no name of an object.
    std::fs::write(folder.join("core"), "1".repeat(40)).unwrap();
    let run = check(&repo, "agent/core");
    assert_ne!(run.code, 0, "{}", run.stdout);
    std::fs::write(folder.join("core"), "mischief\n").unwrap();
    let run = check(&repo, "agent/core");
    assert_ne!(run.code, 0, "{}", run.stdout);
}

#[test]
fn a_forged_author_or_committer() {
    let mut repo = repo();
    for person in [
        "docs <docs@example.org>",
        "gate <gate@localhost.invalid>",
        "agent/docs <>",
    ] {
        let stream = format!(
            "commit refs/heads/agent/core\nauthor {person} 1700000000 +0000\n\
             committer {person} 1700000000 +0000\ndata 1\nx\nfrom {}\nM 644 inline docs/b.md\ndata 1\nx\n",
            repo.id("main")
        );
        repo.import(stream.as_bytes());
        refused(&repo, "agent/core", "owned-by-another");
    }
    // A merge that says it is gate's, so that the work it brings would count as delivered.
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    let stream = format!(
        "commit refs/heads/agent/core\nauthor gate <gate@localhost.invalid> 1700000000 +0000\n\
         committer gate <gate@localhost.invalid> 1700000000 +0000\ndata {}\n{}\nfrom {}\nmerge {}\n\
         M 644 inline docs/c.md\ndata 1\nx\n",
        "Merge docs\n\nGate-Agent: docs\n".len(),
        "Merge docs\n\nGate-Agent: docs\n",
        repo.id("main"),
        repo.id("agent/docs"),
    );
    repo.import(stream.as_bytes());
    check(&repo, "agent/core")
        .expect(1)
        .says("docs/c.md: refused[owned-by-another]");
}

#[test]
fn a_forged_environment() {
    let mut repo = repo();
    let good = repo.commit(Commit::on("spare").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    let elsewhere = super::repo();
    let graft = format!("{} {good}\n", repo.id("agent/core"));
    std::fs::write(repo.path().join("grafts"), graft).unwrap();
    let nowhere = elsewhere.path().join(".git");
    let nowhere = nowhere.to_str().unwrap();
    for (name, value) in [
        ("GIT_GRAFT_FILE", "grafts"),
        ("GIT_SHALLOW_FILE", "grafts"),
        ("GIT_REPLACE_REF_BASE", "refs/heads/"),
        ("GIT_NAMESPACE", "other"),
        ("GIT_CEILING_DIRECTORIES", "/"),
        ("GIT_CONFIG_PARAMETERS", "'gate.target'='spare'"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_EXTERNAL_DIFF", "true"),
        ("GIT_DIFF_OPTS", "-u0"),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", nowhere),
        ("GIT_AUTHOR_NAME", "docs"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GATE_AGENT", "ui"),
        ("GATE_BRANCH", "agent/ui"),
        ("LC_ALL", "tr_TR.UTF-8"),
    ] {
        let arguments = ["check", "branch", "agent/core", "--format", "concise"];
        let mut command = repo.gate_command(&repo.path(), &arguments);
        let run = Run::of(command.env(name, value));
        assert!(
            run.code == 1 && run.stdout.contains("[owned-by-another]") || run.code == 3,
            "{name}: {} {}{}",
            run.code,
            run.stdout,
            run.stderr
        );
    }
}

#[test]
fn a_target_that_only_the_configuration_names() {
    let mut repo = repo();
    // Its own branch as the target, where it is the manifest that it likes.
    let permissive = MANIFEST.replace("owns: [\"core/\"]", "owns: [\"**\"]");
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("ownership.yaml", &permissive),
    );
    repo.git(&["config", "gate.target", "agent/core"]);
    check(&repo, "agent/core").expect(2);
    repo.git(&["config", "gate.target", "main"]);
    refused(&repo, "agent/core", "protected");
}

#[test]
fn a_detached_head_hides_nothing() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.git(&["checkout", "-q", "--detach", "agent/core"]);
    repo.write("ui/a.rs", "mine");
    repo.git(&["add", "."]);
    repo.gate(&["check", "staged"]).expect(3);
    // What is judged is the branch, wherever the head is.
    accepted(&repo, "agent/core");
    // And a name for the head is no branch.
    for name in ["HEAD", "@", "FETCH_HEAD", "agent/core~0", "agent/core@{0}"] {
        let run = check(&repo, name);
        assert!(matches!(run.code, 2 | 3), "{name}: {}", run.stdout);
    }
}
