//! Pushes of what `gate publish` writes.

use super::{FILES, MANIFEST, Server, flat, two_branches};
use crate::support::{Commit, TestRepo};

const API: &str = "refs/gate/milestones/core/api";

/// A server without branches yet, and a clone with two of them, the first of which has two commits.
fn server() -> Server {
    let manifest = MANIFEST.replace("depends_on: [core]", "depends_on: [\"core@api\"]");
    let mut server = Server::of(TestRepo::new(&manifest, FILES));
    two_branches(&mut server.clone);
    let more = Commit::on("agent/core").file("core/c.rs", "c");
    server.clone.commit(more);
    server
}

fn publish(server: &Server, commit: &str) {
    let milestone = ["--milestone", "api", "--commit", commit];
    let run = server
        .clone
        .gate(&[&["publish", "core"][..], &milestone].concat());
    run.expect(0);
}

#[test]
fn a_milestone_is_accepted_with_its_branch_and_moves_forward() {
    let server = server();
    publish(&server, "agent/core~1");
    let said = server.refuses(&[API], "refused[commit-elsewhere]");
    assert!(
        flat(&said).contains("push the branch of core that holds it, too"),
        "{said}"
    );
    server.accepts(&["agent/core", API]);
    // Who builds on it is judged by it.
    server.accepts(&["agent/ui"]);
    publish(&server, "agent/core");
    server.accepts(&[API]);
    server.refuses(&[&format!("+agent/core~1:{API}")], "refused[taken-back]");
    server.refuses(&[&format!(":{API}")], "refused[taken-back]");
    server.accepts(&["agent/core:refs/gate/finished/core"]);
    server.refuses(
        &["agent/core:refs/gate/finished/nobody"],
        "refused[reserved-ref]",
    );
    server.refuses(
        &["agent/core:refs/gate/milestones/nobody/x"],
        "refused[reserved-ref]",
    );
    server.refuses(
        &["agent/core:refs/gate/milestones/core/x/y"],
        "refused[reserved-ref]",
    );
    server.refuses(
        &["agent/core:refs/gate/milestones/core/-x"],
        "refused[reserved-ref]",
    );
    server.refuses(
        &["agent/core^{tree}:refs/gate/milestones/core/t"],
        "undecided[not-a-commit]",
    );
}

#[test]
fn work_that_is_refused_is_not_published() {
    let mut server = server();
    let manifest = MANIFEST.replace("version: 1", "version: 1\nhistory: net");
    let mut clone = TestRepo::new(&manifest, FILES);
    two_branches(&mut clone);
    server.clone = clone;
    let server = &mut Server::of(std::mem::replace(&mut server.clone, TestRepo::unmade()));
    server
        .clone
        .commit(Commit::on("agent/core").file("docs/a.md", "mine"));
    server
        .clone
        .commit(Commit::on("agent/core").file("docs/a.md", "a\n"));
    // Net the branch changes nothing there; the commit before the last does.
    server.accepts(&["agent/core"]);
    let said = server.refuses(
        &[&format!("agent/core~1:{API}")],
        "refused[owned-by-another]",
    );
    assert!(flat(&said).contains("docs/a.md"), "{said}");
}

#[test]
fn without_rules_nobody_can_have_published_anything() {
    let mut clone = TestRepo::empty();
    clone.commit(Commit::on("main").file("README.md", "a"));
    let server = Server::of(clone);
    server.refuses(&[&format!("main:{API}")], "refused[reserved-ref]");
}

#[test]
fn a_landing_with_milestones_may_be_pushed() {
    for also in [&["agent/core", "agent/ui", API][..], &[]] {
        let server = server();
        publish(&server, "agent/core~1");
        server.clone.gate(&["integrate", "--land"]).expect(0);
        server.accepts(&[&["main"], also].concat());
    }
    // The milestone first, and what needs it after that.
    let server = server();
    publish(&server, "agent/core~1");
    server.clone.gate(&["integrate", "--land"]).expect(0);
    let log = server
        .clone
        .git(&["log", "--first-parent", "--format=%s", "main"]);
    assert_eq!(
        log,
        "Merge agent/ui\nMerge agent/core\nMerge core@api\nBegin"
    );
}

#[test]
fn a_merge_without_the_milestone_that_it_needs_is_refused() {
    let server = server();
    publish(&server, "agent/core~1");
    server.clone.gate(&["integrate", "--land"]).expect(0);
    server.accepts(&["agent/core", "agent/ui", API]);
    let text = server.clone.git(&["cat-file", "commit", "main"]) + "\n";
    let (before, base) = (server.clone.id("main~1"), server.clone.id("main~3"));
    let early = text.replace(&format!("parent {before}"), &format!("parent {base}"));
    let arguments = ["hash-object", "-t", "commit", "-w", "--stdin"];
    let id = server.clone.git_with_input(&arguments, early.as_bytes());
    let said = server.refuses(
        &[&format!("{id}:refs/heads/main")],
        "refused[target-pushed]",
    );
    let why = "ui waits for core@api, which is not merged yet";
    assert!(flat(&said).contains(why), "{said}");
}

#[test]
fn a_branch_brings_its_milestones_along_here_as_well() {
    let mut server = server();
    // Alone the milestone is in conflict with the target; the branch has solved it.
    publish(&server, "agent/core~1");
    let clone = &mut server.clone;
    clone.commit(Commit::on("main").file("core/b.rs", "other"));
    clone.git(&["reset", "-q", "--hard", "main"]);
    let merge = Commit::on("agent/core").merging("main");
    clone.commit(merge.file("core/b.rs", "both"));
    let server = Server::called("other.git", server.clone, &["--bare"]);
    let run = server
        .clone
        .gate(&["integrate", "--land", "--format", "concise"]);
    let run = run.expect(1).says("core@api: ejected");
    run.says("agent/core: merged").says("agent/ui: merged");
    server.accepts(&[API]);
    server.accepts(&["main"]);
}
