//! Several verifications at a time, ahead of what is asked for.

use super::super::{Event, Interrupt};
use super::assemble::Ground;
use super::queue::Queue;
use super::recipe::Recipes;
use super::runner::{Known, Lane, Runner};
use super::speculation::{Speculation, Wanted};
use super::verify::{Question, Tried};
use crate::words::{Code, Finding, Result};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::Duration;

/// How long nothing may end before it is asked whether gate has to.
const PAUSE: Duration = Duration::from_millis(50);

/// The verifications that run beside each other.
struct Lanes<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    runner: &'env Runner<'env>,
    recipes: &'env Recipes<'env>,
    /// Through which those that end say so.
    ended: (Sender<usize>, Receiver<usize>),
    running: Vec<Running<'scope>>,
}

/// A verification that runs.
struct Running<'scope> {
    question: Question,
    lane: usize,
    interrupt: Interrupt,
    /// Whether it has been ended: then what it says does not count.
    is_ended: bool,
    handle: ScopedJoinHandle<'scope, Result<Tried>>,
}

/// Says that a lane is free, whatever has become of what ran there.
struct Free(Sender<usize>, usize);

/// Verifies until everything is known that is asked for; returns all of that. Runs up to `jobs` lists of commands at a time.
///
/// # Errors
/// [`Code::Interrupted`] if gate has been asked to end; [`Code::InputOutput`] if there can be no more
/// threads. What runs has ended.
pub(super) fn find_out(
    ground: &Ground<'_>,
    queue: &mut Queue,
    runner: &Runner<'_>,
    jobs: usize,
) -> Result<Known> {
    let mut speculation = Speculation::new(ground, queue);
    let recipes = ground.recipes;
    std::thread::scope(|scope| {
        let mut lanes = Lanes {
            scope,
            runner,
            recipes,
            ended: channel(),
            running: Vec::new(),
        };
        lanes.run(&mut speculation, jobs)
    })?;
    Ok(speculation.into_known())
}

impl Lanes<'_, '_> {
    fn run(&mut self, speculation: &mut Speculation<'_>, jobs: usize) -> Result<()> {
        loop {
            self.runner.interrupt.check()?;
            let wanted = speculation.wanted(jobs);
            if wanted.is_empty() {
                return Ok(());
            }
            if self.learn_passes(speculation, &wanted, jobs)? {
                continue;
            }
            self.end_what_is_not_wanted(&wanted, jobs);
            let missing = wanted.iter().take(jobs);
            let missing: Vec<_> = missing.filter(|wanted| !self.runs(wanted)).collect();
            for wanted in missing {
                if self.running.len() < jobs {
                    self.start(wanted)?;
                }
            }
            let behind = speculation.ahead().filter(|(question, _)| {
                let mut running = self.running.iter();
                !running.any(|running| running.question == *question)
            });
            self.runner
                .announce(behind.map(|(_, commands)| commands).sum());
            if let Some((question, answer)) = self.wait()? {
                speculation.learn(question, answer);
            }
        }
    }

    /// Takes note of what passed in earlier runs; whether there was anything of it.
    fn learn_passes(
        &self,
        speculation: &mut Speculation<'_>,
        wanted: &[Wanted],
        jobs: usize,
    ) -> Result<bool> {
        let mut has_learnt = false;
        for wanted in wanted.iter().take(jobs).filter(|wanted| !self.runs(wanted)) {
            let question = wanted.step.question;
            let recipes = &self.recipes.numbered(question.1).recipes;
            if self.runner.passes.is_known(question.0, recipes)? {
                speculation.remember(question);
                has_learnt = true;
            }
        }
        Ok(has_learnt)
    }

    fn runs(&self, wanted: &Wanted) -> bool {
        let mut running = self.running.iter();
        running.any(|running| running.question == wanted.step.question)
    }

    /// Ends what nobody will ask for any more; and the least likely one if there is no other place for
    /// what is certain to be asked for.
    fn end_what_is_not_wanted(&mut self, wanted: &[Wanted], jobs: usize) {
        let rank = |running: &Running<'_>| {
            let is_it = |wanted: &Wanted| wanted.step.question == running.question;
            wanted.iter().position(is_it)
        };
        for running in &mut self.running {
            if rank(running).is_none() {
                running.end();
            }
        }
        let is_full = self.running.len() == jobs && self.running.iter().all(|r| !r.is_ended);
        if is_full && self.running.iter().all(|running| rank(running) != Some(0)) {
            let last = self.running.iter_mut().max_by_key(|running| rank(running));
            last.into_iter().for_each(Running::end);
        }
    }

    fn start(&mut self, wanted: &Wanted) -> Result<()> {
        let taken = |lane: &usize| self.running.iter().any(|running| running.lane == *lane);
        let lane = (0..=self.running.len())
            .find(|lane| !taken(lane))
            .unwrap_or_default();
        let (question, subject) = (wanted.step.question, wanted.step.subject.clone());
        let interrupt = Interrupt::default();
        let free = Free(self.ended.0.clone(), lane);
        let (runner, recipes, own) = (self.runner, self.recipes, interrupt.clone());
        let work = move || {
            let _free = free;
            let lane = Lane {
                number: lane,
                interrupt: &own,
                is_ahead: true,
            };
            let recipes = &recipes.numbered(question.1).recipes;
            runner.run(&subject, question.0, recipes, &lane)
        };
        let handle = Builder::new().spawn_scoped(self.scope, work);
        let handle = handle.map_err(|error| {
            let message = "cannot start a thread for a verification";
            Box::new(Finding::new(Code::InputOutput, message).because(&error))
        })?;
        self.running.push(Running {
            question,
            lane,
            interrupt,
            is_ended: false,
            handle,
        });
        Ok(())
    }

    /// Waits until one ends; what it says, unless it was ended.
    fn wait(&mut self) -> Result<Option<(Question, Result<Tried>)>> {
        let lane = loop {
            self.runner.interrupt.check()?;
            match self.ended.1.recv_timeout(PAUSE) {
                Ok(lane) => break lane,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        };
        self.runner.progress.event(Event::Verified { lane });
        let place = self.running.iter().position(|running| running.lane == lane);
        let Some(running) = place.map(|place| self.running.swap_remove(place)) else {
            return Ok(None);
        };
        let answer = running.handle.join();
        let answer = answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // What ends while gate is asked to end was perhaps ended by the same signal.
        self.runner.interrupt.check()?;
        Ok((!running.is_ended).then_some((running.question, answer)))
    }
}

impl Drop for Lanes<'_, '_> {
    /// Nobody asks for what runs still.
    fn drop(&mut self) {
        self.running.iter_mut().for_each(Running::end);
    }
}

impl Running<'_> {
    fn end(&mut self) {
        self.is_ended = true;
        self.interrupt.end();
    }
}

impl Drop for Free {
    fn drop(&mut self) {
        // Nobody waits for it where all of them are ended.
        _ = self.0.send(self.1);
    }
}
