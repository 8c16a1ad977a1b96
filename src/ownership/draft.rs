//! A manifest to begin with.

use super::Pattern;
use super::always::always;
use super::codeowners::{Taken, exactly, id};
use super::yaml::{SCHEMA, comment, key, quoted};
use crate::words::RepoPath;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A commented manifest for the branch `target`, with an agent for every top directory of `tree`
/// that is not protected as a whole.
pub fn draft(target: &str, tree: &[RepoPath]) -> String {
    let mut text = SCHEMA.to_owned();
    for line in HEADING {
        comment(&mut text, line);
    }
    text.push_str("version: 1\n");
    _ = writeln!(text, "target: {}", quoted(target));
    text.push_str(SETTINGS);
    let directories = directories(tree);
    if directories.is_empty() {
        text.push_str("agents: {}\n");
        text.push_str(EXAMPLE);
    } else {
        text.push_str("agents:\n");
    }
    let mut taken = Taken::default();
    for (directory, name) in directories {
        let agent = taken.take(&id(&name));
        _ = writeln!(text, "  {}:", key(&agent));
        _ = writeln!(text, "    branch: {}", quoted(&format!("agent/{agent}")));
        _ = writeln!(text, "    owns: [{}]", quoted(&directory));
    }
    text.push_str(REST);
    text
}

/// The top directories that hold more than protected files, as patterns, with their names.
fn directories(tree: &[RepoPath]) -> BTreeSet<(String, String)> {
    let top = tree
        .iter()
        .filter(|path| always(path).is_none())
        .filter_map(|path| {
            let bytes = path.as_bytes();
            let slash = bytes.iter().position(|byte| *byte == b'/')?;
            let pattern = exactly(&bytes[..slash])? + "/";
            let name = String::from_utf8_lossy(&bytes[..slash]).into_owned();
            Pattern::parse(&pattern).is_ok().then_some((pattern, name))
        });
    top.collect()
}

const HEADING: [&str; 7] = [
    "",
    "Who may change which files. gate judges the branches of agents by this file, as it stands on the",
    "target: commit it there. Before that, `gate check manifest ownership.yaml` validates it and proves",
    "that no file has two owners.",
    "",
    "A first draft: an agent for each top directory. Put agents together or take them apart until this",
    "is who does the work.",
];

const SETTINGS: &str = "\
unowned: deny    # a path that nobody claims: deny, warn or allow
# others: deny   # branches that belong to no agent: people's are allowed unless this is said
# history: net   # judge what a branch changes in the end, and not each of its commits
# protected: [\"tools/\"]   # only for agents that are `trusted_with` it
";

const EXAMPLE: &str = "\
# For example, in place of the `{}`:
#  storage:
#    branch: agent/storage
#    owns: [\"src/storage/\", \"migrations/????????_storage_*\"]
";

const REST: &str = "\
# What an agent may have beside `branch` and `owns`:
#   forbids: [\"web/vendor/\"]                       # must not be touched, even by its owner
#   depends_on: [storage]                          # may build on that agent's branch
#   trusted_with: [\".github/workflows/web.yml\"]    # a protected path, by name
#   verify: [\"make test\"]                          # must pass on the merged tree
#
# What several agents change:
# shared:
#   - paths: [\"api/\"]
#     agents: [storage, web]
#
# What must pass before anything lands:
# verify: [\"make test\"]
";
