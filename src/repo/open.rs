//! Finding and opening a repository.

use super::git::{Config, Git, failure, path_from};
use super::graph::Graph;
use super::incoming::{self, Incoming};
use super::objects::{Advice, Objects};
use super::settings::Settings;
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
    pub(super) index_path: PathBuf,
    pub(super) incoming: Option<Incoming>,
    objects_dir: [PathBuf; 1],
    work_tree: Option<PathBuf>,
    settings: Settings,
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
        Self::at(Places::find(dir, &[])?, None)
    }

    /// The same for the hook of a push: what the push brings is read, too, as the environment says
    /// where it is.
    ///
    /// # Errors
    /// [`Code::NotSupportedYet`] if the push goes into a namespace.
    pub fn open_receiving(dir: &Path) -> Result<Self> {
        incoming::refuse_namespace()?;
        let found = Places::find(dir, &incoming::VARIABLES)?;
        let incoming = Incoming::of_environment(dir, &found.objects_dir)?;
        Self::at(found, Some(incoming))
    }

    fn at(found: Places, incoming: Option<Incoming>) -> Result<Self> {
        let settings = Settings::read(&found.git_dir)?;
        let graph = Graph::open(&found.objects_dir, &found.shallow, found.kind)?;
        let advice = match (graph.is_shallow(), settings.is_partial_clone()) {
            (true, true) => Advice::FetchEverything,
            (true, false) => Advice::Unshallow,
            (false, true) => Advice::FetchObjects,
            (false, false) => Advice::Fsck,
        };
        let view = incoming.as_ref().and_then(Incoming::objects_dir);
        Ok(Self {
            objects: Objects::at(
                view.as_deref().unwrap_or(&found.objects_dir),
                found.kind,
                Arc::new(graph),
                None,
                advice,
            )?,
            git_dir: found.git_dir,
            common_dir: found.common_dir,
            objects_dir: [found.objects_dir],
            incoming,
            index_path: found.index,
            work_tree: found.work_tree,
            settings,
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

    /// The value of the configuration's `key`, in lower case, as the user's own git sees it.
    pub fn config_string(&self, key: &str) -> Option<String> {
        self.settings.get(key)
    }

    /// `git SUBCOMMAND` in this repository, with the user's configuration.
    pub(super) fn git(&self, subcommand: &str) -> Git {
        let git = Git::new(Config::Users, &self.git_dir, subcommand).env("GIT_DIR", &self.git_dir);
        let variables = self.incoming.iter().flat_map(Incoming::variables);
        variables.fold(git, |git, (name, value)| git.env(name, value))
    }

    /// Where objects are.
    pub(super) fn objects_dirs(&self) -> &[PathBuf] {
        match &self.incoming {
            Some(incoming) => &incoming.directories,
            None => &self.objects_dir,
        }
    }

    /// The words of git's hash algorithm.
    pub(super) fn format(&self) -> &'static str {
        match self.objects.kind {
            gix::hash::Kind::Sha1 => "sha1",
            _ => "sha256",
        }
    }
}

/// Where git says that everything is.
struct Places {
    kind: gix::hash::Kind,
    git_dir: PathBuf,
    common_dir: PathBuf,
    objects_dir: PathBuf,
    index: PathBuf,
    shallow: PathBuf,
    work_tree: Option<PathBuf>,
}

impl Places {
    /// Asks one git everything, since a process costs more than most of what gate does. The variables
    /// `without` have no say in it.
    fn find(dir: &Path, without: &[&str]) -> Result<Self> {
        if !dir.is_dir() {
            return Err(no_directory(dir));
        }
        let git = Git::with_callers_environment(dir, "rev-parse").without(without);
        let git = git.args([
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
        ]);
        let output = git.output()?;
        // From inside the git directory there is a work tree, but git does not say which.
        let no_work_tree = output.stderr.contains_str("must be run in a work tree");
        if !output.status.success() && !no_work_tree {
            return Err(not_opened(dir, &output));
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
