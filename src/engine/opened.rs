//! A repository, and the rules that most probably decide there: read and proven while git is asked where
//! everything is.

use super::context::target_name;
use super::manifest::{Loaded, load};
use super::{Options, Outcome};
use crate::repo::Repo;
use crate::words::ObjectId;
use std::path::Path;
use std::sync::Arc;

/// An open repository.
pub struct Opened {
    /// The repository.
    pub repo: Arc<Repo>,
    pub(super) foreseen: Foreseen,
}

/// A manifest that was read ahead, if one was. It was made of nothing but the name of the target and a
/// tree, and is of use only where these are asked for.
#[derive(Default)]
pub(super) struct Foreseen(Option<Loaded>);

impl Opened {
    /// Opens the repository around `place`, whose rules are asked for next.
    ///
    /// # Errors
    /// As [`Repo::open`].
    pub fn at(place: &Path, options: &Options) -> Outcome<Self> {
        Self::unless(place, options, |_, _| false)
    }

    /// The same where no rules are asked for if `idle` says so of the repository and its target.
    pub(super) fn unless(
        place: &Path,
        options: &Options,
        idle: impl FnOnce(&Repo, &str) -> bool,
    ) -> Outcome<Self> {
        let ahead = |repo: &Repo| {
            let target = target_name(repo, options).ok()?;
            if idle(repo, &target) {
                return None;
            }
            read_ahead(repo, options, &target)
        };
        let (repo, foreseen) = Repo::open_while(place, ahead)?;
        Ok(Self {
            repo: Arc::new(repo),
            foreseen: Foreseen(foreseen.flatten()),
        })
    }
}

/// The manifest of what `target` is now, if nothing is wrong with it. What is wrong is said by whoever
/// asks for it.
fn read_ahead(repo: &Repo, options: &Options, target: &str) -> Option<Loaded> {
    let listed = repo.few_branches(&options.scope(), &[target])?;
    let tip = repo.tip(&listed, target).ok()??;
    let loaded = load(repo, target, repo.commit(tip).ok()?.tree).ok()?;
    // The work tree may change, and is no part of what was asked for.
    (!loaded.preview).then_some(loaded)
}

impl Foreseen {
    /// What [`load`] makes of `tree`: as it was foreseen, or now. It is kept for the next command.
    pub(super) fn load(self, repo: &Repo, target: &str, tree: ObjectId) -> Outcome<Loaded> {
        let is_asked = |loaded: &Loaded| loaded.target == target && loaded.tree == tree;
        let loaded = match self.0.filter(is_asked) {
            Some(loaded) => loaded,
            None => load(repo, target, tree)?,
        };
        // Only now has git said that this is the repository.
        loaded.keep(repo);
        Ok(loaded)
    }
}
