//! Where git says that everything is.

use super::git::{Git, failure, path_from};
use crate::words::{Code, Finding, Result};
use bstr::ByteSlice;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The places of a repository.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Places {
    pub(super) kind: gix::hash::Kind,
    pub(super) git_dir: PathBuf,
    pub(super) common_dir: PathBuf,
    pub(super) objects_dir: PathBuf,
    pub(super) index: PathBuf,
    pub(super) shallow: PathBuf,
    pub(super) work_tree: Option<PathBuf>,
}

impl Places {
    /// What git says of `dir`. The variables `without` have no say in it.
    pub(super) fn find(dir: &Path, without: &[&str]) -> Result<Self> {
        Self::answered(dir, &Self::ask(dir, without)?.output()?)
    }

    /// Asks one git everything, since a process costs more than most of what gate does.
    pub(super) fn ask(dir: &Path, without: &[&str]) -> Result<Git> {
        if !dir.is_dir() {
            return Err(no_directory(dir));
        }
        let git = Git::with_callers_environment(dir, "rev-parse").without(without);
        Ok(git.args([
            "--path-format=absolute",
            "--show-object-format",
            "--is-bare-repository",
            "--absolute-git-dir",
            "--git-common-dir",
            "--git-path",
            "objects",
            "--git-path",
            "index",
            "--git-path",
            "shallow",
            // The last, since git ends here where there is no work tree.
            "--show-toplevel",
        ]))
    }

    /// What git has answered.
    pub(super) fn answered(dir: &Path, output: &Output) -> Result<Self> {
        // From inside the git directory there is a work tree, but git does not say which.
        let no_work_tree = output.stderr.contains_str("must be run in a work tree");
        if !output.status.success() && !no_work_tree {
            return Err(not_opened(dir, output));
        }
        let lines: Vec<&[u8]> = output.stdout.lines().collect();
        let (
            [
                format,
                bare,
                git_dir,
                common_dir,
                objects_dir,
                index,
                shallow,
            ],
            work_tree,
        ) = (match lines[..] {
            [ref answers @ .., top] if !no_work_tree => (answers, Some(top)),
            ref answers => (answers, None),
        })
        else {
            return Err(unknown_answer());
        };
        Ok(Self {
            kind: kind_from(format)?,
            git_dir: path_from(git_dir),
            common_dir: path_from(common_dir),
            objects_dir: path_from(objects_dir),
            index: path_from(index),
            shallow: path_from(shallow),
            work_tree: work_tree.filter(|_| *bare != b"true").map(path_from),
        })
    }
}

fn kind_from(format: &[u8]) -> Result<gix::hash::Kind> {
    match format {
        b"sha1" => Ok(gix::hash::Kind::Sha1),
        b"sha256" => Ok(gix::hash::Kind::Sha256),
        _ => Err(Finding::error(
            Code::Git,
            "the repository has an unknown object format",
        )),
    }
}

fn unknown_answer() -> Box<Finding> {
    Finding::error(Code::Git, "`git rev-parse` answered something unknown")
}

fn no_directory(dir: &Path) -> Box<Finding> {
    let message = format!("{} is no directory", dir.display());
    let finding = Finding::new(Code::NoRepository, message);
    Box::new(finding.hint("name a folder that exists: `-C DIR`"))
}

fn not_opened(dir: &Path, output: &Output) -> Box<Finding> {
    let said = |text: &str| output.stderr.contains_str(text);
    let cause = failure("git rev-parse", output);
    let with = |code, message: String| {
        let finding = Finding::new(code, message);
        cause.notes.iter().fold(finding, Finding::note)
    };
    let here = dir.display();
    if said("dubious ownership") {
        let finding = with(
            Code::ForeignRepository,
            format!("the repository at {here} belongs to somebody else"),
        );
        return Box::new(finding.hint(
            "if you trust whoever owns it, run the `git config --global --add safe.directory` command that git suggests",
        ));
    }
    if said("not a git repository") {
        let finding = with(
            Code::NoRepository,
            format!("there is no git repository at {here}"),
        );
        return Box::new(finding.hint("go into a repository, or name one with `-C DIR`"));
    }
    cause
}
