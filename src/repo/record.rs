//! Records of runs: refs of gate's own, each at a commit whose tree holds one document.

use super::open::Repo;
use super::quarantine::Quarantine;
use super::refs::{Branches, Listed, Scope};
use super::tree_entry::Item;
use crate::words::{Code, Entry, Finding, Mode, ObjectId, RepoPath, Result};

/// Where the records are: behind it comes the name of the run.
pub const RUNS: &str = "refs/gate/runs/";
/// The ref at the record of the run that was made last.
pub const LAST_RUN: &str = "refs/gate/last-run";
/// What the document is called in the tree of a record.
const DOCUMENT: &str = "record.json";

impl Branches {
    /// Branches of `scope` and publications as somebody noted them down, wherever they stand now: by
    /// their short and by their full names.
    pub fn noted(
        scope: Scope,
        branches: impl IntoIterator<Item = (String, Result<ObjectId>)>,
        published: impl IntoIterator<Item = (String, Result<ObjectId>)>,
    ) -> Self {
        let listed = branches.into_iter().map(|(short, id)| {
            let name = scope.full_name(&short);
            (short, Listed { name, id })
        });
        let publications = published
            .into_iter()
            .map(|(name, id)| (name.clone(), Listed { name, id }));
        Self {
            listed: listed.collect(),
            published: publications.collect(),
            complete: true,
            scope,
        }
    }
}

impl Quarantine {
    /// A new commit that holds nothing but `document`, and keeps its parents from being collected as
    /// garbage. Its date is that of the newest parent, so that it depends on its arguments alone.
    pub fn add_record(
        &self,
        document: &[u8],
        parents: &[ObjectId],
        message: &str,
    ) -> Result<ObjectId> {
        let id = self.add_blob(document)?;
        let entry = Entry {
            mode: Mode::File,
            id,
        };
        let tree = self.add_tree(&[(DOCUMENT.into(), Item::Leaf(entry))])?;
        let mut seconds = 0;
        for parent in parents {
            seconds = self.commit(*parent)?.committer_seconds.max(seconds);
        }
        self.commit_tree(tree, parents, message.as_bytes(), seconds)
    }
}

impl Repo {
    /// The document of the record `commit`, which may have `limit` bytes.
    ///
    /// # Errors
    /// [`Code::BadRecord`] if that is no record, [`Code::TooLarge`] if its document is too large.
    pub fn record(&self, commit: ObjectId, limit: u64) -> Result<Vec<u8>> {
        let no_record = |why: &str| {
            let message = format!("{} is no record of a run: {why}", commit.short());
            Finding::error(Code::BadRecord, message)
        };
        let tree = match self.commit(commit) {
            Ok(commit) => commit.tree,
            Err(error) if error.code == Code::NotACommit => return Err(no_record(&error.message)),
            Err(error) => return Err(error),
        };
        let document = RepoPath::new(DOCUMENT)
            .map_err(|error| no_record(&format!("{DOCUMENT} is no path: {error}")))?;
        match self.entry_at(tree, &document)? {
            Some(entry) if entry.mode == Mode::File && self.names(tree)?.len() == 1 => {
                self.blob(entry.id, limit)
            }
            _ => Err(no_record(&format!("its tree holds not just {DOCUMENT}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_keeps_its_parents() {
        let repo = TestRepo::new();
        let (one, two) = (repo.commit("one"), repo.commit("two"));
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let record = || quarantine.add_record(b"text", &[one, two], "Record\n");
        let id = record().expect("a commit");
        assert_eq!(record(), Ok(id));
        let journal = opened.landing_journal().expect("a journal");
        quarantine.publish(&journal, &[id]).expect("published");
        assert_eq!(opened.record(id, 4).as_deref(), Ok(&b"text"[..]));
        let commit = opened.commit(id).expect("a commit");
        assert_eq!(commit.parents, [one, two]);
        let newest = opened.commit(two).expect("a commit").committer_seconds;
        assert_eq!(commit.committer_seconds, newest);
        let code = |id, limit| opened.record(id, limit).expect_err("no record").code;
        assert_eq!(code(id, 3), Code::TooLarge);
        assert_eq!(code(one, 100), Code::BadRecord);
        assert_eq!(code(commit.tree, 100), Code::BadRecord);
        let nothing = ObjectId::from_bytes(&[7; 20]).expect("an id");
        assert_eq!(code(nothing, 100), Code::MissingObject);
    }
}
