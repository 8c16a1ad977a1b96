//! Names that cannot live everywhere, names that collide, and links that lead away; and honest ones.

use crate::support::{Commit, TestRepo};

const MANIFEST: &str = "\
version: 1
agents:
  core:
    branch: agent/core
    owns: [\"core/\"]
  ui:
    branch: agent/ui
    owns: [\"ui/\"]
shared:
  - paths: [\"shared/\"]
    agents: [core, ui]
";

fn repo() -> TestRepo {
    let files = [
        ("core/a.rs", "a"),
        ("core/Readme", "a"),
        ("core/lib/x", "a"),
        ("ui/a.rs", "a"),
        ("shared/one", "a"),
        ("core/aux/old", "a"),
    ];
    TestRepo::new(MANIFEST, &files)
}

/// Whether the branch is refused for this reason, or accepted for none.
#[track_caller]
fn judged(repo: &TestRepo, code: Option<&str>, what: &str) {
    let arguments = ["check", "branch", "agent/core", "--format", "concise"];
    let run = repo.gate(&arguments);
    match code {
        Some(code) => {
            assert_eq!(run.code, 1, "{what}: {}", run.stdout);
            assert!(
                run.stdout.contains(&format!("[{code}]")),
                "{what}: {}",
                run.stdout
            );
        }
        None => assert_eq!(run.code, 0, "{what}: {}", run.stdout),
    }
}

#[test]
fn names_that_no_other_system_can_check_out_are_refused() {
    for (name, code) in [
        ("core/aux.c", Some("unportable-name")),
        ("core/a:b", Some("unportable-name")),
        ("core/::error::x", Some("unportable-name")),
        ("core/a\\b", Some("unportable-name")),
        ("core/a\nb", Some("unportable-name")),
        ("core/\u{1b}[31m", Some("unportable-name")),
        ("core/dot.", Some("unportable-name")),
        ("core/space ", Some("unportable-name")),
        ("core/con/x", Some("unportable-name")),
        ("core/README", Some("name-collision")),
        ("core/A.RS", Some("name-collision")),
        ("core/LIB/y", Some("name-collision")),
        ("core/A.rs/b", Some("name-collision")),
        ("core/a b", None),
        ("core/ü日本", None),
        ("core/lib/a.rs", None),
        ("core/aux/new", None),
        ("core/\u{202e}txt", Some("unportable-name")),
        ("core/a\u{85}b", Some("unportable-name")),
        ("core/a\u{7f}b", Some("unportable-name")),
        ("core/a\u{2028}b", Some("unportable-name")),
        ("core/a\u{ad}.rs", Some("name-collision")),
        ("core/a\u{e0041}.rs", Some("name-collision")),
        ("core/'$(x)'", None),
        ("core/-rf", None),
    ] {
        let mut repo = repo();
        repo.commit(Commit::on("agent/core").from("main").file(name, "x"));
        judged(&repo, code, name);
    }
}

#[test]
fn a_new_name_is_held_against_those_that_stay() {
    // A rename that only changes the case leaves one of them.
    let mut renamed = repo();
    renamed.commit(
        Commit::on("agent/core")
            .from("main")
            .delete("core/Readme")
            .file("core/README", "a")
            .delete("core/lib/x")
            .file("core/Lib/x", "a"),
    );
    judged(&renamed, None, "renamed");
    // So it does where the target has changed something else beside it.
    renamed.commit(Commit::on("main").file("core/z", "z"));
    judged(&renamed, None, "renamed while the target moved on");
    // What the target has put into the old directory stays there.
    renamed.commit(Commit::on("main").file("core/lib/z", "z"));
    judged(&renamed, Some("name-collision"), "moved on below");
    // Two new ones collide with each other, in another Unicode form.
    let mut twins = repo();
    twins.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/\u{e9}", "a")
            .file("core/e\u{301}", "b"),
    );
    judged(&twins, Some("name-collision"), "twins");
    // What the target has got meanwhile counts too.
    let mut moved = repo();
    moved.commit(Commit::on("agent/core").from("main").file("core/new", "a"));
    moved.commit(Commit::on("main").file("core/NEW", "a"));
    judged(&moved, Some("name-collision"), "moved on");
    // What the base had already is nobody's fault.
    let mut old = repo();
    old.commit(
        Commit::on("main")
            .file("core/twin", "a")
            .file("core/Twin", "b"),
    );
    old.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/twin", "c")
            .file("core/aux/old", "b"),
    );
    judged(&old, None, "old");
}

#[test]
fn names_that_collide_only_when_merged_eject_the_later_one() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("shared/new", "a"),
    );
    repo.commit(Commit::on("agent/ui").from("main").file("shared/New", "b"));
    repo.gate(&["check", "branch", "--all"]).expect(0);
    let run = repo.gate(&["integrate", "--format", "concise"]).expect(1);
    run.says("agent/ui: shared/New: refused[name-collision]");
}

#[test]
fn links_must_lead_to_what_the_agent_may_change() {
    for (target, code) in [
        ("a.rs", None),
        ("lib", None),
        ("../core/lib/x", None),
        ("nothing-yet", None),
        (".//lib/../a.rs", None),
        ("/etc/passwd", Some("link-leaves")),
        ("../ui/a.rs", Some("link-leaves")),
        ("../ui", Some("link-leaves")),
        ("../ui/not-yet", Some("link-leaves")),
        ("../..", Some("link-leaves")),
        ("..", Some("link-leaves")),
        ("../ownership.yaml", Some("link-leaves")),
        ("../.git/config", Some("link-leaves")),
        ("lib/../../ui/a.rs", Some("link-leaves")),
        ("", Some("link-leaves")),
    ] {
        let mut repo = repo();
        let link = target.as_bytes();
        repo.commit(
            Commit::on("agent/core")
                .from("main")
                .entry("core/link", "120000", link),
        );
        judged(&repo, code, target);
    }
}

#[test]
fn links_are_followed_through_links() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .entry("core/one", "120000", b"lib/two/a.rs")
            .entry("core/lib/two", "120000", b"../../ui"),
    );
    judged(&repo, Some("link-leaves"), "through a link");
    let mut turns = self::repo();
    turns.commit(
        Commit::on("agent/core")
            .from("main")
            .entry("core/one", "120000", b"two")
            .entry("core/two", "120000", b"one"),
    );
    judged(&turns, Some("link-leaves"), "in a circle");
}

#[test]
fn what_is_staged_is_held_to_the_same() {
    let repo = repo();
    repo.git(&["checkout", "-q", "-b", "agent/core"]);
    repo.write("core/README", "x");
    repo.git(&["add", "core/README"]);
    let run = repo.gate(&["check", "staged", "--format", "concise"]);
    run.expect(1).says("[name-collision]");
}
