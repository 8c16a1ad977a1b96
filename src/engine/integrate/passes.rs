//! What is known to pass, so that it need not be run: what passed in this clone before, and what a remote
//! says that passed elsewhere, where that was asked for.
//!
//! What passes is a list of commands as a whole, run one after the other in one checkout of a tree: a
//! later one may need what an earlier one leaves there. A list that passed only when something was tried
//! again is not known to pass, nor is one that failed.

use super::super::{KnownPass, Trust, TrustedPass};
use super::land::check_remote;
use super::recipe::{Reach, Recipe};
use super::verify::Tried;
use crate::repo::{Objects, PASS_HEAD, PassFolder, PassRef, Quarantine, Repo};
use crate::words::{ObjectId, Result};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// The passes that one run can draw on.
pub(super) struct Passes<'a> {
    quarantine: &'a Quarantine,
    folder: PassFolder,
    /// Whether everything is run whatever passed before.
    fresh: bool,
    trusted: Option<Trusted>,
    used: Mutex<Vec<KnownPass>>,
}

/// A pass that need not be run.
struct Known {
    /// Who says so, if it is not this clone.
    trusted: Option<TrustedPass>,
}

/// What a remote says that passed.
struct Trusted {
    remote: String,
    passes: BTreeSet<PassRef>,
}

impl<'a> Passes<'a> {
    /// The passes that `trust` lets a run draw on. A remote is asked here, once.
    ///
    /// # Errors
    /// [`crate::words::Code::Git`] if the remote cannot be reached.
    pub(super) fn read(repo: &Repo, quarantine: &'a Quarantine, trust: &Trust) -> Result<Self> {
        let trusted = match trust {
            Trust::Results(remote) => {
                check_remote(repo, remote)?;
                Some(Trusted {
                    passes: repo.passes_of(remote)?,
                    remote: remote.clone(),
                })
            }
            Trust::OwnPasses | Trust::Nothing => None,
        };
        Ok(Self {
            quarantine,
            folder: repo.pass_folder(),
            fresh: *trust == Trust::Nothing,
            trusted,
            used: Mutex::default(),
        })
    }

    /// Whether all of `recipes` are known to pass on `tree`. If so, that is noted for the report, as said
    /// of `subject`.
    pub(super) fn know(
        &self,
        subject: &str,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
    ) -> Result<bool> {
        let Some(known) = self.find(tree, recipes)? else {
            return Ok(false);
        };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.push(KnownPass {
            subject: subject.to_owned(),
            tree,
            trusted: known.trusted,
        });
        Ok(true)
    }

    /// Whether they are, while nobody asks for it yet.
    pub(super) fn is_known(&self, tree: ObjectId, recipes: &[Recipe<'_>]) -> Result<bool> {
        Ok(self.find(tree, recipes)?.is_some())
    }

    fn find(&self, tree: ObjectId, recipes: &[Recipe<'_>]) -> Result<Option<Known>> {
        if self.fresh {
            return Ok(None);
        }
        let here = document(self.quarantine, Reach::Here, tree, recipes)?;
        if self.folder.has(self.quarantine.digest(&here)?, &here) {
            return Ok(Some(Known { trusted: None }));
        }
        let Some(trusted) = &self.trusted else {
            return Ok(None);
        };
        let there = document(self.quarantine, Reach::Everywhere, tree, recipes)?;
        let pass = PassRef {
            tree,
            document: self.quarantine.digest(&there)?,
        };
        let is_there = trusted.passes.contains(&pass);
        Ok(is_there.then(|| Known {
            trusted: Some(TrustedPass {
                remote: trusted.remote.clone(),
                reference: pass.full_name(),
            }),
        }))
    }

    /// Keeps what was found out by running `recipes` on `tree`: a pass, or that there is none.
    ///
    /// # Errors
    /// [`crate::words::Code::InputOutput`] if a pass that is none any longer cannot be taken back.
    pub(super) fn learn(
        &self,
        tree: ObjectId,
        recipes: &[Recipe<'_>],
        tried: &Tried,
    ) -> Result<()> {
        let here = document(self.quarantine, Reach::Here, tree, recipes)?;
        let id = self.quarantine.digest(&here)?;
        if tried.is_steady_pass() {
            self.folder.keep(self.quarantine, id, &here);
            return Ok(());
        }
        self.folder.forget(id)
    }

    /// What was known and so not run, in order.
    pub(super) fn used(&self) -> Vec<KnownPass> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.clone()
    }
}

/// What a pass is: everything that could make it another one.
pub(super) fn document(
    objects: &Objects,
    reach: Reach,
    tree: ObjectId,
    recipes: &[Recipe<'_>],
) -> Result<Vec<u8>> {
    let (system, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut document = format!("{PASS_HEAD}platform {system} {architecture}\ntree {tree}\n");
    for recipe in recipes {
        let digest = recipe.digest(objects, reach)?;
        // As a string of JSON, which has no line feed in it.
        let line = serde_json::Value::from(recipe.command.run.value.as_str());
        // Writing to a string does not fail.
        _ = writeln!(document, "command {digest} {line}");
    }
    Ok(document.into_bytes())
}
