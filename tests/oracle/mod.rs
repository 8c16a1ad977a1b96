//! Random histories, judged by gate and by an oracle that knows nothing of it: the two must agree.
//!
//! `GATE_ORACLE_HISTORIES` says how many, `GATE_ORACLE_SEED` the number of the first. Each history
//! depends on its number alone.

mod attribution;
mod edits;
mod events;
mod git;
mod import;
mod judge;
mod names;
pub(crate) mod random;
mod rules;
mod world;

use self::events::Story;
use self::git::Git;
use self::import::{Import, Imported};
use self::judge::{Oracle, Said};
use self::world::World;
use gate::engine::{BranchOutcome, Context, Options, Selection, Standing, check_branches};
use gate::repo::Repo;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// How many histories there are where nobody says it.
const HISTORIES: u64 = 200;
/// How many histories share a repository.
const TOGETHER: usize = 100;
/// More steps than any history has.
const ALL_STEPS: usize = 24;

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(default, |text| text.parse().expect("a number"))
}

/// What gate says of the branches of one history.
fn product(repo: &Arc<Repo>, remote: &str) -> Vec<Said> {
    let options = Options {
        target: Some("main".into()),
        remote: Some(remote.into()),
    };
    let context = Context::read(Arc::clone(repo), &options);
    let context = context.unwrap_or_else(|failure| panic!("{remote}: {failure:?}"));
    let outcome = check_branches(&context, &Selection::All);
    let outcome = outcome.unwrap_or_else(|failure| panic!("{remote}: {failure:?}"));
    // What a branch that is not there yet points at is no secret: it waits.
    let exists =
        |branch: &BranchOutcome| branch.tip.is_some() || branch.standing != Standing::Waiting;
    let branches = outcome.branches.into_iter().filter(exists);
    branches.map(said).collect()
}

fn said(outcome: BranchOutcome) -> Said {
    // What a branch owes to others is in how it stands.
    const OF_OTHERS: &[&str] = &["dependency-refused", "dependency-rewritten", "waiting"];
    let own = outcome
        .findings
        .iter()
        .filter(|finding| !OF_OTHERS.contains(&finding.code.name()));
    let objections = own.map(|finding| {
        let path = finding.path.as_ref().map_or_else(String::new, |path| {
            String::from_utf8(path.as_bytes().to_vec()).expect("UTF-8")
        });
        let commit = finding.commit.map(|commit| commit.to_string());
        (finding.code.name().to_owned(), path, commit)
    });
    Said {
        objections: objections.collect(),
        branch: outcome.branch,
        standing: match outcome.standing {
            Standing::Accepted => "accepted",
            Standing::Refused => "refused",
            Standing::Undecided => "undecided",
            Standing::Waiting => "waiting",
            other => panic!("a check ends with {other:?}"),
        },
        paths: outcome.paths,
        commits: outcome.commits,
    }
}

/// How often each standing came up, or where the two do not agree.
type Judged = Result<BTreeMap<&'static str, usize>, String>;

/// Judges histories of these numbers, each of them cut off after so many steps.
fn judge(numbers: &[(u64, usize)]) -> Vec<Judged> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let repository = import::repository(folder.path());
    let mut import = Import::into(&repository);
    let worlds: Vec<_> = numbers
        .iter()
        .map(|(seed, steps)| Story::tell(*seed, *steps))
        .collect();
    let mut histories = Vec::new();
    for (place, world) in worlds.iter().enumerate() {
        histories.push(import.add(world, &format!("h{place}")));
    }
    import.finish(&repository, &histories);
    let repo = Arc::new(Repo::open(&repository).expect("a repository"));
    let git = Git::new(&repository);
    let worlds = worlds.into_iter().zip(histories);
    worlds
        .map(|(world, history)| compare(&repo, &git, &world, history))
        .collect()
}

fn compare(repo: &Arc<Repo>, git: &Git, world: &World, history: Imported) -> Judged {
    let oracle = Oracle {
        git,
        rules: &world.rules,
        target: history.target,
        branches: history.branches,
    };
    let (expected, found) = (oracle.judge(), product(repo, &history.remote));
    if expected == found {
        let mut standings = BTreeMap::new();
        for said in expected {
            *standings.entry(said.standing).or_default() += 1;
        }
        return Ok(standings);
    }
    let mut differ = String::new();
    for (one, other) in expected
        .iter()
        .zip(&found)
        .filter(|(one, other)| one != other)
    {
        writeln!(
            differ,
            "{}: {}; gate: {}",
            one.branch,
            one.summary(),
            other.summary()
        )
        .expect("a string");
        for objection in one.objections.difference(&other.objections) {
            writeln!(differ, "  the oracle alone: {objection:?}").expect("a string");
        }
        for objection in other.objections.difference(&one.objections) {
            writeln!(differ, "  gate alone: {objection:?}").expect("a string");
        }
    }
    let log = git.log(&history.remote);
    let manifest = world.rules.yaml();
    Err(format!("{differ}\n{manifest}\n{log}"))
}

/// The shortest beginning of a history on which the two do not agree, and what they say of it.
fn shortest(seed: u64) -> Option<(usize, String)> {
    let steps: Vec<_> = (0..=ALL_STEPS).map(|steps| (seed, steps)).collect();
    let judged = judge(&steps).into_iter().enumerate();
    let mut failing = judged.filter_map(|(steps, judged)| Some((steps, judged.err()?)));
    failing.next()
}

/// Judges the histories of these numbers, with a thread for each processor.
fn in_parts(seeds: &[u64]) -> Vec<(u64, Judged)> {
    let parts: Mutex<Vec<_>> = Mutex::new(seeds.chunks(TOGETHER).collect());
    let work = || {
        let mut judged = Vec::new();
        loop {
            let Some(seeds) = parts.lock().expect("a list").pop() else {
                return judged;
            };
            let numbers: Vec<_> = seeds.iter().map(|seed| (*seed, ALL_STEPS)).collect();
            judged.extend(seeds.iter().copied().zip(judge(&numbers)));
        }
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut judged: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        let judged = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("judged"));
        judged.collect()
    });
    judged.sort_by_key(|(seed, _)| *seed);
    judged
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "whoever asks for many wants to see what they were"
)]
fn random_histories_are_judged_as_the_oracle_judges_them() {
    let histories = number("GATE_ORACLE_HISTORIES", HISTORIES);
    let first = number("GATE_ORACLE_SEED", 0);
    let seeds: Vec<u64> = (first..first + histories).collect();
    let judged = in_parts(&seeds);
    let mut standings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    for (seed, judged) in judged {
        match judged {
            Ok(counts) => counts
                .iter()
                .for_each(|(s, count)| *standings.entry(s).or_default() += count),
            Err(text) => failed.push((seed, text)),
        }
    }
    eprintln!("{histories} histories: {standings:?}");
    // Enough of them come to every end there is.
    if histories >= HISTORIES && failed.is_empty() {
        assert_eq!(standings.len(), 4, "{standings:?}");
    }
    if let Some((seed, text)) = failed.first() {
        let seeds: Vec<_> = failed.iter().map(|(seed, _)| seed).collect();
        let beginning = shortest(*seed).map_or_else(
            || format!("only among others:\n{text}"),
            |(steps, text)| format!("after {steps} steps:\n{text}"),
        );
        panic!(
            "{} of {histories} differ: {seeds:?}\n\
             GATE_ORACLE_SEED={seed} GATE_ORACLE_HISTORIES=1, {beginning}",
            failed.len()
        );
    }
}

/// The oracle would prove nothing if it asked whom it judges.
#[test]
fn the_oracle_knows_nothing_of_gate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let is_comparison = path.ends_with("mod.rs");
        assert!(
            is_comparison || !text.contains("gate::"),
            "{}",
            path.display()
        );
    }
}
