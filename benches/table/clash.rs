//! The row about who will conflict with whom.

use super::Result;
use super::race::{Race, gate, git, output, race};
use super::repository::{Repository, Size, data, feed, person};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::process::Command;

/// Two branches, in order.
type Pair = [String; 2];

/// How many pairs of branches conflict.
const CONFLICTS: usize = 10;

/// Whether there is a `clash` to run beside.
pub(super) fn is_there() -> bool {
    output(Command::new("clash").arg("--version"), &[0]).is_ok()
}

/// Beside `clash status`, which wants a work tree for each branch.
///
/// Every two branches here change the same line or no file in common: `clash` also names those who change
/// different lines of one file, which git merges.
pub(super) fn conflicts() -> Result<Race> {
    let size = Size {
        files: 5_000,
        branches: 21,
        agents: 21,
        patterns: 21,
    };
    let bare = Repository::generated(size, "net")?;
    contradict(&bare)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("main");
    let source = bare.path.to_string_lossy();
    let clone = ["clone", "--quiet", &source, "main"];
    output(&mut git(folder.path(), &clone), &[0])?;
    for (number, branch) in bare.branches.iter().enumerate() {
        let place = format!("../tree{number}");
        let add = ["worktree", "add", "--quiet", &place, branch];
        output(&mut git(&path, &add), &[0])?;
    }
    let memory = path.join(".git/gate");
    let ours = || {
        // As if for the first time.
        if memory.exists() {
            std::fs::remove_dir_all(&memory)?;
        }
        let printed = output(&mut gate(&path, &["conflicts", "--format", "json"]), &[1])?;
        by_gate(&serde_json::from_str(&printed)?)
    };
    let theirs = || {
        let mut clash = Command::new("clash");
        let printed = output(clash.current_dir(&path).args(["status", "--json"]), &[0])?;
        by_clash(&serde_json::from_str(&printed)?)
    };
    if ours()?.len() != CONFLICTS {
        return Err("gate does not find the conflicts that were made".into());
    }
    race(ours, theirs)
}

/// Lets every two of the first branches change the same line.
fn contradict(repository: &Repository) -> Result<()> {
    let mut stream = String::new();
    for (number, branch) in repository.branches[..2 * CONFLICTS].iter().enumerate() {
        let file = format!("a0020/d000/f{:06}", 100 + number / 2);
        let person = person(4_000_000);
        writeln!(
            stream,
            "commit refs/heads/{branch}\n{person}from refs/heads/{branch}^0"
        )?;
        writeln!(stream, "M 644 inline {file}\n{}", data(branch))?;
    }
    feed(&repository.path, &["fast-import", "--quiet"], &stream)
}

fn by_gate(document: &Value) -> Result<BTreeSet<Pair>> {
    let pairs = document["pairs"].as_array().ok_or("no pairs")?.iter();
    let conflicts = pairs.filter(|pair| pair["result"] == "conflict");
    conflicts
        .map(|pair| in_order([&pair["first"], &pair["second"]]))
        .collect()
}

fn by_clash(document: &Value) -> Result<BTreeSet<Pair>> {
    let trees = document["worktrees"].as_array().ok_or("no work trees")?;
    let branches: HashMap<_, _> = (trees.iter())
        .map(|tree| (tree["id"].to_string(), &tree["branch"]))
        .collect();
    let conflicts = document["conflicts"].as_array().ok_or("no conflicts")?;
    let branch = |id: &Value| branches.get(&id.to_string()).copied().ok_or("no such tree");
    conflicts
        .iter()
        .map(|pair| in_order([branch(&pair["wt1_id"])?, branch(&pair["wt2_id"])?]))
        .collect()
}

fn in_order(names: [&Value; 2]) -> Result<Pair> {
    let mut names = names.map(|name| name.as_str().unwrap_or_default().to_owned());
    if names.iter().any(String::is_empty) {
        return Err("a pair without names".into());
    }
    names.sort_unstable();
    Ok(names)
}
