//! The same branches, whatever order they were made in and wherever, come to the same commit.

use super::number;
use crate::oracle::random::Random;
use crate::support::{Commit, Run, TestRepo, clean_command};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many agents there are, none of which depends on another.
const AGENTS: usize = 8;
/// How many orders are tried where nobody says it.
const ORDERS: usize = 2;

/// A repository with a branch of every agent.
fn repo() -> TestRepo {
    let agents = (0..AGENTS).map(|number| {
        format!("  a{number}: {{ branch: agent/a{number}, owns: [\"a{number}/\"] }}\n")
    });
    let agents: String = agents.collect();
    let manifest = format!("version: 1\nagents:\n{agents}verify: [\"true\"]\n");
    let mut repo = TestRepo::new(&manifest, &[]);
    for number in 0..AGENTS {
        let (branch, path) = (format!("agent/a{number}"), format!("a{number}/b"));
        repo.commit(Commit::on(&branch).from("main").file(&path, "b"));
    }
    repo
}

/// The numbers below `AGENTS` in an order that depends on `seed` alone.
fn order(seed: usize) -> Vec<usize> {
    let mut random = Random::new(seed as u64);
    let mut numbers: Vec<_> = (0..AGENTS).collect();
    for place in (1..AGENTS).rev() {
        numbers.swap(place, random.below(place + 1));
    }
    numbers
}

/// A repository with the same objects, whose branches are made in this order.
fn ordered(repo: &TestRepo, place: &Path, order: &[usize]) {
    let path = place.display().to_string();
    repo.git(&["init", "-q", "--bare", "-b", "main", &path]);
    let objects = repo.path().join(".git/objects").display().to_string();
    std::fs::write(place.join("objects/info/alternates"), objects + "\n").unwrap();
    let set = |name: &str| {
        let update = ["--git-dir", &path, "update-ref", name, &repo.id(name)];
        repo.git(&update);
    };
    for (turn, number) in order.iter().enumerate() {
        set(&format!("refs/heads/agent/a{number}"));
        if turn == order.len() / 2 {
            repo.git(&["--git-dir", &path, "pack-refs", "--all"]);
        }
    }
    set("refs/heads/main");
}

/// The commits of the result and of the record, made with so many threads.
fn integrated(repo: &TestRepo, place: &Path, threads: &str) -> [String; 2] {
    let mut gate = repo.gate_command(place, &["integrate"]);
    let run = Run::of(gate.env("RAYON_NUM_THREADS", threads));
    run.expect(0);
    ["refs/heads/gate/integration", "refs/gate/last-run"].map(|name| {
        let mut git = clean_command("git");
        let output = git.arg("-C").arg(place).args(["rev-parse", name]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    })
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
fn the_order_of_independent_branches_changes_nothing() {
    let repo = repo();
    let folder = tempfile::tempdir().unwrap();
    let clone: PathBuf = folder.path().join("clone");
    let path = clone.display().to_string();
    repo.git(&["clone", "-q", "--mirror", "--no-local", ".", &path]);
    let expected = integrated(&repo, &clone, "1");
    assert_eq!(integrated(&repo, &repo.path(), "8"), expected);
    let mut seen = BTreeSet::new();
    for seed in 0..number("GATE_CROWD_ORDERS", ORDERS) {
        let order = order(seed);
        let place = folder.path().join(seed.to_string());
        ordered(&repo, &place, &order);
        let threads = if seed % 2 == 0 { "8" } else { "1" };
        assert_eq!(integrated(&repo, &place, threads), expected, "{order:?}");
        seen.insert(order);
    }
    let orders = number("GATE_CROWD_ORDERS", ORDERS);
    assert_eq!(seen.len(), orders, "every order is another one");
    println!(
        "{orders} orders, two clones, 1 and 8 threads: {}",
        expected[0]
    );
}
