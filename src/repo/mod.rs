//! The repository: the only room that knows gix or runs git.
//!
//! Reading goes through [`Objects`], which [`Repo`] and [`Quarantine`] both lend. Nothing is written into
//! the repository before [`Quarantine::publish`], and no ref moves except by [`Repo::update_refs`].

mod ancestors;
mod cache;
mod checkout;
mod children;
mod commit;
mod create;
mod diff;
mod disk;
mod git;
mod graph;
mod history;
mod incoming;
mod index;
mod index_copy;
mod journal;
mod lineage;
mod links;
mod locks;
mod logs;
mod merge;
mod merge_git;
mod merge_session;
mod merge_trees;
mod mounts;
mod names;
mod needed;
mod object_cache;
mod objects;
mod open;
mod pack;
mod pass_refs;
mod passage;
mod passes;
mod places;
mod plain_places;
mod plain_refs;
mod plain_settings;
mod private_folder;
mod publish;
mod published;
mod push;
mod quarantine;
#[cfg(test)]
mod quarantine_tests;
mod receive;
mod record;
mod recovery;
mod refs;
mod remembered;
mod renames;
mod second_look;
mod settings;
mod staging;
mod strict;
mod system_settings;
mod transaction;
mod tree;
mod tree_check;
mod tree_entry;
mod untracked;
mod update;
mod upstream;
mod walk;
mod worktree;
mod written;

#[cfg(test)]
mod testing;

pub use ancestors::Ancestors;
pub use cache::{CacheFolder, CacheHome};
pub use checkout::PrivateCheckout;
pub use children::OwnChild;
pub use commit::Commit;
pub use create::create;
pub use disk::{has_no_space, says_no_space};
pub use git::git_version_check;
pub use history::Fork;
pub use journal::LandingJournal;
pub use lineage::Lineage;
pub use logs::{LogFile, LogFolder};
pub use merge::{ConflictPath, Merge, MergedTree};
pub use objects::Objects;
pub use open::Repo;
pub use pass_refs::{PASS_HEAD, PassRef};
pub use passage::{Passage, Side};
pub use passes::PassFolder;
pub use private_folder::PrivateFolder;
pub use published::Publication;
pub use quarantine::Quarantine;
pub use receive::{Push, PushedRef};
pub use record::{LAST_RUN, RUNS};
pub use refs::{Branches, Head, Scope};
pub use transaction::Begun;
pub use update::{Expect, RefUpdate};
pub use worktree::WorkTree;

/// The engine asks from many threads at once.
const _: () = {
    const fn shared_among_threads<T: Send + Sync>() {}
    shared_among_threads::<Ancestors>();
    shared_among_threads::<Repo>();
    shared_among_threads::<Quarantine>();
};
