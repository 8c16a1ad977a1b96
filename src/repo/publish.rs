//! Moving objects from the quarantine into the repository.

use super::disk::has_no_space;
use super::git::{Config, Git, failure};
use super::journal::LandingJournal;
use super::quarantine::Quarantine;
use super::staging::Staging;
use crate::words::{Code, Finding, ObjectId, Result};
use std::path::Path;

/// Up to so many objects are written one file each; more of them go into a pack. git's own limit for
/// what it receives.
const LOOSE: usize = 100;

impl Quarantine {
    /// Puts into the repository whatever `tips` need that is only here: on disk and flushed when this
    /// returns, so that refs may point there. Only whoever may land may do so.
    ///
    /// # Errors
    /// [`Code::DiskFull`] or [`Code::InputOutput`] if it could not be written. Then no ref was changed, and
    /// what was written is garbage that git removes in time.
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
        Err(not_stored(
            &objects,
            failure(&format!("git {what}"), &output),
        ))
    }
}

/// That git has not written objects into the object directory `objects`.
fn not_stored(objects: &Path, mut finding: Box<Finding>) -> Box<Finding> {
    let is_full = finding.code == Code::DiskFull || has_no_space(objects);
    let (code, hint) = if is_full {
        (Code::DiskFull, "make space on the disk, then run it again")
    } else {
        (Code::InputOutput, "see that you may write there")
    };
    finding.code = code;
    finding.message = format!("cannot write objects into {}", objects.display());
    finding.hint = Some(hint.into());
    finding
}

#[cfg(test)]
mod tests {
    use super::super::git::failure;
    use super::super::testing::TestRepo;
    use super::super::tree_entry::Item;
    use crate::words::{Code, Entry, Mode, ObjectId};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{ExitStatus, Output};

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

    #[test]
    fn a_disk_that_is_full_while_objects_are_stored_is_told_from_other_errors() {
        let objects = std::env::temp_dir();
        for (said, code) in [
            (
                "error: unable to write file x: No space left on device",
                Code::DiskFull,
            ),
            ("fatal: write error: Disk quota exceeded", Code::DiskFull),
            (
                "fatal: unable to write: Permission denied",
                Code::InputOutput,
            ),
        ] {
            let output = Output {
                status: ExitStatus::from_raw(128 << 8),
                stdout: Vec::new(),
                stderr: said.into(),
            };
            let error = super::not_stored(&objects, failure("git unpack-objects", &output));
            assert_eq!((error.code, &*error.notes), (code, &[said.to_owned()][..]));
        }
    }
}
