//! Measurements on a real repository, and whether the answers are git's; run by hand:
//! `GATE_TEST_REPOSITORY=DIR cargo test --release --lib replay -- --ignored --nocapture`
#![expect(clippy::print_stdout, reason = "measurements are for people to read")]

use super::merge::Merge;
use super::open::Repo;
use super::quarantine::Quarantine;
use super::testing::hex;
use crate::words::ObjectId;
use std::path::Path;
use std::time::{Duration, Instant};

fn opened() -> Repo {
    let dir =
        std::env::var_os("GATE_TEST_REPOSITORY").expect("GATE_TEST_REPOSITORY is a directory");
    Repo::open(Path::new(&dir)).expect("a repository")
}

/// The parents of the last merges, as hexadecimal ids.
fn merges(repo: &Repo) -> Vec<[String; 2]> {
    let git = repo
        .git("log")
        .args(["--merges", "--max-parents=2", "-1000", "--format=%P"]);
    let list = String::from_utf8(git.run().expect("git")).expect("text");
    let pair = |line: &str| {
        line.split_once(' ')
            .map(|(a, b)| [a.to_owned(), b.to_owned()])
    };
    list.lines().filter_map(pair).collect()
}

#[derive(Default)]
struct Counts {
    clean: usize,
    plain: usize,
    wrong: usize,
    first_engine: Duration,
    both_engines: Duration,
}

impl Counts {
    fn merge(&mut self, repo: &Repo, quarantine: &Quarantine, parents: &[String; 2]) {
        let [ours, theirs] = parents.each_ref().map(|id| hex(id));
        let git = repo
            .git("merge-tree")
            .args(["--write-tree", "--allow-unrelated-histories"]);
        let output = git.args(parents).output().expect("git");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let by_git = (
            hex(text.lines().next().expect("a tree")),
            output.status.success(),
        );
        self.clean += usize::from(by_git.1);

        let start = Instant::now();
        let bases = quarantine.merge_bases(ours, &[theirs]).expect("bases");
        let tree = |id| quarantine.commit(id).expect("a commit").tree;
        let plain = match bases[..] {
            [base] => quarantine.merge_trees(Some(tree(base)), tree(ours), tree(theirs)),
            _ => Ok(None),
        };
        self.first_engine += start.elapsed();
        if let Some(tree) = plain.expect("a merge") {
            self.plain += 1;
            self.wrong += usize::from((tree, true) != by_git);
        }
        let start = Instant::now();
        let merged = quarantine.merge(ours, theirs).expect("a merge");
        self.both_engines += start.elapsed();
        let merged = match merged {
            Merge::Clean { tree } => (tree, true),
            Merge::Conflict { tree, .. } => (tree, false),
            Merge::Unrelated => return,
        };
        self.wrong += usize::from(merged != by_git);
    }
}

#[test]
#[ignore = "needs a repository with many merges"]
fn the_merges_of_a_real_repository_are_those_of_git() {
    let repo = opened();
    let quarantine = repo.quarantine().expect("a quarantine");
    let merges = merges(&repo);
    let mut counts = Counts::default();
    for parents in &merges {
        counts.merge(&repo, &quarantine, parents);
    }
    println!(
        "{} merges, {} clean; {} by the first engine in {:?}; with the second {:?}; {} wrong",
        merges.len(),
        counts.clean,
        counts.plain,
        counts.first_engine,
        counts.both_engines,
        counts.wrong
    );
    assert_eq!(counts.wrong, 0);
}

#[test]
#[ignore = "needs a repository with many merges"]
fn history_and_differences_of_a_real_repository_are_those_of_git() {
    let repo = opened();
    let tip = hex(
        &String::from_utf8(repo.git("rev-parse").arg("HEAD").run().expect("git")).expect("text"),
    );
    let pairs: Vec<[ObjectId; 2]> = merges(&repo)
        .iter()
        .map(|pair| pair.each_ref().map(|id| hex(id)))
        .collect();
    for round in ["first", "second"] {
        let start = Instant::now();
        for [ours, theirs] in &pairs {
            repo.merge_bases(*theirs, &[*ours]).expect("bases");
        }
        println!(
            "{round} round: {} merge bases in {:?}",
            pairs.len(),
            start.elapsed()
        );
        let start = Instant::now();
        let own: usize = pairs
            .iter()
            .map(|[ours, theirs]| repo.own_commits(*theirs, &[*ours]).expect("commits").len())
            .sum();
        println!("{round} round: {own} own commits in {:?}", start.elapsed());
        let start = Instant::now();
        let changes: usize = pairs
            .iter()
            .map(|pair| {
                let [a, b] = pair.map(|id| repo.commit(id).expect("a commit").tree);
                repo.diff(Some(a), b).expect("a difference").len()
            })
            .sum();
        println!("{round} round: {changes} changes in {:?}", start.elapsed());
    }
    let start = Instant::now();
    let tree = repo.commit(tip).expect("a commit").tree;
    println!(
        "{} paths in {:?}",
        repo.tracked(tree).expect("a listing").len(),
        start.elapsed()
    );
    for [ours, theirs] in pairs.iter().step_by(20) {
        let range = [theirs.to_string(), format!("^{ours}")];
        let git = repo.git("rev-list").args(&range).run().expect("git");
        let mut git: Vec<_> = String::from_utf8_lossy(&git).lines().map(hex).collect();
        let mut own = repo.own_commits(*theirs, &[*ours]).expect("commits");
        git.sort_unstable();
        own.sort_unstable();
        assert_eq!(own, git, "{range:?}");
    }
}
