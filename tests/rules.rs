//! The rules of shared paths: what they allow a branch to do, and several of them in one run.

mod append_only;
mod disjoint_lines;

use crate::support::TestRepo;

/// A log and a list that three agents share, each under a rule of its own.
const MANIFEST: &str = r#"version: 1
agents:
  a: { branch: agent/a }
  b: { branch: agent/b }
  c: { branch: agent/c, depends_on: [a] }
shared:
  - paths: ["log.txt"]
    agents: [a, b, c]
    rule: append-only
  - paths: ["list.txt", "*.bin"]
    agents: [a, b, c]
    rule: disjoint-lines
"#;

const LOG: &str = "one\ntwo\n";
const LIST: &str = "1\n2\n3\n4\n5\n6\n7\n8\n";

fn repo() -> TestRepo {
    TestRepo::new(MANIFEST, &[("log.txt", LOG), ("list.txt", LIST)])
}

#[test]
fn whoever_asks_is_told_the_rule() {
    let repo = repo();
    for (path, rule) in [
        ("log.txt", "shared by a, b, c, only by lines at the end"),
        ("list.txt", "shared by a, b, c, in lines apart"),
    ] {
        repo.gate(&["who", path]).expect(0).says(rule);
    }
}
