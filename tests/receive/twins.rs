//! New branches that some system takes for those of others, or that leave no place for them.

use super::{FILES, MANIFEST, Server};
use crate::support::{Commit, TestRepo};

/// A server on which no branch but the target is.
fn server() -> Server {
    let several = "branch: [agent/ui, \"agent/ui-*\", \"team/*/work\"]";
    let manifest = MANIFEST.replace("branch: agent/ui", several);
    let mut clone = TestRepo::new(&manifest, FILES);
    clone.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let server = Server::of(clone);
    server.git(&["update-ref", "-d", "refs/heads/agent/core"]);
    server
}

#[test]
fn a_twin_of_an_agents_branch_that_is_not_there() {
    let server = server();
    for name in [
        "agent/Core",
        "Agent/core",
        "agent/co\u{200d}re",
        "Agent/ui-x",
        "AGENT/UI-",
        "team/x/Work",
    ] {
        let push = format!("main:refs/heads/{name}");
        server.refuses(&[&push], "refused[name-collision]");
        server.refuses(&["agent/core", &push], "refused[name-collision]");
    }
    server.accepts(&["agent/core", "main:refs/heads/agent/ui-X"]);
}

#[test]
fn a_branch_that_leaves_no_place_for_another() {
    let server = server();
    for name in [
        "agent",
        "Agent",
        "gate",
        "GATE",
        "team",
        "team/x",
        "agent/core/more",
        "Agent/CORE/more",
        "agent/ui-x/y",
        "gate/integration/x",
    ] {
        let push = format!("main:refs/heads/{name}");
        server.refuses(&[&push], "refused[name-collision]");
    }
    server.accepts(&["main:refs/heads/agents", "main:refs/heads/agent/other/x"]);
    server.accepts(&["main:refs/heads/team/x/y/z", "main:refs/heads/gatekeeper"]);
}

#[test]
fn a_branch_is_called_as_git_calls_what_is_checked_out() {
    let server = server();
    for name in ["HEAD", "Head"] {
        let push = format!("main:refs/heads/{name}");
        server.refuses(&[&push], "refused[reserved-ref]");
    }
    server.accepts(&["main:refs/heads/topic/HEAD"]);
}
