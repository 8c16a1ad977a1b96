//! Finding and opening a repository.

use super::git::{Config, Git, failure, path_from};
use super::graph::Graph;
use super::objects::{Advice, Objects};
use crate::words::{Code, Finding, Result};
use bstr::ByteSlice;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

/// A repository, opened for reading; can be shared among threads.
pub struct Repo {
    pub(super) objects: Objects,
    pub(super) git_dir: PathBuf,
    pub(super) common_dir: PathBuf,
    pub(super) objects_dir: PathBuf,
    pub(super) index_path: PathBuf,
    work_tree: Option<PathBuf>,
}

impl Deref for Repo {
    type Target = Objects;

    /// Everything that can be read of objects can be read of a repository.
    fn deref(&self) -> &Objects {
        &self.objects
    }
}

impl Repo {
    /// The repository that `dir` is in, found as git finds it: upwards from `dir`, unless the
    /// environment says otherwise, as it does in a hook.
    ///
    /// # Errors
    /// [`Code::NoRepository`] if there is none, [`Code::ForeignRepository`] if it belongs to
    /// somebody else and git has not been told to trust it.
    pub fn open(dir: &Path) -> Result<Self> {
        if !dir.is_dir() {
            let message = format!("{} is no directory", dir.display());
            return Err(Finding::error(Code::NoRepository, message));
        }
        let places = ask(
            dir,
            &[
                "--absolute-git-dir",
                "--git-common-dir",
                "--is-bare-repository",
            ],
        )?;
        let paths = ask(
            dir,
            &[
                "--git-path",
                "objects",
                "--git-path",
                "index",
                "--git-path",
                "shallow",
            ],
        )?;
        let format = ask(dir, &["--show-object-format"])?;
        let ([git_dir, common_dir, bare], [objects_dir, index, shallow], [format]) =
            (&places[..], &paths[..], &format[..])
        else {
            return Err(Finding::error(
                Code::Git,
                "`git rev-parse` answered something unknown",
            ));
        };
        let kind = match &format[..] {
            b"sha1" => gix::hash::Kind::Sha1,
            b"sha256" => gix::hash::Kind::Sha256,
            _ => {
                return Err(Finding::error(
                    Code::Git,
                    "the repository has an unknown object format",
                ));
            }
        };
        let work_tree = if bare == b"true" {
            None
        } else {
            work_tree(dir)?
        };
        let objects_dir = path_from(objects_dir);
        let graph = Arc::new(Graph::open(&objects_dir, &path_from(shallow), kind)?);
        let advice = advice(dir, &graph)?;
        Ok(Self {
            objects: Objects::at(&objects_dir, kind, graph, None, advice)?,
            git_dir: path_from(git_dir),
            common_dir: path_from(common_dir),
            objects_dir,
            index_path: path_from(index),
            work_tree,
        })
    }

    /// The objects, for reading.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The git directory: that of the linked work tree, if this is one.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The git directory that all work trees share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The top of the work tree, or `None` for a bare repository.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The value of the configuration's `key`, as the user's own git would see it.
    pub fn config_string(&self, key: &str) -> Result<Option<String>> {
        let git = self.git("config").args(["--null", "--get", key]);
        let output = git.output()?;
        match output.status.code() {
            Some(0) => {
                let value = output.stdout.strip_suffix(b"\0").unwrap_or(&output.stdout);
                Ok(Some(value.to_str_lossy().into_owned()))
            }
            Some(1) => Ok(None),
            _ => Err(failure("git config", &output)),
        }
    }

    /// `git SUBCOMMAND` in this repository, with the user's configuration.
    pub(super) fn git(&self, subcommand: &str) -> Git {
        Git::new(Config::Users, &self.git_dir, subcommand).env("GIT_DIR", &self.git_dir)
    }

    /// The words of git's hash algorithm.
    pub(super) fn format(&self) -> &'static str {
        match self.objects.kind {
            gix::hash::Kind::Sha1 => "sha1",
            _ => "sha256",
        }
    }
}

/// The lines that `git rev-parse` prints for these questions, paths being absolute.
fn ask(dir: &Path, questions: &[&str]) -> Result<Vec<Vec<u8>>> {
    let git = Git::with_callers_environment(dir, "rev-parse").arg("--path-format=absolute");
    let output = git.args(questions).output()?;
    if !output.status.success() {
        return Err(not_opened(dir, &output));
    }
    Ok(output.stdout.lines().map(<[u8]>::to_vec).collect())
}

fn work_tree(dir: &Path) -> Result<Option<PathBuf>> {
    let git = Git::with_callers_environment(dir, "rev-parse")
        .args(["--path-format=absolute", "--show-toplevel"]);
    let output = git.output()?;
    if output.status.success() {
        return Ok(Some(path_from(output.stdout.trim_end_with(|c| c == '\n'))));
    }
    // From inside the git directory there is a work tree, but git does not say which.
    if output.stderr.contains_str("must be run in a work tree") {
        return Ok(None);
    }
    Err(not_opened(dir, &output))
}

fn advice(dir: &Path, graph: &Graph) -> Result<Advice> {
    let git = Git::with_callers_environment(dir, "config");
    let output = git
        .args([
            "--get-regexp",
            r"^(extensions\.partialclone|remote\..*\.promisor)$",
        ])
        .output()?;
    match (output.status.code(), graph.is_shallow()) {
        (Some(0), false) => Ok(Advice::FetchObjects),
        (Some(0), true) => Ok(Advice::FetchEverything),
        (Some(1), false) => Ok(Advice::Fsck),
        (Some(1), true) => Ok(Advice::Unshallow),
        _ => Err(failure("git config", &output)),
    }
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

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn repositories_are_found_from_anywhere_inside() {
        let repo = TestRepo::new();
        repo.write("a/b/c", "");
        let id = repo.commit("first");
        let opened = Repo::open(&repo.path.join("a/b")).expect("found upwards");
        let top = repo.path.canonicalize().expect("a path");
        assert_eq!(opened.work_tree(), Some(top.as_path()));
        assert_eq!(opened.git_dir(), top.join(".git"));
        repo.git(&["worktree", "add", "-q", "../linked"]);
        let linked = Repo::open(&repo.path.join("../linked")).expect("a linked work tree");
        assert_eq!(linked.common_dir(), top.join(".git"));
        assert_eq!(linked.git_dir(), top.join(".git/worktrees/linked"));
        repo.git(&["clone", "-q", "--bare", ".", "../bare"]);
        let bare = Repo::open(&repo.path.join("../bare")).expect("a bare repository");
        assert_eq!(bare.work_tree(), None);
        assert_eq!(
            bare.commit(id).map(|commit| commit.message),
            Ok("first\n".into())
        );
    }

    #[test]
    fn where_there_is_no_repository_that_is_said() {
        let dir = tempfile::tempdir().expect("a directory");
        for path in [dir.path().to_owned(), dir.path().join("nowhere")] {
            let error = Repo::open(&path).err().expect("no repository");
            assert_eq!(error.code, Code::NoRepository, "{error}");
        }
    }

    #[test]
    fn configuration_is_read_as_git_reads_it() {
        let repo = TestRepo::new();
        let opened = repo.open();
        assert_eq!(opened.config_string("gate.target"), Ok(None));
        repo.git(&["config", "gate.target", "trunk\nline"]);
        assert_eq!(
            opened.config_string("gate.target"),
            Ok(Some("trunk\nline".into()))
        );
    }

    #[test]
    fn replaced_objects_are_read_as_they_are() {
        let repo = TestRepo::new();
        let first = repo.commit("first");
        let second = repo.commit("second");
        repo.git(&["replace", &second.to_string(), &first.to_string()]);
        let opened = repo.open();
        assert_eq!(
            opened.commit(second).map(|commit| commit.message),
            Ok("second\n".into())
        );
        assert_eq!(opened.own_commits(second, &[first]), Ok(vec![second]));
    }

    #[test]
    fn objects_that_are_missing_or_broken_are_errors() {
        let repo = TestRepo::new();
        repo.write("a", "a");
        let id = repo.commit("first");
        let opened = repo.open();
        let tree = opened.commit(id).expect("a commit").tree;
        let hex = tree.to_string();
        let path = repo
            .path
            .join(".git/objects")
            .join(&hex[..2])
            .join(&hex[2..]);
        std::fs::remove_file(&path).expect("removed");
        let opened = repo.open();
        assert_eq!(
            opened.diff(None, tree).expect_err("missing").code,
            Code::MissingObject
        );
        std::fs::write(&path, "rubbish").expect("written");
        assert_eq!(
            opened.diff(None, tree).expect_err("broken").code,
            Code::BrokenObject
        );
        assert_eq!(
            opened.commit(tree).expect_err("broken").code,
            Code::BrokenObject
        );
    }
}
