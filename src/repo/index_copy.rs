//! A copy of a work tree's index, to ask git questions by and to prepare what comes next: the real
//! one is neither refreshed nor locked.

use super::git::Git;
use super::journal::{INDEX_COPY, LandingJournal};
use super::objects::input_output;
use super::worktree::WorkTree;
use crate::words::{ObjectId, Result};
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Gone when it is dropped; if the process is killed, the next one that may land removes it. The gits that
/// work with it hold the right to land.
pub(super) struct IndexCopy<'a> {
    tree: &'a WorkTree,
    journal: &'a LandingJournal<'a>,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl<'a> IndexCopy<'a> {
    /// A copy of the index as it is, which knows what is in the files.
    pub(super) fn of(tree: &'a WorkTree, journal: &'a LandingJournal<'a>) -> Result<Self> {
        let (home, mut folder) = (journal.home(), tempfile::Builder::new());
        let folder = folder.prefix(INDEX_COPY).tempdir_in(home);
        let folder = folder.map_err(|error| input_output("make a folder in", home, &error))?;
        let (from, file) = (tree.git_dir.join("index"), folder.path().join("index"));
        match fs::copy(&from, &file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(input_output("copy", &from, &error));
            }
            _ => {}
        }
        let copy = Self {
            tree,
            journal,
            file,
            _folder: folder,
        };
        copy.refresh()?;
        Ok(copy)
    }

    /// The file that holds it.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Lets it take note of what is in the files by now.
    pub(super) fn refresh(&self) -> Result<()> {
        // It fails where a file is not as the index has it, which is no failure here.
        let refresh = ["-q", "--refresh"].as_slice();
        self.git("update-index", b"")?
            .args(refresh)
            .output()
            .map(drop)
    }

    /// The paths whose files are not as it has them.
    pub(super) fn differs_from_files(&self) -> Result<BTreeSet<Vec<u8>>> {
        let listing = self
            .git("diff-files", b"")?
            .args(["--name-only", "-z"])
            .run()?;
        Ok(paths(&listing))
    }

    /// Those of `paths` whose files are not as it has them, although git was told not to look
    /// (`--assume-unchanged`, `--skip-worktree`). From now on it looks at them.
    pub(super) fn differs_unseen(&self, paths: &[&[u8]]) -> Result<BTreeSet<Vec<u8>>> {
        let listing = self.git("ls-files", b"")?.args(["-v", "-z"]).run()?;
        let unseen = listing.split_str("\0").filter_map(|line| match line {
            [b'S' | b'a'..=b'z', b' ', path @ ..] => Some(path),
            _ => None,
        });
        let unseen: BTreeSet<_> = unseen.collect();
        let such = paths.iter().copied();
        let such: Vec<_> = such.filter(|path| unseen.contains(path)).collect();
        if such.is_empty() {
            return Ok(BTreeSet::new());
        }
        for look in ["--no-assume-unchanged", "--no-skip-worktree"] {
            let git = self.git("update-index", &list(&such))?;
            git.args([look, "-z", "--stdin"]).run()?;
        }
        self.refresh()?;
        self.differs_from_files()
    }

    /// The paths that are staged otherwise than the commit `id` has them.
    pub(super) fn differs_from(&self, id: ObjectId) -> Result<BTreeSet<Vec<u8>>> {
        let arguments = ["--cached", "--name-only", "-z", &id.to_string()];
        let listing = self.git("diff-index", b"")?.args(arguments).run()?;
        Ok(paths(&listing))
    }

    /// Goes from the commit `old`, which it stands at, to the commit `new`, the files unseen. `added` are the
    /// paths that only `new` has: where a sparse checkout leaves them out, their files stay away, as those that
    /// it leaves out already do.
    pub(super) fn go(&self, old: ObjectId, new: ObjectId, added: &[&[u8]]) -> Result<()> {
        let (old, new) = (old.to_string(), new.to_string());
        let git = self.git("read-tree", b"")?;
        git.args(["-i", "-m", &old, &new]).run()?;
        let left_out = self.left_out(added)?;
        if !left_out.is_empty() {
            let git = self.git("update-index", &list(&left_out))?;
            git.args(["--skip-worktree", "-z", "--stdin"]).run()?;
        }
        self.refresh()
    }

    /// Those of `paths` that a sparse checkout leaves out.
    fn left_out<'p>(&self, paths: &[&'p [u8]]) -> Result<Vec<&'p [u8]>> {
        let get = [
            "--type=bool",
            "--default=false",
            "--get",
            "core.sparseCheckout",
        ];
        // Without patterns git leaves nothing out, whatever is set.
        let patterns = self.tree.git_dir.join("info/sparse-checkout");
        if paths.is_empty() || !patterns.exists() {
            return Ok(Vec::new());
        }
        let answer = self.git("config", b"")?.args(get).run()?;
        if answer.trim_end() != b"true" {
            return Ok(Vec::new());
        }
        let git = self.git("sparse-checkout", &list(paths))?;
        let inside = git.args(["check-rules", "-z"]).run()?;
        let inside: BTreeSet<_> = inside.split_str("\0").collect();
        let left_out = paths.iter().copied();
        Ok(left_out.filter(|path| !inside.contains(path)).collect())
    }

    /// Writes these paths into the work tree, whatever is there.
    pub(super) fn check_out(&self, paths: &[&[u8]]) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let git = self.git("checkout-index", &list(paths))?;
        git.args(["-f", "-q", "-z", "--stdin"]).run()?;
        self.refresh()
    }

    fn git(&self, subcommand: &str, input: &[u8]) -> Result<Git> {
        let git = self.tree.git(subcommand).env("GIT_INDEX_FILE", &self.file);
        Ok(git.input_from(self.journal.lend(input)?))
    }
}

/// These paths as git reads them with `-z`.
fn list(paths: &[&[u8]]) -> Vec<u8> {
    let ended = paths.iter().copied().flat_map(|path| [path, b"\0"]);
    ended.collect::<Vec<_>>().concat()
}

fn paths(listing: &[u8]) -> BTreeSet<Vec<u8>> {
    let paths = listing.split_str("\0").filter(|path| !path.is_empty());
    paths.map(<[u8]>::to_vec).collect()
}
