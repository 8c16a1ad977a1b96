//! Where a command runs, and what it may write to there.

use super::super::Supervision;
use super::super::supervise::{Isolation, Job, Supervised};
use super::recipe::Recipe;
use crate::repo::{CacheFolder, PrivateFolder};
use crate::words::Output;
use std::env::join_paths;
use std::io::{Error, Result};
use std::path::Path;

/// What is printed, in small letters, by who may not write somewhere, unless it speaks another language.
const DENIED: &[&str] = &[
    "permission denied",
    "operation not permitted",
    "read-only file system",
    // Landlock says so of links and moves to another folder.
    "cross-device link",
    "no new privileges",
    "eacces",
    "eperm",
    "erofs",
    "exdev",
];

/// The place of one command.
pub(super) struct Workplace<'a> {
    pub supervision: &'a Supervision,
    /// What keeps it from writing anywhere else.
    pub isolation: Isolation,
    pub checkout: &'a Path,
    /// What stays there is there the next time.
    pub cache: CacheFolder,
    pub temporary: PrivateFolder,
}

impl Workplace<'_> {
    /// Starts the command there.
    pub(super) fn start(&self, recipe: &Recipe<'_>) -> Result<Supervised> {
        let (checkout, cache, temporary) =
            (self.checkout, self.cache.path(), self.temporary.path());
        // Where the repository of the checkout is gone, and from the other two, git must not go on looking
        // further up.
        let above = [checkout, cache, temporary].map(|folder| folder.parent().unwrap_or(folder));
        let above = join_paths(above).map_err(Error::other)?;
        let job = Job {
            line: &recipe.command.run.value,
            limit: recipe.command.timeout,
            isolation: self.isolation,
            writable: &[checkout.into(), cache.into(), temporary.into()],
        };
        Supervised::start(self.supervision, &job, |command| {
            command
                .current_dir(checkout)
                .env_clear()
                // What the manifest names may be somewhere else.
                .env("XDG_CACHE_HOME", cache.join("xdg"))
                .envs(recipe.variables.iter().map(|(name, value)| (name, value)))
                .env("TMPDIR", temporary)
                .env("GATE_CACHE_DIR", cache)
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env("GIT_CEILING_DIRECTORIES", above);
        })
    }

    /// What is to be said of the sandbox where a command failed that printed this: something, if that may be
    /// why.
    pub(super) fn remark(&self, output: Option<&Output>) -> Option<String> {
        let title = self.isolation.title()?;
        let denied = |line: &String| {
            let line = line.to_lowercase();
            DENIED.iter().any(|denied| line.contains(denied))
        };
        output?.lines.iter().any(denied).then(|| {
            format!(
                "it ran in a sandbox ({title}): it can write only below its checkout, GATE_CACHE_DIR and \
                 TMPDIR; lead there what it writes elsewhere, as by CARGO_HOME=\"$GATE_CACHE_DIR/cargo\", \
                 or integrate with `--sandbox off`"
            )
        })
    }
}
