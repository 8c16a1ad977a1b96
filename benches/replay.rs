//! Repeats the last merges of a repository with gate's merge engine, and holds each against
//! `git merge-tree`. It fails if one of them differs.
//!
//! ```text
//! cargo bench --bench replay -- REPOSITORY [MERGES]
//! ```
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use gate::repo::{Merge, Quarantine, Repo};
use gate::words::ObjectId;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Parents = [ObjectId; 2];

/// How many merges are repeated unless it is said.
const MERGES: &str = "1000";

fn main() -> Result<ExitCode> {
    // cargo adds `--bench`.
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let (repository, limit) = match &arguments[..] {
        [repository] => (repository, MERGES),
        [repository, limit] => (repository, limit.as_str()),
        _ => {
            println!("usage: cargo bench --bench replay -- REPOSITORY [MERGES]");
            return Ok(ExitCode::SUCCESS);
        }
    };
    replay(Path::new(repository), limit)
}

fn replay(repository: &Path, limit: &str) -> Result<ExitCode> {
    let repo = understood(Repo::open(repository))?;
    let parents = last_merges(repository, limit)?;
    let quarantine = understood(repo.quarantine())?;
    let (by_gate, gate_time) = timed(&parents, |of| understood(quarantine.merge(of[0], of[1])))?;
    let (without_git, first_engine_time) =
        timed(&parents, |of| understood(first_engine(&quarantine, of)))?;
    let git = Git::beside(&repo)?;
    let (by_git, git_time) = timed(&parents, |of| git.merge(of))?;

    let count = |wanted: fn(&Merge) -> bool| by_gate.iter().filter(|merge| wanted(merge)).count();
    println!(
        "{} merges: {} clean, {} in conflict, {} of unrelated histories",
        parents.len(),
        count(|merge| matches!(merge, Merge::Clean { .. })),
        count(|merge| matches!(merge, Merge::Conflict { .. })),
        count(|merge| matches!(merge, Merge::Unrelated)),
    );
    let answered = without_git.iter().filter(|answered| **answered).count();
    println!("the first engine answers {answered}; alone it takes {first_engine_time:.2?}");
    println!("gate {gate_time:.2?}, a `git merge-tree` each {git_time:.2?}");
    let mut differ = 0;
    for ((of, gate), git) in parents.iter().zip(&by_gate).zip(&by_git) {
        if outcome(gate) != *git {
            differ += 1;
            println!("{} {}: gate {:?}, git {git:?}", of[0], of[1], outcome(gate));
        }
    }
    println!("differ from git: {differ}");
    Ok(ExitCode::from(u8::from(differ > 0)))
}

/// The parents of the last merges of two parents each, the newest first.
fn last_merges(repository: &Path, limit: &str) -> Result<Vec<Parents>> {
    let limit = format!("--max-count={limit}");
    let log = ["log", "--merges", "--max-parents=2", "--format=%P", &limit];
    let listing = run(Command::new("git").current_dir(repository).args(log))?;
    let pair = |line: &str| {
        let (ours, theirs) = line.split_once(' ').ok_or("a merge has two parents")?;
        Ok([id(ours)?, id(theirs)?])
    };
    listing.lines().map(pair).collect()
}

/// Whether the first engine answers by itself; only with a single merge base is it asked at all.
fn first_engine(quarantine: &Quarantine, [ours, theirs]: Parents) -> gate::words::Result<bool> {
    let tree = |id| quarantine.commit(id).map(|commit| commit.tree);
    let answer = match quarantine.merge_bases(ours, &[theirs])?[..] {
        [base] => quarantine.merge_trees(Some(tree(base)?), tree(ours)?, tree(theirs)?)?,
        _ => None,
    };
    Ok(answer.is_some())
}

/// Whether a merge is clean, and its tree; `None` for unrelated histories.
type MergeOutcome = Option<(bool, ObjectId)>;

fn outcome(merge: &Merge) -> MergeOutcome {
    match merge {
        Merge::Clean { tree } => Some((true, *tree)),
        Merge::Conflict { tree, .. } => Some((false, *tree)),
        Merge::Unrelated => None,
    }
}

/// git in a repository of its own on top of the other's objects: nobody's configuration, attributes
/// or grafts have a say there, and nothing is written into the other.
struct Git {
    folder: tempfile::TempDir,
}

impl Git {
    fn beside(repo: &Repo) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let bytes = repo.empty_tree().as_bytes().len();
        let format = if bytes == 20 { "sha1" } else { "sha256" };
        let init = ["init", "--quiet", "--bare", "--object-format", format];
        run(Command::new("git").args(init).arg(folder.path()))?;
        let objects: PathBuf = repo.common_dir().join("objects");
        let alternates = format!("{}\n", objects.display());
        fs::write(folder.path().join("objects/info/alternates"), alternates)?;
        Ok(Self { folder })
    }

    fn merge(&self, of: Parents) -> Result<MergeOutcome> {
        let output = Command::new("git")
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["merge-tree", "--write-tree", "--no-messages", "-z"])
            .args(of.map(|parent| parent.to_string()))
            .output()?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        let clean = match output.status.code() {
            Some(0) => true,
            Some(1) => false,
            _ if complaint.contains("unrelated histories") => return Ok(None),
            _ => return Err(format!("git merge-tree: {complaint}").into()),
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let tree = text.split('\0').next().unwrap_or_default();
        Ok(Some((clean, id(tree)?)))
    }
}

/// What `merge` says of each pair of parents, and how long it took for all of them.
fn timed<T>(
    parents: &[Parents],
    merge: impl Fn(Parents) -> Result<T>,
) -> Result<(Vec<T>, Duration)> {
    let start = Instant::now();
    let merged: Result<Vec<_>> = parents.iter().map(|of| merge(*of)).collect();
    Ok((merged?, start.elapsed()))
}

/// gate's errors as those of this program.
fn understood<T>(result: gate::words::Result<T>) -> Result<T> {
    Ok(result.map_err(|finding| finding.to_string())?)
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn id(hex: &str) -> Result<ObjectId> {
    let digits: Vec<_> = hex.trim().chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16);
    let bytes: std::result::Result<Vec<_>, _> = digits.chunks(2).map(byte).collect();
    Ok(ObjectId::from_bytes(&bytes?).ok_or("no id")?)
}
