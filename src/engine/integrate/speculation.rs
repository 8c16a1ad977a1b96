//! What is worth verifying before it is known whether it will be asked for.
//!
//! The integration itself is the only definition of what is asked: it is played in memory with the answers
//! that are known, and with assumptions in place of the others. Where everything is assumed to pass, it
//! lists what comes if nobody fails; where one thing is assumed to fail, what comes then. Futures are
//! played in the order of how likely they are.

use super::super::Silent;
use super::assemble::Ground;
use super::foreseen::{Foreseen, Step};
use super::queue::Queue;
use super::rounds;
use super::runner::Known;
use super::verify::{Answers, Question, Tried, Verifier};
use crate::words::Result;
use std::collections::BTreeSet;

/// What is asked for less likely than this is not run ahead of time: it would mostly be in the way.
const LEAST: f64 = 1.0 / 16.0;

/// An integration that is played.
pub(super) struct Speculation<'a> {
    ground: &'a Ground<'a>,
    queue: &'a mut Queue,
    /// What is known so far.
    known: Known,
    /// What of that an earlier run has seen to pass.
    remembered: BTreeSet<Question>,
    /// What is asked for if nobody fails of whom it is not known, in order; `None` where that has to be
    /// played again.
    trunk: Option<Vec<Step>>,
}

/// A question that may be asked, and how likely it is to be.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub step: Step,
    pub chance: f64,
}

/// A future that is not played yet: the failures that it assumes.
struct Future {
    fails: BTreeSet<Question>,
    chance: f64,
}

impl<'a> Speculation<'a> {
    /// Nothing is known yet of what becomes of `queue`, which is left as it is.
    pub(super) fn new(ground: &'a Ground<'a>, queue: &'a mut Queue) -> Self {
        Self {
            ground,
            queue,
            known: Known::new(),
            remembered: BTreeSet::new(),
            trunk: None,
        }
    }

    /// What was found out by running commands.
    pub(super) fn into_known(mut self) -> Known {
        for question in &self.remembered {
            self.known.remove(question);
        }
        self.known
    }

    /// Takes note of what an earlier run has seen to pass: whoever asks for it later asks there.
    pub(super) fn remember(&mut self, question: Question) {
        self.remembered.insert(question);
        self.learn(question, Ok(Tried::not_run(Ok(()))));
    }

    /// Takes note of an answer.
    pub(super) fn learn(&mut self, question: Question, answer: Result<Tried>) {
        let passes = answer.as_ref().is_ok_and(|tried| tried.verified.is_ok());
        self.known.insert(question, answer);
        if let Some(trunk) = &mut self.trunk {
            let length = trunk.len();
            trunk.retain(|step| step.question != question);
            // Where it went as it was assumed to, nothing behind it changes.
            if trunk.len() < length && !passes {
                self.trunk = None;
            }
        }
    }

    /// What may be asked for, the likeliest first; enough for `most` at a time, if there is so much. The
    /// first of it is certain. Nothing is left once the outcome is known, if only as an error.
    pub(super) fn wanted(&mut self, most: usize) -> Vec<Wanted> {
        let mut found: Vec<Wanted> = Vec::new();
        let mut futures = vec![Future {
            fails: BTreeSet::new(),
            chance: 1.0,
        }];
        while let Some(place) = likeliest(&futures) {
            let future = futures.swap_remove(place);
            let enough = found.get(most - 1);
            if future.chance < LEAST || enough.is_some_and(|last| last.chance >= future.chance) {
                break;
            }
            let steps = self.steps(&future.fails);
            let (mut chance, mut open) = (1.0, future.fails.len());
            for step in steps {
                let fails = future.fails.contains(&step.question);
                open -= usize::from(fails);
                // What comes before was played with the future that this one branches off from.
                if open == 0 && !fails {
                    let fails = [step.question]
                        .into_iter()
                        .chain(future.fails.iter().copied());
                    futures.push(Future {
                        fails: fails.collect(),
                        chance: chance * (1.0 - step.likelihood),
                    });
                    let is_new = |wanted: &Wanted| wanted.step.question != step.question;
                    if chance >= LEAST && found.iter().all(is_new) {
                        found.push(Wanted {
                            step: step.clone(),
                            chance,
                        });
                    }
                }
                chance *= if fails {
                    1.0 - step.likelihood
                } else {
                    step.likelihood
                };
            }
            // Stable: what is as likely stays in the order in which it is asked.
            found.sort_by(|one, other| other.chance.total_cmp(&one.chance));
        }
        found
    }

    /// How many commands are ahead, if nobody fails.
    pub(super) fn ahead(&self) -> impl Iterator<Item = (Question, usize)> {
        let trunk = self.trunk.iter().flatten();
        trunk.map(|step| {
            let list = self.ground.recipes.numbered(step.question.1);
            (step.question, list.commands.len())
        })
    }

    /// What is asked for and not known in the future in which what `fails` fails and all else passes.
    fn steps(&mut self, fails: &BTreeSet<Question>) -> Vec<Step> {
        if !fails.is_empty() {
            return self.play(fails);
        }
        let trunk = match self.trunk.take() {
            Some(trunk) => trunk,
            None => self.play(fails),
        };
        self.trunk.insert(trunk).clone()
    }

    /// Plays the integration. Where it ends with an error, that comes after all that it has asked.
    fn play(&mut self, fails: &BTreeSet<Question>) -> Vec<Step> {
        let foreseen = Foreseen::new(&self.known, fails);
        let verifier = Verifier::new(self.ground.recipes, Answers::Foreseen(&foreseen));
        let assembly = self.ground.assembly(&verifier, &Silent);
        _ = rounds(&assembly, self.queue);
        self.queue.restore();
        drop(verifier);
        foreseen.into_steps()
    }
}

/// The place of the likeliest of them, the first if there are several.
fn likeliest(futures: &[Future]) -> Option<usize> {
    let places = (0..futures.len()).rev();
    places.max_by(|one, other| futures[*one].chance.total_cmp(&futures[*other].chance))
}

#[cfg(test)]
#[path = "speculation_tests.rs"]
mod tests;
