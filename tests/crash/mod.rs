//! Kills and faults at every system call that changes something, of gate and of all that it starts:
//! what is left must be the old or the new state, and the next run must bring it to the same end as if
//! nothing had happened.
//!
//! `.ci/kill` runs what is ignored here.

#![expect(
    clippy::print_stdout,
    reason = "what takes hours says how far it is, and what failed"
)]

mod alone;
mod calls;
mod order;
mod points;
mod remembered;
mod scenario;
mod tracer;

use self::points::{Point, kill_at_random, points_of_environment, strike};
use self::scenario::{SCENARIOS, Template};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many points are tried at the same time.
const WORKERS: usize = 2;

#[test]
#[ignore = "minutes to hours: .ci/kill"]
fn every_point() {
    let templates: Vec<_> = SCENARIOS.iter().copied().map(Template::make).collect();
    let points = points_of_environment(&templates);
    let failures = each(&points.struck, |point: &Point| {
        strike(&templates[point.scenario], point)
    });
    let at_random = each(&points.random, |seed: &u64| {
        kill_at_random(
            &templates[usize::try_from(*seed).unwrap() % templates.len()],
            *seed,
        )
    });
    println!("{}", points.summary());
    println!("{} of them failed", failures.len() + at_random.len());
    let all: Vec<_> = failures.into_iter().chain(at_random).collect();
    assert!(all.is_empty(), "{}", all.join("\n\n"));
}

#[test]
fn nobody_is_left_out_for_a_disk_that_is_full_while_branches_are_judged() {
    let mut names = SCENARIOS.iter();
    let scenario = names
        .position(|known| known.name == "judged-merge")
        .unwrap();
    let template = Template::make(SCENARIOS[scenario]);
    let calls = tracer::run(&template.copy().gate(), None, true).calls;
    let is_quarantine = |call: &calls::Call| {
        let path = call.paths.last().unwrap().to_string_lossy();
        path.contains("/gate/quarantine-") && path.ends_with("/git/config")
    };
    // The first quarantine is that of the judgement.
    let number = calls.iter().position(is_quarantine).unwrap();
    let point = Point::full_disk(scenario, number);
    strike(&template, &point).unwrap();
}

/// Tries all of `points` and returns how those that failed did.
fn each<P: Sync>(points: &[P], try_one: impl Fn(&P) -> Result<(), String> + Sync) -> Vec<String> {
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(point) = points.get(number) else {
                        break;
                    };
                    if number > 0 && number.is_multiple_of(1000) {
                        println!("{number} of {}", points.len());
                    }
                    if let Err(failure) = try_one(point) {
                        println!("{failure}\n");
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    failures.into_inner().unwrap()
}
