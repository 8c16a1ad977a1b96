//! Moving objects from the quarantine into the repository.

use super::git::{Config, Git, failure};
use super::journal::LandingJournal;
use super::quarantine::Quarantine;
use super::staging::Staging;
use crate::words::{Code, ObjectId, Result};

/// Up to so many objects are written one file each; more of them go into a pack. git's own limit for
/// what it receives.
const LOOSE: usize = 100;

impl Quarantine {
    /// Puts into the repository whatever `tips` need that is only here: on disk and flushed when this
    /// returns, so that refs may point there. Only whoever may land may do so.
    ///
    /// # Errors
    /// [`Code::InputOutput`] if it could not be written: a full disk, for example. Then no ref
    /// was changed, and what was written is garbage that git removes in time.
    pub fn publish(&self, journal: &LandingJournal<'_>, tips: &[ObjectId]) -> Result<()> {
        let needed = self.needed(tips)?;
        if needed.is_empty() {
            return Ok(());
        }
        let pack = self.pack(&needed)?;
        let (what, flags) = if needed.len() <= LOOSE {
            ("unpack-objects", ["-q"].as_slice())
        } else {
            ("index-pack", ["--stdin", "--fix-thin"].as_slice())
        };
        let objects = self.real_common_dir.join("objects");
        let staging = Staging::beside(&objects)?;
        let git = Git::new(Config::Users, &self.real_common_dir, what)
            .args(flags)
            .flushing("objects,derived-metadata")
            .env("GIT_DIR", &self.real_common_dir)
            .env("GIT_OBJECT_DIRECTORY", staging.path());
        let output = git.input_from(journal.lend(&pack)?).output()?;
        if output.status.success() {
            return staging.publish();
        }
        let mut finding = failure(&format!("git {what}"), &output);
        finding.code = Code::InputOutput;
        finding.message = format!(
            "cannot write objects into {}",
            self.real_common_dir.display()
        );
        finding.hint =
            Some("see that there is space on the disk and that you may write there".into());
        Err(finding)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::super::tree_entry::Item;
    use crate::words::{Code, Entry, Mode, ObjectId};

    fn quarantines(repo: &TestRepo) -> usize {
        let home = std::fs::read_dir(repo.path.join(".git/gate")).expect("a directory");
        let names = home.map(|entry| entry.expect("an entry").file_name());
        names
            .filter(|name| name.to_string_lossy().starts_with("quarantine-"))
            .count()
    }

    fn new_commit(quarantine: &super::Quarantine, files: usize) -> ObjectId {
        let entries: Vec<_> = (0..files)
            .map(|number| {
                let id = quarantine
                    .add_blob(number.to_string().as_bytes())
                    .expect("a file");
                let entry = Entry {
                    mode: Mode::File,
                    id,
                };
                (format!("{number:05}").into_bytes(), Item::Leaf(entry))
            })
            .collect();
        let tree = quarantine.add_tree(&entries).expect("a tree");
        quarantine
            .commit_tree(tree, &[], b"message", 1_700_000_000)
            .expect("a commit")
    }

    #[test]
    fn nothing_reaches_the_repository_before_it_is_published() {
        for format in ["sha1", "sha256"] {
            let repo = TestRepo::with_format(format);
            let opened = repo.open();
            let quarantine = opened.quarantine().expect("a quarantine");
            for count in [3, 300] {
                let id = new_commit(&quarantine, count);
                quarantine.flush().expect("written");
                assert_eq!(
                    quarantine
                        .tracked(quarantine.commit(id).expect("here").tree)
                        .expect("listed")
                        .len(),
                    count
                );
                assert_eq!(opened.contains(id), Ok(false));
                assert!(
                    !repo
                        .try_git(&["cat-file", "-e", &id.to_string()])
                        .status
                        .success()
                );
                let journal = opened.landing_journal().expect("a journal");
                quarantine.publish(&journal, &[id]).expect("published");
                drop(journal);
                assert_eq!(opened.contains(id), Ok(true));
                let written = repo.git(&["cat-file", "commit", &id.to_string()]);
                assert!(written.contains("author gate <gate@localhost.invalid> 1700000000 +0000"));
                repo.git(&["update-ref", "refs/heads/x", &id.to_string()]);
                drop(repo.git(&["fsck", "--strict", "--full"]));
            }
            drop(quarantine);
            assert_eq!(quarantines(&repo), 0);
        }
    }

    #[test]
    fn what_a_killed_process_left_behind_is_swept_away() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let alive = opened.quarantine().expect("a quarantine");
        repo.write(".git/gate/quarantine-dead/lock", "");
        repo.write(".git/gate/quarantine-deader/git/HEAD", "");
        let second = opened.quarantine().expect("a quarantine");
        assert_eq!(quarantines(&repo), 2, "the two that are in use");
        let id = new_commit(&alive, 1);
        assert!(second.commit(id).is_err());
        let journal = opened.landing_journal().expect("a journal");
        alive.publish(&journal, &[id]).expect("still there");
    }

    #[test]
    fn a_repository_that_cannot_be_written_is_an_input_output_error() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let id = new_commit(&quarantine, 1);
        let journal = opened.landing_journal().expect("a journal");
        let objects = repo.path.join(".git/objects");
        std::fs::rename(&objects, repo.path.join(".git/away")).expect("renamed");
        std::fs::write(&objects, "in the way").expect("written");
        let error = quarantine.publish(&journal, &[id]).expect_err("no place");
        assert!(
            matches!(error.code, Code::InputOutput | Code::Git),
            "{error:?}"
        );
    }
}
