//! Eight gates integrate at once in one repository, beside somebody who pushes to the target.

use super::number;
use crate::support::{Run, TestRepo};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many gates integrate at once: one for each agent.
const GATES: usize = 8;
/// How many commits are pushed for each round.
const PUSHED: usize = 2;
/// How many rounds there are where nobody says it.
const ROUNDS: usize = 3;
/// How long whoever pushes rests in between.
const REST: Duration = Duration::from_millis(200);

/// What a gate said, and what had been put on its branch before.
struct Said {
    run: Run,
    document: Value,
    /// The commit on its branch.
    tip: String,
    /// Whether that may land.
    is_good: bool,
}

/// A repository with an agent for each gate. Nobody has the target checked out: whoever pushes there
/// would leave that work tree behind.
fn repo() -> TestRepo {
    let agents = (0..GATES).map(|number| {
        format!("  a{number}: {{ branch: agent/a{number}, owns: [\"a{number}/\"] }}\n")
    });
    let agents: String = agents.collect();
    let manifest = format!("version: 1\nagents:\n{agents}verify: [\"true\"]\n");
    let repo = TestRepo::new(&manifest, &[]);
    repo.git(&["checkout", "-q", "--detach"]);
    repo.git(&["config", "gc.auto", "0"]);
    repo
}

/// Makes a commit on top of `parent` that brings one file, at a ref of its own.
fn commit(repo: &TestRepo, parent: &str, path: &str) -> String {
    let reference = format!("refs/made/{}", path.replace('/', "-"));
    let length = path.len();
    let stream = format!(
        "reset {reference}\ncommit {reference}\ncommitter Ada <ada@example.org> 1700000000 +0000\n\
         data {length}\n{path}\nfrom {parent}\nM 100644 inline {path}\ndata {length}\n{path}\n"
    );
    repo.import(stream.as_bytes());
    repo.id(&reference)
}

/// Puts a commit onto the branch of an agent, in every other round some that are none of its business, and
/// lands whatever can land.
fn integrate(repo: &TestRepo, temporary: &Path, round: usize, gate: usize) -> Said {
    let is_good = round.is_multiple_of(2) || gate % 4 != 1;
    let folder = if is_good {
        format!("a{gate}")
    } else {
        "people".to_owned()
    };
    let tip = commit(repo, &repo.id("main"), &format!("{folder}/{gate}-{round}"));
    repo.git(&["update-ref", &format!("refs/heads/agent/a{gate}"), &tip]);
    let land = ["integrate", "--land", "--format", "json"];
    let mut command = repo.gate_command(&repo.path(), &land);
    let run = Run::of(command.env("TMPDIR", temporary));
    let document = serde_json::from_str(&run.stdout);
    Said {
        document: document.unwrap_or_else(|_| panic!("{} {}", run.stdout, run.stderr)),
        run,
        tip,
        is_good,
    }
}

/// Lands a commit on the target as people do, every other one through `git push`, and says how many
/// attempts that took.
fn push(repo: &TestRepo, number: usize) -> (String, usize) {
    std::thread::sleep(REST);
    let mut attempts = 0;
    loop {
        attempts += 1;
        let old = repo.id("main");
        let new = commit(repo, &old, &format!("people/{number}"));
        let (lease, to) = (
            format!("--force-with-lease=main:{old}"),
            format!("{new}:refs/heads/main"),
        );
        let is_in = match number % 2 {
            0 => repo.try_git(&["update-ref", "-m", "push", "refs/heads/main", &new, &old]),
            _ => repo.try_git(&["push", "-q", &lease, ".", &to]),
        };
        if is_in {
            return (new, attempts);
        }
    }
}

/// Whatever in the repository is no ref and no object, and is left over.
fn leftovers(repo: &TestRepo, temporary: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![repo.path().join(".git"), temporary.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_kept = path.ends_with(".git/gate/lock");
            let is_left = path
                .extension()
                .is_some_and(|extension| extension == "lock")
                || name.starts_with("tmp_")
                || name.starts_with("quarantine-")
                || path.ends_with(".git/gate/landing")
                || path.starts_with(temporary);
            if is_left && !is_kept {
                found.push(path.display().to_string());
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

/// Fails unless every commit of `expected` is in the target, and none of `unwanted`.
fn compare(repo: &TestRepo, expected: &[String], unwanted: &[String]) {
    let below = repo.git(&["rev-list", "main"]);
    let below: std::collections::BTreeSet<&str> = below.lines().collect();
    for commit in expected {
        assert!(below.contains(commit.as_str()), "{commit} is lost");
    }
    for commit in unwanted {
        assert!(
            !below.contains(commit.as_str()),
            "{commit} is in the target"
        );
    }
}

/// What a landing says is in the target: its commit, and the tips of the branches that it merged.
fn landed(said: &Said) -> Vec<String> {
    if said.document["landing"] != "landed" {
        return Vec::new();
    }
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let branches = said.document["branches"].as_array().unwrap().iter();
    let merged = branches.filter(|branch| branch["standing"] == "merged");
    let tips = merged.map(|branch| id(&branch["tip"]));
    tips.chain([id(&said.document["commit"])]).collect()
}

/// What has been said and done in all rounds.
#[derive(Default)]
struct Tally {
    /// What must be in the target.
    expected: Vec<String>,
    /// What must not be.
    unwanted: Vec<String>,
    /// What may be.
    good: Vec<String>,
    codes: BTreeMap<i32, usize>,
    landings: usize,
    /// How often people tried to push.
    attempts: usize,
}

impl Tally {
    fn hear(&mut self, said: Said) {
        let (code, text) = (said.run.code, &said.run.stdout);
        assert!(
            [0, 1, 4].contains(&code),
            "{code}: {text}{}",
            said.run.stderr
        );
        let landed = landed(&said);
        assert!(code != 4 || landed.is_empty(), "{text}");
        *self.codes.entry(code).or_default() += 1;
        self.landings += usize::from(!landed.is_empty());
        self.expected.extend(landed);
        if said.is_good {
            self.good.push(said.tip);
        } else {
            self.unwanted.push(said.tip);
        }
    }
}

/// All gates, so many times each, and the one who pushes, at once. Nobody waits for anybody.
fn crowd(repo: &TestRepo, temporary: &Path, rounds: usize) -> Tally {
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let gates = (0..GATES).map(|gate| {
            let rounds = (0..rounds).map(move |round| integrate(repo, temporary, round, gate));
            scope.spawn(|| rounds.collect::<Vec<_>>())
        });
        let gates: Vec<_> = gates.collect();
        let numbers = 0..rounds * PUSHED;
        let people = scope.spawn(|| numbers.map(|number| push(repo, number)).collect::<Vec<_>>());
        for said in gates.into_iter().flat_map(|gate| gate.join().unwrap()) {
            tally.hear(said);
        }
        for (commit, attempts) in people.join().unwrap() {
            tally.expected.push(commit);
            tally.attempts += attempts;
        }
    });
    tally
}

#[test]
#[ignore = "a crowd takes its time: .ci/crowd"]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
fn whatever_lands_beside_others_is_there() {
    let rounds = number("GATE_CROWD_ROUNDS", ROUNDS);
    let (repo, temporary) = (repo(), tempfile::tempdir().unwrap());
    let start = Instant::now();
    let tally = crowd(&repo, temporary.path(), rounds);
    assert_eq!(leftovers(&repo, temporary.path()), [""; 0]);
    compare(&repo, &tally.expected, &tally.unwanted);
    // In the end everybody gets in whose work is good.
    let tips = (0..GATES).map(|gate| repo.id(&format!("agent/a{gate}")));
    let tips: Vec<_> = tips.filter(|tip| tally.good.contains(tip)).collect();
    let code = i32::from(tips.len() < GATES);
    repo.gate(&["integrate", "--land"]).expect(code);
    repo.gate(&["integrate", "--replay", "last"]).expect(0);
    compare(&repo, &[tally.expected, tips].concat(), &tally.unwanted);
    repo.git(&["fsck", "--strict", "--connectivity-only"]);
    println!(
        "{rounds} rounds of {GATES} gates in {} s: {} landings, exit codes {:?}; {} commits pushed in \
         {} attempts; nothing lost",
        start.elapsed().as_secs(),
        tally.landings,
        tally.codes,
        rounds * PUSHED,
        tally.attempts,
    );
}
