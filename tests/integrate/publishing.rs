//! Tags, and remotes that move with the target.

use crate::support::{Commit, Run, TestRepo};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
tag: v1.0
"#;

/// A repository with work of both agents, and a bare remote that has the target.
fn repo() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a", "a")]);
    repo.commit(Commit::on("agent/core").from("main").file("core/b", "b"));
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b", "b"));
    repo.with_origin("remote.git");
    repo.git(&["push", "-q", "origin", "main"]);
    repo.git(&["update-index", "--refresh", "-q"]);
    std::fs::write(repo.path().join(".git/info/exclude"), "remote.git\nother\n").unwrap();
    repo
}

#[track_caller]
fn land(repo: &TestRepo, arguments: &[&str], code: i32) -> Run {
    let all = [&["integrate", "--land", "--format", "concise"], arguments].concat();
    repo.gate(&all).expect(code)
}

fn remote(repo: &TestRepo, reference: &str) -> String {
    repo.git(&["--git-dir=remote.git", "rev-parse", "-q", reference])
}

#[test]
fn a_landing_is_tagged_when_everybody_is_in() {
    let repo = repo();
    land(&repo, &["--tag"], 0).says(", tagged v1.0");
    assert_eq!(repo.id("v1.0"), repo.id("main"));
    assert_eq!(repo.git(&["cat-file", "-t", "v1.0"]), "tag");
    repo.git(&["fsck", "--strict"]);
    // Again there is nothing to do, and nothing wrong.
    land(&repo, &["--tag"], 0).says("nothing to merge");
}

#[test]
fn two_machines_make_the_same_tag() {
    let [one, other] = [repo(), repo()].map(|repo| {
        land(&repo, &["--tag"], 0);
        repo.git(&["rev-parse", "refs/tags/v1.0"])
    });
    assert_eq!(one, other);
}

#[test]
fn without_somebody_it_lands_without_its_tag() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/ui").file("core/mine", "x"));
    land(&repo, &["--tag"], 1)
        .says("warning[not-tagged]: landed without the tag v1.0: agent/ui is out");
    assert!(!repo.try_git(&["rev-parse", "-q", "--verify", "refs/tags/v1.0"]));
    repo.git(&["cat-file", "-e", "main:core/b"]);
}

#[test]
fn what_has_landed_is_tagged_later() {
    let [one, other] = [repo(), repo()];
    land(&one, &[], 0);
    land(&one, &["--tag"], 0).says("nothing to merge: main stays at");
    land(&other, &["--tag"], 0);
    // It is the tag that the landing would have got.
    let tag = |repo: &TestRepo| repo.git(&["rev-parse", "refs/tags/v1.0"]);
    assert_eq!(tag(&one), tag(&other));
    let refs = one.refs();
    land(&one, &["--tag"], 0);
    assert_eq!(one.refs(), refs);
    one.git(&["push", "-q", "origin", "main"]);
    for _ in 0..2 {
        land(&one, &["--tag", "--push", "origin"], 0).says(", tagged v1.0, pushed to origin");
        assert_eq!(remote(&one, "refs/tags/v1.0"), tag(&one));
    }

    // At once, here and there.
    let repo = repo();
    land(&repo, &["--push", "origin"], 0);
    land(&repo, &["--tag", "--push", "origin"], 0).says(", tagged v1.0, pushed to origin");
    assert_eq!(remote(&repo, "refs/tags/v1.0"), tag(&repo));
}

#[test]
fn a_tag_asked_for_later_says_why_it_is_not_set() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/ui").file("core/mine", "x"));
    land(&repo, &[], 1);
    let run = land(&repo, &["--tag"], 1);
    run.says("warning[not-tagged]: main stays without the tag v1.0: agent/ui is out");
    // Somebody has added to what gate has landed.
    let all_in = self::repo();
    land(&all_in, &[], 0);
    all_in.git(&["commit", "-q", "--allow-empty", "-m", "By hand"]);
    let run = land(&all_in, &["--tag"], 0).says("warning[not-tagged]: main stays without the tag");
    run.says("which is no merge of gate");
    assert!(!all_in.try_git(&["rev-parse", "-q", "--verify", "refs/tags/v1.0"]));
}

#[test]
fn a_tag_that_is_there_already_changes_nothing() {
    let repo = repo();
    repo.git(&["tag", "v1.0", "agent/ui"]);
    let before = repo.refs();
    land(&repo, &["--tag"], 3).says("undecided[tag-exists]");
    assert_eq!(repo.refs(), before);
    // A manifest that names none is a mistake of whoever asks for it.
    let manifest = MANIFEST.replace("tag: v1.0\n", "");
    let untagged = TestRepo::new(&manifest, &[]);
    land(&untagged, &["--tag"], 2).says("the manifest names no tag");
    repo.gate(&["integrate", "--tag"]).expect(2);
}

#[test]
fn the_remote_moves_first_and_all_at_once() {
    let repo = repo();
    land(&repo, &["--tag", "--push", "origin"], 0).says(", pushed to origin");
    assert_eq!(remote(&repo, "main"), repo.id("main"));
    assert_eq!(
        remote(&repo, "v1.0"),
        repo.git(&["rev-parse", "refs/tags/v1.0"])
    );
    assert!(!repo.try_git(&[
        "--git-dir=remote.git",
        "rev-parse",
        "-q",
        "--verify",
        "gate/integration"
    ]));
}

#[test]
fn a_remote_that_has_moved_changes_nothing_here() {
    let repo = repo();
    repo.git(&["clone", "-q", "remote.git", "other"]);
    repo.git(&[
        "-C",
        "other",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "elsewhere",
    ]);
    repo.git(&["-C", "other", "push", "-q", "origin", "main"]);
    let (before, there) = (repo.refs(), remote(&repo, "main"));
    let run = land(&repo, &["--tag", "--push", "origin"], 4);
    run.says("moved[remote-moved]");
    assert_eq!(repo.refs(), before);
    assert_eq!(remote(&repo, "main"), there);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_the_remote_lacks_is_told_from_what_others_have_pushed() {
    let repo = repo();
    let refused = |arguments: &[&str], code, says: &str| {
        let before = repo.refs();
        land(&repo, &[arguments, &["--push", "origin"]].concat(), code).says(says);
        assert_eq!(repo.refs(), before);
    };
    // Only the tag is another one there.
    repo.git(&["push", "-q", "origin", "agent/ui:refs/tags/v1.0"]);
    let exists = "undecided[tag-exists]: origin has a tag v1.0 already, and it is not the one";
    refused(&["--tag"], 3, exists);
    repo.git(&["push", "-q", "origin", ":v1.0"]);
    // The remote is behind.
    repo.git(&["commit", "-q", "--allow-empty", "-m", "Here only"]);
    let ahead = "moved[remote-moved]: main here is ahead of that of origin: push it first";
    refused(&["--tag"], 4, ahead);
    // It has nothing yet.
    repo.git(&[
        "--git-dir=remote.git",
        "update-ref",
        "-d",
        "refs/heads/main",
    ]);
    refused(
        &[],
        4,
        "moved[remote-moved]: origin has no main yet: push it first",
    );
}

#[test]
fn a_remote_that_refuses_changes_nothing_here() {
    let repo = repo();
    let hook = repo.path().join("remote.git/hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho protected by somebody >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let before = repo.refs();
    let short = land(&repo, &["--push", "origin"], 3);
    short.says("(pre-receive hook declined)");
    let run = repo
        .gate(&["integrate", "--land", "--push", "origin"])
        .expect(3);
    run.says("undecided[push-refused]")
        .says("protected by somebody");
    assert_eq!(repo.refs(), before);
    // Nor does one that cannot be reached, or that nobody knows.
    repo.git(&["remote", "set-url", "origin", "nowhere.git"]);
    let run = land(&repo, &["--push", "origin"], 3);
    run.says("undecided[git]: git cannot push to origin: fatal: ");
    land(&repo, &["--push", "elsewhere"], 2).says("there is no remote elsewhere");
    repo.git(&[
        "remote",
        "set-url",
        "--add",
        "--push",
        "origin",
        "remote.git",
    ]);
    repo.git(&[
        "remote",
        "set-url",
        "--add",
        "--push",
        "origin",
        "other.git",
    ]);
    land(&repo, &["--push", "origin"], 2).says("origin is pushed to several places");
    assert_eq!(repo.refs(), before);
}

#[test]
fn what_is_in_the_way_of_a_record_is_named_before_anything_is_pushed() {
    let repo = repo();
    let main = repo.id("main");
    for in_the_way in ["refs/gate/runs", "refs/gate/last-run/x"] {
        repo.git(&["update-ref", in_the_way, "main"]);
        land(&repo, &["--push", "origin"], 3).says(&format!("{in_the_way} is in the way"));
        assert_eq!(remote(&repo, "main"), main);
        repo.git(&["update-ref", "-d", in_the_way]);
    }
}

/// A landing that was killed after the remote had taken target and tag, and before anything moved here; and
/// what somebody has pushed on top of it since, which is here without the tag.
fn killed_in_a_push() -> TestRepo {
    let repo = repo();
    let before = repo.id("main");
    land(&repo, &["--tag", "--push", "origin"], 0);
    repo.git(&["clone", "-q", "remote.git", "other"]);
    repo.git(&["-C", "other", "commit", "-q", "--allow-empty", "-m", "On"]);
    repo.git(&["-C", "other", "push", "-q", "origin", "main"]);
    repo.git(&["tag", "-d", "v1.0"]);
    repo.git(&["reset", "-q", "--hard", &before]);
    repo.git(&["pull", "-q", "--ff-only", "--no-tags", "origin", "main"]);
    repo
}

#[test]
fn a_tag_that_only_the_remote_has_is_brought_here() {
    let repo = killed_in_a_push();
    let run = repo.gate(&["integrate", "--land", "--tag"]).expect(0);
    run.says("warning[not-tagged]")
        .says("`git fetch REMOTE tag v1.0`");
    let there = remote(&repo, "refs/tags/v1.0");
    let landed = repo.id("main~1");
    let run = land(&repo, &["--tag", "--push", "origin"], 0);
    run.says(&format!(
        "warning[not-tagged]: main stays without the tag v1.0: origin has it at {}, as gate has landed it",
        &landed[..10]
    ));
    assert_eq!(repo.git(&["rev-parse", "refs/tags/v1.0"]), there);
    repo.git(&["fsck", "--strict"]);
    land(&repo, &["--tag", "--push", "origin"], 3).says("undecided[tag-exists]");
}

#[test]
fn a_tag_that_gate_has_not_made_is_not_brought_here() {
    let repo = killed_in_a_push();
    let not_brought = |says: &str| {
        let run = repo.gate(&["integrate", "--land", "--tag", "--push", "origin"]);
        run.expect(0).says("warning[not-tagged]").says(says);
        assert!(!repo.try_git(&["rev-parse", "-q", "--verify", "refs/tags/v1.0"]));
    };
    // Somebody's own tag of the same commit, one of another, and one that is no object.
    for (commit, arguments) in [
        ("main~1", &["-a", "-m", "v1.0"][..]),
        ("main", &["-m", "v1.0"]),
        ("main~1", &[]),
    ] {
        repo.git(&[&["tag"], arguments, &["theirs", commit]].concat());
        repo.git(&[
            "push",
            "-q",
            "--force",
            "origin",
            "refs/tags/theirs:refs/tags/v1.0",
        ]);
        repo.git(&["tag", "-d", "theirs"]);
        not_brought("which is no merge");
    }
    repo.git(&["remote", "set-url", "origin", "nowhere.git"]);
    not_brought("`git fetch origin tag v1.0`");
}
