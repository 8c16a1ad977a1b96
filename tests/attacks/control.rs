//! Files that steer git, CI, or what is verified.

use super::identity::broad;
use super::{refused, repo_with};
use crate::support::Commit;

/// Fails unless a change of `path` is refused although everything is claimed.
#[track_caller]
fn is_protected(manifest: &str, path: &str) {
    let mut repo = repo_with(manifest);
    repo.commit(Commit::on("agent/core").from("main").file(path, "x"));
    refused(&repo, "agent/core", "protected");
}

#[test]
fn attributes_and_modules_at_any_depth() {
    for path in [
        ".gitattributes",
        "core/.gitattributes",
        "core/lib/.GitAttributes",
        "core/GITATT~1",
        "core/.gitattributes ",
        "core/.gitattributes.",
        "core/.gitattri\u{200c}butes",
        ".gitmodules",
        "core/.gitmodules",
        "core/.GITMODULES",
        "core/.gitmodules/x",
    ] {
        is_protected(&broad(), path);
    }
}

#[test]
fn workflows_under_a_broad_claim() {
    for path in [
        ".github/workflows/new.yml",
        ".github/actions/a/action.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "Jenkinsfile",
        "azure-pipelines.yml",
        ".github",
    ] {
        is_protected(&broad(), path);
    }
}

#[test]
fn the_script_that_verifies_ones_own_work() {
    for (command, path) in [
        ("sh tools/check.sh", "tools/check.sh"),
        ("./tools/check.sh --all", "tools/check.sh"),
        ("cd tools && ./check.sh", "tools/check.sh"),
        ("env A=b bash -e \"tools/check.sh\"", "tools/check.sh"),
        ("sh tools/new.sh", "tools/new.sh"),
        ("make -C tools check", "tools/check"),
        ("python3 tools/../tools/check.py", "tools/check.py"),
        ("cat core/list | sh", "core/list"),
        ("make", "Makefile"),
        ("make -C core", "core/GNUmakefile"),
        ("cd core && make test", "core/makefile"),
        ("cd core && just", "core/justfile"),
        ("sh -ecore/verify.sh", "core/verify.sh"),
        ("make -fcore/rules.mk", "core/rules.mk"),
        ("cd core && python3 -m tests", "core/tests/__main__.py"),
    ] {
        let manifest = format!("{}    verify: ['{command}']\n", broad());
        is_protected(&manifest, path);
        // Whoever verifies the whole is protected alike.
        let manifest = format!("{}verify: ['{command}']\n", broad());
        is_protected(&manifest, path);
    }
}

#[test]
fn the_folder_of_the_script_becomes_a_link() {
    let manifest = format!("{}verify: ['sh tools/check.sh']\n", broad());
    let mut existing = repo_with(&manifest);
    existing.commit(
        Commit::on("agent/core")
            .from("main")
            .delete("tools")
            .entry("tools", "120000", b"core")
            .file("core/check.sh", "true\n"),
    );
    refused(&existing, "agent/core", "protected");
    let manifest = format!("{}verify: ['sh later/check.sh']\n", broad());
    let mut new = repo_with(&manifest);
    new.commit(
        Commit::on("agent/core")
            .from("main")
            .entry("later", "120000", b"core")
            .file("core/check.sh", "true\n"),
    );
    refused(&new, "agent/core", "protected");
}

#[test]
fn configuration_that_makes_tools_run_code() {
    for path in [
        ".pre-commit-config.yaml",
        "lefthook.yml",
        ".husky/pre-commit",
        ".githooks/pre-commit",
        ".cargo/config.toml",
        ".cargo/config",
        "rust-toolchain.toml",
        ".npmrc",
        ".yarnrc.yml",
        ".envrc",
        ".devcontainer/devcontainer.json",
        ".vscode/tasks.json",
        ".VSCODE/tasks.json",
        ".Cargo/config.toml",
        ".EnvRC",
        ".GITHUB/workflows/x.yml",
        ".git\u{200c}hub/workflows/x.yml",
        "JENKINSFILE",
        ".bazelrc\u{200d}",
    ] {
        is_protected(&broad(), path);
    }
}

#[test]
fn commands_that_go_where_only_the_shell_or_a_package_knows() {
    for (command, said) in [
        (
            "CDPATH=core cd d; sh ../verify.sh",
            "where `cd` goes after `CDPATH=core` can be told only when the command runs",
        ),
        (
            "npm test",
            "`npm` runs what package.json says, which core may change",
        ),
    ] {
        let manifest = format!("{}    verify: ['{command}']\n", broad());
        let mut repo = repo_with(&manifest);
        repo.commit(Commit::on("main").file("package.json", "{}"));
        let run = repo.gate(&["check", "manifest", "--format", "concise"]);
        run.expect(0).says(&format!("[unclear-command]: {said}"));
        // It is remarked upon, not refused: dependencies are the owner's to edit.
        repo.commit(
            Commit::on("agent/core")
                .from("main")
                .file("package.json", "{ }"),
        );
        super::check(&repo, "agent/core").expect(0);
    }
    let protects = broad().replacen("agents:", "protected: [package.json]\nagents:", 1);
    let mut repo = repo_with(&format!("{protects}    verify: [npm test]\n"));
    repo.commit(Commit::on("main").file("package.json", "{}"));
    let run = repo
        .gate(&["check", "manifest", "--format", "concise"])
        .expect(0);
    assert!(!run.stdout.contains("unclear-command"), "{}", run.stdout);
}
