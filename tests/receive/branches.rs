//! Branches that arrive, alone and together.

use super::{LIST, MANIFEST, Server, flat, two_branches};
use crate::support::Commit;

#[test]
fn a_branch_that_keeps_to_its_claims_is_accepted() {
    let mut server = Server::new();
    let branch = Commit::on("agent/core").from("main");
    server.clone.commit(branch.file("core/b.rs", "b"));
    let said = server.accepts(&["agent/core"]);
    assert!(
        said.contains("remote: checked 1 branch against main"),
        "{said}"
    );
    assert!(server.refs().contains("refs/heads/agent/core"));
    assert!(!server.bare().join("gate").exists());
}

#[test]
fn a_branch_that_leaves_its_claims_is_refused_and_nothing_is_left_behind() {
    let mut server = Server::new();
    let branch = Commit::on("agent/core").from("main");
    server.clone.commit(branch.file("ui/b.rs", "b"));
    let said = server.refuses(
        &["agent/core"],
        "refused[owned-by-another] agent/core: ui/b.rs",
    );
    assert!(
        said.lines()
            .all(|line| line.trim_end().chars().count() <= 80),
        "{said}"
    );
    assert!(!said.contains('\x1b'), "{said}");
}

#[test]
fn a_push_is_accepted_as_a_whole_or_not_at_all() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    let bad = Commit::on("agent/docs").from("main");
    server.clone.commit(bad.file("core/c.rs", "c"));
    let all = ["agent/core", "agent/docs", "agent/ui", "main:people/copy"];
    server.refuses(&all, "refused[owned-by-another]");
    let said = server.accepts(&["agent/core", "agent/ui", "main:people/copy"]);
    let lines: Vec<_> = said
        .lines()
        .filter(|line| line.contains("agent/"))
        .collect();
    assert_eq!(lines, Vec::<&str>::new(), "{said}");
    assert!(said.contains("2 accepted"), "{said}");
}

#[test]
fn what_a_branch_depends_on_may_come_with_it() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    // Without the branch that it builds on, its commits would be its own.
    let said = server.refuses(
        &["agent/ui"],
        "refused[owned-by-another] agent/ui: core/b.rs",
    );
    for advice in [
        "core, on which ui depends, has no branch here (agent/core)",
        "if this is work of core, push or fetch its branch too",
    ] {
        assert!(flat(&said).contains(advice), "{said}");
    }
    server.accepts(&["agent/ui", "agent/core"]);
    // A rebased dependency takes the place of the one that is there.
    server
        .clone
        .commit(Commit::on("agent/core").from("main").file("core/c.rs", "c"));
    let rebased = Commit::on("agent/ui").from("agent/core");
    server.clone.commit(rebased.file("ui/b.rs", "b"));
    let said = server.refuses(
        &["+agent/ui"],
        "refused[owned-by-another] agent/ui: core/c.rs",
    );
    assert!(!flat(&said).contains("has no branch here"), "{said}");
    server.accepts(&["+agent/ui", "+agent/core"]);
}

#[test]
fn the_rules_are_those_before_the_push() {
    let mut server = Server::new();
    let wider = MANIFEST.replace("[\"core/\"]", "[\"core/\", \"more/\"]");
    let grab = Commit::on("agent/core").from("main");
    server
        .clone
        .commit(grab.file("ownership.yaml", &wider).file("more/a", "a"));
    server.refuses(
        &["agent/core"],
        "refused[protected] agent/core: ownership.yaml",
    );
    server
        .clone
        .commit(Commit::on("agent/core").from("main").file("more/a", "a"));
    server
        .clone
        .commit(Commit::on("main").file("ownership.yaml", &wider));
    let said = server.refuses(
        &["agent/core", "main"],
        "refused[unowned] agent/core: more/a",
    );
    assert!(
        flat(&said).contains("refused[target-pushed] main"),
        "{said}"
    );
}

#[test]
fn commits_that_take_back_what_they_did_are_seen() {
    let mut server = Server::new();
    server
        .clone
        .commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    server.clone.commit(
        Commit::on("agent/core")
            .delete("ui/b.rs")
            .file("core/b.rs", "b"),
    );
    server.refuses(&["agent/core"], "commit");
}

#[test]
fn a_merge_is_made_again_among_what_the_push_brings() {
    let mut server = Server::new();
    let (mine, theirs) = (LIST.replace('1', "one"), LIST.replace('7', "seven"));
    let branch = Commit::on("agent/core").from("main");
    server.clone.commit(branch.file("shared/list", &mine));
    server
        .clone
        .commit(Commit::on("main").file("shared/list", &theirs));
    let clone = server.clone.path();
    server.git(&["fetch", "-q", clone.to_str().unwrap(), "main:main"]);
    let evil = Commit::on("evil").from("agent/core").merging("main");
    server.clone.commit(evil.file("ui/a.rs", "evil"));
    server.refuses(
        &["evil:agent/core"],
        "refused[owned-by-another] agent/core: ui/a.rs",
    );
    let sides = ["agent/core", "main"];
    let tree = server
        .clone
        .git(&[&["merge-tree", "--write-tree"][..], &sides].concat());
    let merge = [
        "commit-tree",
        &tree,
        "-p",
        sides[0],
        "-p",
        sides[1],
        "-m",
        "Merge",
    ];
    let merge = server.clone.git(&merge);
    server.accepts(&[&format!("{merge}:refs/heads/agent/core")]);
}

#[test]
fn the_page_shows_what_a_push_says() {
    let mut server = Server::new();
    let core = Commit::on("agent/core").from("main");
    server.clone.commit(core.file("core/b.rs", "b"));
    let docs = Commit::on("agent/docs").from("main");
    server.clone.commit(docs.file("core/c.rs", "c"));
    let said = server.refuses(&["agent/core", "agent/docs"], "owned-by-another");
    let page = include_str!("../../docs/receive.md");
    let (_, rest) = page.split_once("```text\n").unwrap();
    let shown = rest.split_once("```").unwrap().0.lines();
    let said: Vec<_> = said.lines().map(str::trim_end).collect();
    for line in shown.skip(1).filter(|line| *line != "…") {
        assert!(
            said.contains(&line),
            "{line} is not said:\n{}",
            said.join("\n")
        );
    }
}

#[test]
fn a_tree_that_git_would_never_write_is_undecided() {
    let server = Server::new();
    let git = |arguments: &[&str]| server.clone.git(arguments);
    let blob = git(&["rev-parse", "main:core/a.rs"]);
    let digits = blob.as_bytes().chunks(2);
    let raw = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16));
    let raw: Vec<u8> = raw.collect::<Result<_, _>>().unwrap();
    let entry = [b"100644 .GIT\0".as_slice(), &raw].concat();
    let write = ["hash-object", "-t", "tree", "--literally", "-w", "--stdin"];
    let tree = server.clone.git_with_input(&write, &entry);
    let commit = git(&["commit-tree", &tree, "-p", "main", "-m", "Change something"]);
    let push = format!("{commit}:refs/heads/agent/core");
    server.refuses(&[&push], "undecided[bad-tree] agent/core");
}
