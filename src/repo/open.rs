//! Finding and opening a repository.

use super::git::{Config, Git, Running, environment_is_plain};
use super::graph::Graph;
use super::incoming::{self, Incoming};
use super::objects::{Advice, Objects};
use super::places::Places;
use super::plain_places;
use super::settings::Settings;
use crate::words::Result;
use std::ops::Deref;
use std::path::{Path, PathBuf};
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
    pub(super) settings: Settings,
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
        match plain_places::find(dir) {
            Some((found, settings)) => Self::with(found, settings, None),
            None => Self::asked(dir),
        }
    }

    fn asked(dir: &Path) -> Result<Self> {
        if !environment_is_plain() {
            // Where everything is has to be known before anything else can be asked.
            return Self::at(Places::find(dir, &[])?, None);
        }
        let (places, settings) = (Places::ask(dir, &[])?.start(), Settings::ask(dir));
        let places = places.and_then(Running::output);
        let settings = settings.and_then(Running::output);
        let found = Places::answered(dir, &places?)?;
        Self::with(found, Settings::listed(&settings?)?, None)
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
        Self::with(found, settings, incoming)
    }

    /// The repository at these places.
    pub(super) fn with(
        found: Places,
        settings: Settings,
        incoming: Option<Incoming>,
    ) -> Result<Self> {
        let graph = Graph::open(&found.objects_dir, &found.shallow, found.kind)?;
        let advice = advice(&graph, &settings);
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

/// What to tell somebody whose clone lacks objects.
fn advice(graph: &Graph, settings: &Settings) -> Advice {
    match (graph.is_shallow(), settings.is_partial_clone()) {
        (true, true) => Advice::FetchEverything,
        (true, false) => Advice::Unshallow,
        (false, true) => Advice::FetchObjects,
        (false, false) => Advice::Fsck,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;
    use crate::words::Code;
    use std::fs;

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
        fs::remove_file(&path).expect("removed");
        let opened = repo.open();
        assert_eq!(
            opened.diff(None, tree).expect_err("missing").code,
            Code::MissingObject
        );
        fs::write(&path, "rubbish").expect("written");
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
