//! Where something goes wrong, and what must hold then.

use super::scenario::{AT_THE_REMOTE, Place, Template};
use super::tracer::{self, Blow, Traced};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Every way in which something goes wrong.
const BLOWS: [(&str, Blow); 5] = [
    ("kill-before", Blow::KillAllBefore),
    ("kill-after", Blow::KillAllAfter),
    ("kill-one", Blow::KillOne),
    ("full", Blow::Fail(Errno::ENOSPC)),
    ("broken", Blow::Fail(Errno::EIO)),
];
/// So many times the whole is killed at a random time, where every point is tried.
const AT_RANDOM: u64 = 1000;
/// How long processes that have nobody left have to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// One call of one scenario, and what is done to it.
#[derive(Clone, Copy)]
pub(super) struct Point {
    /// The scenario's place in the list.
    pub(super) scenario: usize,
    blow: (&'static str, Blow),
    number: usize,
}

/// What is tried.
pub(super) struct Points {
    pub(super) struck: Vec<Point>,
    /// Seeds of random times.
    pub(super) random: Vec<u64>,
}

impl Points {
    pub(super) fn summary(&self) -> String {
        let count = |wanted: fn(Blow) -> bool| {
            let points = self.struck.iter();
            points.filter(|point| wanted(point.blow.1)).count()
        };
        let faults = count(|blow| matches!(blow, Blow::Fail(_)));
        let one = count(|blow| blow == Blow::KillOne);
        let all = self.struck.len() - faults - one;
        format!(
            "{} points: {all} kills of everything, {one} of one process, {faults} faults; and {} \
             kills at random times",
            self.struck.len(),
            self.random.len()
        )
    }
}

/// The points that `GATE_KILL_POINTS` asks for: so many of them, spread evenly, or a part of all, as in
/// `1/4`; or the one that `GATE_KILL_POINT` names as a failure does.
pub(super) fn points_of_environment(templates: &[Template]) -> Points {
    let mut all = Vec::new();
    for (scenario, template) in templates.iter().enumerate() {
        let calls = tracer::run(&template.copy().gate(), None, true).calls.len();
        println!("{}: {calls} calls", template.scenario.name);
        for blow in BLOWS {
            all.extend((0..calls).map(|number| Point {
                scenario,
                blow,
                number,
            }));
        }
    }
    if let Ok(wanted) = std::env::var("GATE_KILL_POINT") {
        all.retain(|point| point.name(templates) == wanted || wanted == point.of(templates));
        return Points {
            struck: all,
            random: Vec::new(),
        };
    }
    let wanted = std::env::var("GATE_KILL_POINTS").unwrap_or_else(|_| "1/1".into());
    if let Some((part, parts)) = wanted.split_once('/') {
        let number = |text: &str| text.parse().expect("a part, as in 1/4");
        return part_of(&all, number(part), number(parts));
    }
    let wanted: usize = wanted.parse().expect("a number of points");
    let wanted = wanted.min(all.len());
    let spread = (0..wanted).map(|place| all[(2 * place + 1) * all.len() / (2 * wanted)]);
    Points {
        struck: spread.collect(),
        random: (0..u64::try_from(wanted / 8).unwrap().min(AT_RANDOM)).collect(),
    }
}

/// Every point and every random time belongs to one of `parts` parts; this is part number `part`, from 1.
fn part_of(all: &[Point], part: usize, parts: usize) -> Points {
    assert!(
        (1..=parts).contains(&part),
        "there is no part {part}/{parts}"
    );
    Points {
        struck: all.iter().skip(part - 1).step_by(parts).copied().collect(),
        random: (0..AT_RANDOM).skip(part - 1).step_by(parts).collect(),
    }
}

impl Point {
    /// The disk is full at the call with this number.
    pub(super) fn full_disk(scenario: usize, number: usize) -> Self {
        let blow = ("full", Blow::Fail(Errno::ENOSPC));
        Self {
            scenario,
            blow,
            number,
        }
    }

    fn name(&self, templates: &[Template]) -> String {
        format!("{}:{}", self.of(templates), self.number)
    }

    fn of(&self, templates: &[Template]) -> String {
        format!("{}:{}", templates[self.scenario].scenario.name, self.blow.0)
    }
}

/// Strikes one call, runs the command again, and says what is not as it must be.
pub(super) fn strike(template: &Template, point: &Point) -> Result<(), String> {
    let place = template.copy();
    let run = tracer::run(&place.gate(), Some((point.number, point.blow.1)), false);
    let outcome = check(template, &place, point.blow.1, &run);
    outcome.map_err(|problem| {
        format!(
            "{}:{}:{} at {:?}\n{problem}\nthe first run ended with {:?}:\n{}{}",
            template.scenario.name,
            point.blow.0,
            point.number,
            run.struck,
            run.code,
            run.stdout,
            run.stderr
        )
    })
}

fn check(template: &Template, place: &Place, blow: Blow, run: &Traced) -> Result<(), String> {
    let found = place.refs();
    for (name, id) in &template.before {
        let may_move = template.after[name] != *id;
        if found.get(name) != Some(id) && !(may_move && found.get(name) == template.after.get(name))
        {
            return Err(format!("{name} is at {:?}", found.get(name)));
        }
    }
    match (blow, run.code) {
        (Blow::Fail(_), Some(3))
            if found != template.before && !only_the_remote_has_moved(template, &found, run) =>
        {
            return Err(format!("it failed, and moved refs: {found:#?}"));
        }
        (Blow::Fail(_), Some(3)) if run.stdout.trim().is_empty() => {
            return Err("it does not say what failed".into());
        }
        (Blow::Fail(_), Some(0)) if found != template.after => {
            return Err(format!("it succeeded, and left refs: {found:#?}"));
        }
        (Blow::Fail(_), Some(0 | 3)) => {}
        (Blow::Fail(_), code) => return Err(format!("it ended with {code:?}")),
        // A git that is killed is an outage, and gate is there to say so.
        (Blow::KillOne, Some(code)) if ![0, 3].contains(&code) => {
            return Err(format!("it ended with {code}"));
        }
        _ => {}
    }
    again(template, place)
}

/// Whether the refs are as before, those of the remote as after, and the run says so.
fn only_the_remote_has_moved(
    template: &Template,
    found: &BTreeMap<String, String>,
    run: &Traced,
) -> bool {
    let is_there = |name: &&String| name.starts_with(AT_THE_REMOTE);
    let mut names = template.after.keys().chain(template.before.keys());
    let all_as_they_should = names.all(|name| {
        let expected = if is_there(&name) {
            &template.after
        } else {
            &template.before
        };
        found.get(name) == expected.get(name)
    });
    all_as_they_should && run.stdout.contains("of origin has moved already")
}

/// Runs the command again: as if nothing had happened.
fn again(template: &Template, place: &Place) -> Result<(), String> {
    let output = place.gate().output().unwrap();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        return Err(format!(
            "the next run ended with {}:\n{said}",
            output.status
        ));
    }
    place.settled(&template.after)
}

/// Kills the command and all that it starts at a time that depends on `seed`, and runs it again.
pub(super) fn kill_at_random(template: &Template, seed: u64) -> Result<(), String> {
    let place = template.copy();
    let mut gate = place.gate();
    gate.process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = gate.spawn().unwrap();
    // Some number of microseconds that looks like none, up to a quarter of a second.
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    std::thread::sleep(Duration::from_micros(mixed % 250_000));
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap());
    // It may have ended.
    _ = killpg(group, Signal::SIGKILL);
    child.wait().unwrap();
    let name = template.scenario.name;
    let deadline = Instant::now() + PATIENCE;
    while !place.processes().is_empty() {
        if Instant::now() > deadline {
            return Err(format!("{name}, random time {seed}: processes are left"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    again(template, &place).map_err(|problem| format!("{name}, random time {seed}: {problem}"))
}
