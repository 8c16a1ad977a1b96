//! A private checkout: a tree on disk, for commands that must not reach the repository.

use super::commit;
use super::disk::has_no_space;
use super::git::{Config, Git};
use super::objects::{hash, input_output};
use super::private_folder::PrivateFolder;
use super::quarantine::{Quarantine, bare_repository, not_written};
use crate::words::{Code, Finding, ObjectId, Result};
use gix::objs::{Kind, Write};
use std::fs;
use std::path::Path;

/// How many processes of git write the files of a large tree. More than one helps where a disk is slow to
/// make them, even on two cores, and costs nothing in memory: see `docs/performance.md`.
const WORKERS: &str = "4";

/// A tree on disk, in a throw-away repository of its own, whose HEAD is a commit without parents of
/// that tree, on the branch `gate`: there is no other ref and no remote. Dropping it removes it.
#[derive(Debug)]
pub struct PrivateCheckout {
    folder: PrivateFolder,
    commit: ObjectId,
}

impl PrivateCheckout {
    /// The top of the checkout.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fails if a command has mounted something in it and left it there.
    ///
    /// # Errors
    /// Those of [`PrivateFolder::check_unmounted`].
    pub fn check_unmounted(&self) -> Result<()> {
        self.folder.check_unmounted()
    }

    /// The commit that its HEAD points at, which exists nowhere else.
    pub fn commit(&self) -> ObjectId {
        self.commit
    }
}

impl Quarantine {
    /// A new and empty folder for the temporary files of a command.
    pub fn temporary_folder(&self) -> Result<PrivateFolder> {
        PrivateFolder::make(self.dir.path())
    }

    /// Checks `tree` out into a new folder. Line ends are as the tree's own attributes say; filters
    /// have no effect; submodules are empty directories.
    pub fn checkout(&self, tree: ObjectId) -> Result<PrivateCheckout> {
        self.flush()?;
        let folder = PrivateFolder::make(self.dir.path())?;
        let dir = folder.path();
        let git_dir = dir.join(".git");
        let objects = [self.git_dir.join("objects")];
        bare_repository(&git_dir, &objects, self.format, false)?;
        let data = commit::write(tree, &[], b"The tree to verify", 0);
        let id = hash(self.objects.kind, Kind::Commit, &data)?;
        let store = gix::odb::loose::Store::at(git_dir.join("objects"), self.objects.kind);
        let written = store.write_buf_with_known_id(Kind::Commit, &data, self.objects.to_gix(id)?);
        written.map_err(|error| not_written(&git_dir, &error))?;
        let branch = git_dir.join("refs/heads/gate");
        fs::write(&branch, format!("{id}\n"))
            .map_err(|error| input_output("write", &branch, &error))?;
        Git::new(Config::Isolated, dir, "read-tree")
            .env("GIT_DIR", &git_dir)
            .env("GIT_WORK_TREE", dir)
            .args(["--reset", "-u", "HEAD"])
            .with_setting("checkout.workers", WORKERS)
            .run()
            .map_err(|failure| not_checked_out(dir, failure))?;
        Ok(PrivateCheckout { folder, commit: id })
    }
}

/// Why a tree could not be checked out: git does not say that a disk is full.
fn not_checked_out(dir: &Path, failure: Box<Finding>) -> Box<Finding> {
    if !has_no_space(dir) {
        return failure;
    }
    let message = format!("a tree does not fit on the disk of {}", dir.display());
    let finding = Finding::new(Code::DiskFull, message);
    let finding = failure.notes.iter().fold(finding, Finding::note);
    Box::new(finding.hint("make space there, or set TMPDIR to a folder on another disk"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;
    use std::process::Command;

    fn git(dir: &Path, arguments: &[&str]) -> String {
        let output = Git::new(Config::Isolated, dir, arguments[0])
            .args(&arguments[1..])
            .run();
        String::from_utf8_lossy(&output.expect("git"))
            .trim_end()
            .to_owned()
    }

    // One checkout, and everything that must hold of it.
    #[test]
    fn a_checkout_is_clean_and_a_repository_of_its_own() {
        for format in ["sha1", "sha256"] {
            let repo = TestRepo::with_format(format);
            repo.write("a/b", "text\n");
            repo.write("crlf", "a\nb\n");
            repo.write("filtered", "text\n");
            repo.write(".gitattributes", "crlf eol=crlf\nfiltered filter=spoil\n");
            std::os::unix::fs::symlink("a/b", repo.path.join("link")).expect("a link");
            let id = repo.commit("first").to_string();
            repo.git(&[
                "update-index",
                "--add",
                "--cacheinfo",
                &format!("160000,{id},module"),
            ]);
            repo.git(&["commit", "-q", "-m", "module"]);
            repo.git(&["config", "filter.spoil.smudge", "tr a-z A-Z"]);
            let opened = repo.open();
            let tree = opened.commit(repo.id("HEAD")).expect("a commit").tree;
            let quarantine = opened.quarantine().expect("a quarantine");
            let checkout = quarantine.checkout(tree).expect("a checkout");
            let top = checkout.path();
            assert_eq!(git(top, &["status", "--porcelain"]), "");
            assert_eq!(
                git(top, &["rev-parse", "HEAD"]),
                checkout.commit().to_string()
            );
            assert_eq!(git(top, &["rev-parse", "HEAD^{tree}"]), tree.to_string());
            assert_eq!(
                git(top, &["for-each-ref", "--format=%(refname)"]),
                "refs/heads/gate"
            );
            assert_eq!(git(top, &["rev-list", "--count", "--all"]), "1");
            assert_eq!(
                fs::read_to_string(top.join("crlf")).expect("a file"),
                "a\r\nb\r\n"
            );
            assert_eq!(
                fs::read_to_string(top.join("filtered")).expect("a file"),
                "text\n"
            );
            assert_eq!(
                fs::read_to_string(top.join("link")).expect("a link"),
                "text\n"
            );
            assert_eq!(
                fs::read_dir(top.join("module"))
                    .expect("a directory")
                    .count(),
                0
            );
            let made = Command::new("git")
                .current_dir(top)
                .args(["tag", "mine"])
                .status()
                .expect("git");
            assert!(made.success());
            assert_eq!(repo.git(&["tag"]), "");
            let locked = top.join("a/locked");
            fs::create_dir(&locked).expect("a directory");
            fs::write(locked.join("file"), "").expect("a file");
            let read_only = std::os::unix::fs::PermissionsExt::from_mode(0o500);
            fs::set_permissions(&locked, read_only).expect("permissions");
            let top = top.to_owned();
            drop(checkout);
            assert!(!top.exists(), "left behind");
        }
    }
}
