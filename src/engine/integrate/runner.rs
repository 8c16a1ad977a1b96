//! Runs lists of commands, each in private checkouts of the tree that it is about. Threads may share it.

use super::super::{Event, Interrupt, Isolation, Progress, Supervision};
use super::command;
use super::passes::Passes;
use super::recipe::Recipe;
use super::verify::{Question, Tried, VerifyFailure};
use super::workplace::Workplace;
use crate::repo::{CacheHome, LogFolder, Quarantine};
use crate::words::{ObjectId, Result, quote};
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What was found out ahead of time, by what was asked; an error means that it could not be tried.
pub(super) type Known = HashMap<Question, Result<Tried>>;

/// How commands are run, and what is known of them without running them again.
pub(super) struct Runner<'a> {
    pub quarantine: &'a Quarantine,
    pub supervision: &'a Supervision,
    /// What keeps commands from writing where they have no business.
    pub isolation: Isolation,
    pub caches: CacheHome,
    pub logs: LogFolder,
    /// What passed before and is not run.
    pub passes: Passes<'a>,
    pub progress: &'a dyn Progress,
    pub interrupt: &'a Interrupt,
    pub known: Known,
    /// How many commands are to come behind those that are being verified.
    pub behind: AtomicUsize,
}

/// How one of several lists is run at a time.
pub(super) struct Lane<'a> {
    /// Its number among those that run beside each other, from 0.
    pub number: usize,
    /// Ends it.
    pub interrupt: &'a Interrupt,
    /// Whether it is run before it is asked for: then its logs have no numbers yet.
    pub is_ahead: bool,
}

impl Runner<'_> {
    /// Says how many commands the plan has behind those that are verified next.
    pub(super) fn announce(&self, behind: usize) {
        self.behind.store(behind, Ordering::Relaxed);
    }

    /// What comes of the commands on `tree`: what is known of that, or else they are run, one list at a
    /// time.
    pub(super) fn answer(
        &self,
        subject: &str,
        question: Question,
        recipes: &[Recipe<'_>],
    ) -> Result<Tried> {
        let (tree, _, is_confirmed) = question;
        if is_confirmed {
            self.passes.was_run(tree, recipes)?;
        }
        match self.known.get(&question) {
            Some(Ok(tried)) => self.numbered(subject, tried),
            Some(Err(finding)) => Err(finding.clone()),
            None if !is_confirmed && self.passes.know(subject, tree, recipes)? => {
                Ok(Tried::assumed())
            }
            None => {
                let lane = Lane {
                    number: 0,
                    interrupt: self.interrupt,
                    is_ahead: false,
                };
                self.run(subject, tree, recipes, &lane)
            }
        }
    }

    /// Runs the commands, and keeps what is found out for later runs.
    pub(super) fn run(
        &self,
        subject: &str,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
        lane: &Lane<'_>,
    ) -> Result<Tried> {
        let tried = self.attempts(subject, tree, recipes, lane)?;
        // What was heard while it is asked to end is not certain.
        lane.interrupt.check()?;
        self.passes.learn(tree, recipes, &tried)?;
        Ok(tried)
    }

    /// Runs the commands until all pass, or one has failed as often as it may. Each attempt has a
    /// checkout of its own, in which those before the one that failed run again: it may need what they
    /// leave there.
    fn attempts(
        &self,
        subject: &str,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
        lane: &Lane<'_>,
    ) -> Result<Tried> {
        let mut logs = Vec::new();
        let mut failures: Vec<Option<VerifyFailure>> = vec![None; recipes.len()];
        while let Err((at, failure)) = self.once(subject, tree, recipes, lane, &mut logs)? {
            let attempts = failures[at].as_ref().map_or(0, |before| before.attempts) + 1;
            let failure = VerifyFailure {
                attempts,
                ..failure
            };
            if attempts > u32::from(recipes[at].command.retries) {
                return Ok(Tried {
                    logs,
                    ..Tried::not_run(Err(failure))
                });
            }
            failures[at] = Some(failure);
        }
        Ok(Tried {
            verified: Ok(()),
            overcome: failures.into_iter().flatten().collect(),
            is_assumed: false,
            logs,
        })
    }

    /// Runs the commands once; the inner error says which one failed.
    fn once(
        &self,
        subject: &str,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
        lane: &Lane<'_>,
        logs: &mut Vec<PathBuf>,
    ) -> Result<std::result::Result<(), (usize, VerifyFailure)>> {
        let checkout = self.quarantine.checkout(tree)?;
        for (at, recipe) in recipes.iter().enumerate() {
            self.progress.event(Event::Verifying {
                subject,
                command: &recipe.command.run.value,
                left: recipes.len() - at - 1 + self.behind.load(Ordering::Relaxed),
                lane: lane.number,
            });
            let log = if lane.is_ahead {
                self.logs.ahead(subject)?
            } else {
                self.logs.next(subject)?
            };
            logs.extend(log.path.clone());
            let (owner, name) = &recipe.cache;
            let place = Workplace {
                supervision: self.supervision,
                isolation: self.isolation,
                checkout: checkout.path(),
                cache: self.caches.folder(owner, name, self.quarantine)?,
                temporary: self.quarantine.temporary_folder()?,
            };
            let said = command::run(recipe, &place, log, lane.interrupt)?;
            checkout.check_unmounted()?;
            place.temporary.check_unmounted()?;
            if let Err(failure) = said {
                return Ok(Err((at, failure)));
            }
        }
        Ok(Ok(()))
    }

    /// The same where it is asked for, about `subject`: its logs get the numbers that they have then.
    fn numbered(&self, subject: &str, tried: &Tried) -> Result<Tried> {
        let mut tried = tried.clone();
        let shown = |path: &PathBuf| quote(path.as_os_str().as_bytes());
        for log in &mut tried.logs {
            let before = shown(log);
            *log = self.logs.number(log, subject)?;
            let failed = tried.verified.as_mut().err();
            for failure in tried.overcome.iter_mut().chain(failed) {
                if let Some(output) = &mut failure.output
                    && output.log.as_ref() == Some(&before)
                {
                    output.log = Some(shown(log));
                }
            }
        }
        Ok(tried)
    }
}
