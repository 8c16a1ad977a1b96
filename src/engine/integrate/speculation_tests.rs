//! Whatever verifications say, in whichever order they end: what is found out several at a time is what is
//! found out one after the other.

use super::*;
use crate::engine::integrate::chain::Merges;
use crate::engine::integrate::recipe::Recipes;
use crate::engine::integrate::run;
use crate::engine::integrate::verify::VerifyFailure;
use crate::engine::record::Verification;
use crate::engine::{Context, Interrupt, Options};
use crate::repo::{Quarantine, Repo};
use crate::words::{Cause, Code, ObjectId};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

const BRANCHES: usize = 7;

/// An integration whose commands are never run.
struct Play {
    _folder: tempfile::TempDir,
    context: Context,
    quarantine: Quarantine,
    run: ObjectId,
}

/// All that may not depend on how many run at a time.
#[derive(Debug, PartialEq)]
struct Found {
    fates: String,
    findings: String,
    verifications: Vec<Verification>,
    flakes: usize,
}

/// Numbers that look like random ones.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) as usize % end
    }
}

fn git(folder: &Path, arguments: &[&str], input: &str) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(arguments).env_clear();
    git.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let mut child = git.stdin(Stdio::piped()).spawn().expect("git");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(input.as_bytes()).expect("read by git");
    drop(pipe);
    assert!(child.wait().expect("git").success());
}

/// A branch for each agent, two of which build on others, and a checkpoint on the way.
fn play(on_failure: &str) -> Play {
    let mut manifest = "version: 1\nverify: [whole]\ncheckpoints:\n  - after: [a2, a4]\n    \
                        verify: [checkpoint]\nagents:\n"
        .to_owned();
    let mut script = String::new();
    for number in 0..BRANCHES {
        let on = if number % 3 == 2 { number - 1 } else { number };
        let needs = (on < number).then(|| format!("    depends_on: [a{on}]\n"));
        let needs = needs.unwrap_or_default();
        // Two of them have the same list.
        let line = number / 2;
        _ = write!(
            manifest,
            "  a{number}:\n    branch: a{number}\n    owns: [a{number}/]\n    verify: [own{line}]\n{needs}"
        );
        _ = write!(
            script,
            "commit refs/heads/a{number}\ncommitter A <a@b> 1700000001 +0000\ndata 0\nfrom \
             refs/heads/main\nM 100644 inline a{number}/file\ndata 1\nx\n"
        );
    }
    _ = writeln!(manifest, "on_failure: {on_failure}");
    let begin = format!(
        "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 0\nM 100644 inline \
         ownership.yaml\ndata {}\n{manifest}\n",
        manifest.len()
    );
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q", "-b", "main"], "");
    git(
        folder.path(),
        &["fast-import", "--quiet"],
        &(begin + &script),
    );
    let repo = Arc::new(Repo::open(folder.path()).expect("a repository"));
    let options = Options {
        target: None,
        remote: None,
    };
    let context = Context::read(Arc::clone(&repo), &options);
    let context = context.unwrap_or_else(|failure| panic!("{:?}", failure.findings));
    Play {
        _folder: folder,
        quarantine: repo.quarantine().expect("a quarantine"),
        run: run::name(&context).expect("a name"),
        context,
    }
}

/// What is said of a tree, by chance: `rate` of a hundred fail, some for want of a program, some pass late.
fn fate(
    play: &Play,
    recipes: &Recipes<'_>,
    (tree, list, _): Question,
    (seed, rate): (usize, usize),
) -> Result<Tried> {
    let text = format!("{tree} {list} {seed}");
    let digest = play.quarantine.digest(text.as_bytes())?.to_string();
    let mut random = Random(u64::from_str_radix(&digest[..15], 16).expect("a number"));
    let failure = VerifyFailure {
        code: Code::VerifyFailed,
        cause: match random.below(4) {
            0 => Cause::NotFound,
            _ => Cause::ExitCode(1),
        },
        run: recipes.numbered(list).commands[0].run.clone(),
        reason: format!("said {}", random.below(1000)),
        attempts: 2,
        remark: None,
        output: None,
    };
    if random.below(100) < rate {
        return Ok(Tried::not_run(Err(failure)));
    }
    Ok(Tried {
        overcome: (random.below(5) == 0)
            .then_some(failure)
            .into_iter()
            .collect(),
        ..Tried::not_run(Ok(()))
    })
}

/// What is found out with up to `jobs` at a time, which end by chance, and how much was run for it.
fn found(play: &Play, jobs: usize, seed: usize, rate: usize) -> (Found, usize) {
    let recipes = Recipes::of(play.context.ownership.manifest(), &play.quarantine);
    let recipes = recipes.expect("recipes");
    let ground = Ground {
        context: &play.context,
        quarantine: &play.quarantine,
        recipes: &recipes,
        merges: &Merges::default(),
        interrupt: &Interrupt::default(),
        run: play.run,
    };
    let mut queue = Queue::of(&play.context).expect("a queue");
    let mut speculation = Speculation::new(&ground, &mut queue);
    let mut random = Random(seed as u64 + 1);
    loop {
        let wanted = speculation.wanted(jobs);
        if wanted.is_empty() {
            break;
        }
        assert!((wanted[0].chance - 1.0).abs() < f64::EPSILON);
        let ended = &wanted[random.below(wanted.len().min(jobs))].step;
        let question = ended.question;
        speculation.learn(question, fate(play, &recipes, question, (seed, rate)));
    }
    let known = speculation.into_known();
    let nobody = BTreeSet::new();
    let foreseen = Foreseen::new(&known, &nobody);
    let verifier = Verifier::new(&recipes, Answers::Foreseen(&foreseen));
    let merges = Merges::default();
    // Merged anew: what was remembered of merges makes no difference either.
    let anew = Ground {
        merges: &merges,
        ..ground
    };
    let assembly = anew.assembly(&verifier, &Silent);
    let (chain, findings) = rounds(&assembly, &mut queue).expect("an outcome");
    let found = Found {
        fates: format!("{:#?}", chain.fates),
        findings: format!("{findings:#?}"),
        verifications: verifier.verifications(),
        flakes: verifier.flakes().len(),
    };
    drop(verifier);
    assert!(foreseen.into_steps().is_empty(), "not all of it was known");
    (found, known.len())
}

#[test]
fn what_is_found_out_does_not_depend_on_how_many_run_at_a_time() {
    for on_failure in ["eject", "stop"] {
        let play = play(on_failure);
        for (seed, rate) in [0, 3, 10, 25, 60, 100]
            .into_iter()
            .cycle()
            .enumerate()
            .take(if on_failure == "stop" { 4 } else { 6 })
        {
            let (one, runs) = found(&play, 1, seed, rate);
            assert_eq!(runs, one.verifications.len(), "nothing is run in vain");
            for jobs in [2, 8] {
                let (several, more) = found(&play, jobs, seed, rate);
                assert_eq!(several, one, "{on_failure} {seed} {rate} {jobs}");
                assert!(more >= runs);
            }
        }
    }
}

#[test]
fn where_nobody_fails_nothing_is_run_in_vain() {
    let play = play("eject");
    for jobs in [1, 3, 8] {
        let (found, runs) = found(&play, jobs, 0, 0);
        // An own verification each, a checkpoint and the whole.
        assert_eq!(found.verifications.len(), BRANCHES + 2);
        assert!(
            runs <= BRANCHES + 2 + jobs / 2,
            "{runs} with {jobs} at a time"
        );
    }
}
