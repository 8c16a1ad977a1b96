//! Pushes that a server refuses.

use super::{Scene, change};
use crate::support::Commit;
use gate::words::Code;

const MANIFEST: &str = "version: 1\nagents:\n  core: { branch: agent/core, owns: [core/] }\n";
const FILES: &[(&str, &str)] = &[("core/a.rs", "a")];
const RECEIVE: &[&str] = &["check", "receive"];

pub(super) fn scene(code: Code) -> Option<Scene> {
    let mut repo = change(MANIFEST, FILES, "core/b.rs");
    let (main, tip) = (repo.id("main"), repo.id("agent/core"));
    let null = "0".repeat(40);
    let pushed = match code {
        Code::ReservedRef => format!("{null} {tip} refs/replace/{main}\n"),
        Code::TargetPushed => {
            let by_hand = Commit::on("by-hand").from("main").file("core/a.rs", "b");
            let by_hand = repo.commit(by_hand);
            format!("{main} {by_hand} refs/heads/main\n")
        }
        Code::UnmergedDeletion => format!("{tip} {null} refs/heads/agent/core\n"),
        Code::StalePush => format!("{main} {tip} refs/heads/agent/core\n"),
        _ => return None,
    };
    Some(Scene {
        input: Some(pushed),
        ..Scene::new(repo, RECEIVE)
    })
}
