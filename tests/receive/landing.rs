//! Pushes that move the target.

use super::{FILES, LIST, MANIFEST, Server, flat, landed, two_branches};
use crate::support::{Commit, TestRepo};

#[test]
fn what_gate_has_landed_may_be_pushed() {
    for format in ["sha1", "sha256"] {
        let mut clone = TestRepo::of_format(format, MANIFEST, FILES);
        two_branches(&mut clone);
        let server = Server::of(clone);
        server.clone.gate(&["integrate", "--land"]).expect(0);
        let said = server.accepts(&["main"]);
        assert!(
            flat(&said).contains("checked 1 branch against main"),
            "{said}"
        );
        assert_eq!(server.git(&["rev-parse", "main"]), server.clone.id("main"));
    }
    // The branches may come with it, or not at all.
    for also in [&["agent/core", "agent/ui"][..], &[]] {
        let mut server = Server::new();
        two_branches(&mut server.clone);
        server.clone.gate(&["integrate", "--land"]).expect(0);
        server.accepts(&[&["main"], also].concat());
    }
}

#[test]
fn several_landings_may_be_pushed_at_once() {
    let mut server = landed();
    // The branch goes on from the target that holds its own first merge, and that of others.
    let on = Commit::on("agent/core").merging("main");
    server.clone.commit(
        on.file("core/c.rs", "c")
            .file("docs/b.md", "b")
            .file("ui/b.rs", "b")
            .file("shared/list", &LIST.replace('7', "seven")),
    );
    server.clone.gate(&["integrate", "--land"]).expect(0);
    server.accepts(&["main"]);
}

#[test]
fn a_target_that_anybody_else_moves_is_refused() {
    let mut server = Server::new();
    server
        .clone
        .commit(Commit::on("main").file("README.md", "new"));
    let said = server.refuses(&["main"], "refused[target-pushed] main");
    assert!(
        said.contains("by way of a commit that is no merge"),
        "{said}"
    );
    let server = landed();
    server.refuses(&[":main"], "main would be deleted");
    server.accepts(&["main"]);
    server.refuses(&["+main~1:main"], "main would go back");
    let other = server
        .clone
        .git(&["commit-tree", "main^{tree}", "-m", "other"]);
    let aside = format!("+{other}:refs/heads/main");
    server.refuses(&[&aside], "does not hold all of it");
}

/// The last merge of `main`, made again with another tree, message, author or date.
fn forged(server: &Server, change: impl Fn(String) -> String) -> String {
    let text = server.clone.git(&["cat-file", "commit", "main"]);
    let changed = change(text.clone() + "\n");
    assert_ne!(changed, text + "\n");
    let arguments = ["hash-object", "-t", "commit", "-w", "--stdin"];
    let id = server.clone.git_with_input(&arguments, changed.as_bytes());
    format!("{id}:refs/heads/main")
}

#[test]
fn a_forged_merge_is_refused() {
    let server = landed();
    let tree = |revision: &str| {
        server
            .clone
            .git(&["rev-parse", &format!("{revision}^{{tree}}")])
    };
    let (real, first) = (tree("main"), tree("main~3"));
    let tip = server.clone.id("agent/ui");
    let core = server.clone.id("agent/core");
    for (what, with) in [
        (real.as_str(), first.as_str()),
        ("author gate", "author Mallory"),
        ("committer gate", "committer Mallory"),
        ("17000", "18000"),
        ("Merge agent/ui", "Merge agent/ui, reviewed by Ada"),
        ("Gate-Agent: ui", "Gate-Agent: core"),
        ("Gate-Branch: agent/ui", "Gate-Branch: agent/core"),
        ("Gate-Branch: agent/ui", "Gate-Branch: main"),
        ("Gate-Branch: agent/ui", "Gate-Branch: people/fix"),
        ("Gate-Run: ", "Gate-Run: x"),
        (tip.as_str(), core.as_str()),
        ("Gate-Manifest: ", "Gate-Manifest: 0"),
    ] {
        let push = forged(&server, |text| text.replace(what, with));
        server.refuses(&[&push], "refused[target-pushed] main");
    }
    server.accepts(&["main"]);
}

/// A commit with this text, pushed to the target.
fn written(server: &Server, text: &str) -> String {
    let arguments = ["hash-object", "-t", "commit", "-w", "--stdin"];
    let id = server.clone.git_with_input(&arguments, text.as_bytes());
    format!("{id}:refs/heads/main")
}

#[test]
fn a_merge_before_what_it_depends_on_is_refused() {
    let server = landed();
    let text = server.clone.git(&["cat-file", "commit", "main"]) + "\n";
    // core, docs, ui is the order of the plan.
    let (before, base) = (server.clone.id("main~1"), server.clone.id("main~3"));
    let early = text.replace(&format!("parent {before}"), &format!("parent {base}"));
    server.refuses(&[&written(&server, &early)], "refused[target-pushed] main");
    let run = server.push(&[&written(&server, &early)]).expect(1);
    run.says("ui waits for core, which has not delivered yet");
}

#[test]
fn a_merge_of_work_that_is_refused_is_refused() {
    let mut server = landed();
    let evil = Commit::on("evil").from("main~3");
    let evil = server.clone.commit(evil.file("docs/evil.md", "evil"));
    let core = server.clone.id("agent/core");
    let merge = ["merge-tree", "--write-tree", "main~3", "evil"];
    let tree = server.clone.git(&merge);
    let text = server.clone.git(&["cat-file", "commit", "main~2"]) + "\n";
    let old = server.clone.git(&["rev-parse", "main~2^{tree}"]);
    let text = text.replace(&core, &evil).replace(&old, &tree);
    let push = written(&server, &text);
    let said = server.refuses(&[&push], "refused[owned-by-another] main: docs/evil.md");
    assert!(
        said.contains("refused[target-pushed] main, in commit"),
        "{said}"
    );
}

#[test]
fn what_changes_the_manifest_is_pushed_before_what_follows() {
    let mut server = Server::new();
    let wider = MANIFEST.replace("[\"docs/\"]", "[\"docs/\", \"more/\"]");
    let change = Commit::on("agent/docs").from("main");
    server.clone.commit(change.file("ownership.yaml", &wider));
    server.clone.gate(&["integrate", "--land"]).expect(0);
    let first = server.clone.id("main");
    server
        .clone
        .commit(Commit::on("agent/docs").file("more/a.md", "a"));
    server.clone.gate(&["integrate", "--land"]).expect(0);
    let said = server.refuses(&["main"], "refused[target-pushed] main");
    assert!(
        flat(&said).contains("the manifest before the push"),
        "{said}"
    );
    server.accepts(&[&format!("{first}:refs/heads/main")]);
    server.accepts(&["main"]);
}
