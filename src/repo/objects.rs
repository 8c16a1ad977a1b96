//! Reading objects: one handle for what is in the repository and for what is only in a quarantine.

use super::commit::{self, Commit};
use super::disk;
use super::graph::Graph;
use super::object_cache::ObjectCache;
use super::tree::Tree;
use super::tree_entry::{Item, TreeEntry};
use crate::words::{Change, Code, Entry, Finding, Mode, ObjectId, RepoPath, Result};
use bstr::ByteSlice;
use gix::objs::{Find, FindHeader};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The most paths that gate lists of a tree or of a difference.
pub(super) const MAX_PATHS: usize = 200_000;
/// How many bytes of packed bases each thread keeps.
const PACK_CACHE_BYTES: usize = 1024 * 1024;

/// The objects of a repository, and perhaps of a quarantine on top. Can be shared among threads.
pub struct Objects {
    pub(super) kind: gix::hash::Kind,
    pub(super) graph: Arc<Graph>,
    pub(super) store: Arc<gix::odb::Store>,
    idle: Mutex<Vec<gix::odb::HandleArc>>,
    trees: ObjectCache<Tree>,
    commits: ObjectCache<Vec<u8>>,
    memory: Option<Memory>,
    advice: Advice,
}

/// What to tell somebody whose clone lacks objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// The clone is shallow.
    Unshallow,
    /// The clone is partial.
    FetchObjects,
    /// The clone is both.
    FetchEverything,
    /// The clone should be complete.
    Fsck,
}

/// Objects that are not on disk yet, or not only there.
pub(super) type Memory = Arc<RwLock<HashMap<ObjectId, (gix::objs::Kind, Arc<[u8]>)>>>;

impl Objects {
    /// The objects in `directory` and its alternates, with those in `memory` in front.
    pub(super) fn at(
        directory: &Path,
        kind: gix::hash::Kind,
        graph: Arc<Graph>,
        memory: Option<Memory>,
        advice: Advice,
    ) -> Result<Self> {
        let path: PathBuf = directory.into();
        let handle = gix::odb::at_opts(path, kind, None, gix::odb::store::init::Options::default());
        let handle =
            handle.map_err(|error| input_output("open the objects in", directory, &error))?;
        Ok(Self {
            kind,
            graph,
            store: handle.store(),
            idle: Mutex::default(),
            trees: ObjectCache::default(),
            commits: ObjectCache::default(),
            memory,
            advice,
        })
    }

    /// The commit `id`.
    ///
    /// # Errors
    /// [`Code::NotACommit`] if it is something else; a tag is not followed.
    pub fn commit(&self, id: ObjectId) -> Result<Commit> {
        Ok(self.read_commit(id)?.0)
    }

    /// The commit `id`, and its bytes.
    pub(super) fn read_commit(&self, id: ObjectId) -> Result<(Commit, Arc<Vec<u8>>)> {
        if let Some(data) = self.commits.get(id) {
            return Ok((commit::parse(id, &data)?, data));
        }
        let (kind, data) = self.read(id)?;
        if kind != gix::objs::Kind::Commit {
            let message = format!("{} is a {kind}, not a commit", id.short());
            return Err(Finding::error(Code::NotACommit, message));
        }
        let (commit, data) = (commit::parse(id, &data)?, Arc::new(data));
        self.commits.put(id, &data);
        Ok((commit, data))
    }

    /// Whether there is such an object here.
    pub fn contains(&self, id: ObjectId) -> Result<bool> {
        Ok(self.kind_of(id)?.is_some())
    }

    /// Fails unless everything that `change` brings is here, and is of the kind that its mode says.
    /// Contents are not read. What a submodule points at lives elsewhere.
    ///
    /// # Errors
    /// [`Code::MissingObject`], [`Code::BrokenObject`]
    pub fn check_brought(&self, change: &Change) -> Result<()> {
        let Some(Entry { mode, id }) = change.after else {
            return Ok(());
        };
        let was_there = change.before.is_some_and(|before| before.id == id);
        if mode == Mode::Submodule || was_there {
            return Ok(());
        }
        let finding = match self.kind_of(id) {
            Ok(Some((gix::objs::Kind::Blob, _))) => return Ok(()),
            Ok(Some((kind, _))) => broken(id, &format!("is a {kind}, not a file")),
            Ok(None) => self.missing(id),
            Err(finding) => finding,
        };
        Err(Box::new(finding.at(&change.path)))
    }

    /// The commit that `id` leads to: itself, or what it points at through tags; `None` if that is
    /// something else.
    pub fn peeled(&self, id: ObjectId) -> Result<Option<ObjectId>> {
        let mut here = id;
        loop {
            match self.read(here)? {
                (gix::objs::Kind::Commit, _) => return Ok(Some(here)),
                // An id is made of what it points at, so no chain of tags is a circle.
                (gix::objs::Kind::Tag, data) => match commit::tagged(&data) {
                    Some(next) => here = next,
                    None => return Err(broken(here, "is a tag of nothing")),
                },
                _ => return Ok(None),
            }
        }
    }

    /// The content of the file `id`.
    ///
    /// # Errors
    /// [`Code::TooLarge`] if it has more than `limit` bytes, which is found out before it is read.
    pub fn blob(&self, id: ObjectId, limit: u64) -> Result<Vec<u8>> {
        if let Some((_, size)) = self.kind_of(id)?
            && size > limit
        {
            let message = format!(
                "the file {} has {size} bytes, more than {limit}",
                id.short()
            );
            return Err(Finding::error(Code::TooLarge, message));
        }
        match self.read(id)? {
            (gix::objs::Kind::Blob, data) => Ok(data),
            (kind, _) => Err(broken(id, &format!("is a {kind}, not a file"))),
        }
    }

    /// Every path of the tree `tree`, sorted, with what it stands for.
    pub fn tracked(&self, tree: ObjectId) -> Result<Vec<(RepoPath, Entry)>> {
        let every = self.diff_up_to(None, tree, usize::MAX)?;
        let present = |change: Change| change.after.map(|entry| (change.path, entry));
        Ok(every.into_iter().filter_map(present).collect())
    }

    /// Every path of the tree `tree` below the directory `directory`; below nothing, all of them.
    pub fn below(&self, tree: ObjectId, directory: &[u8]) -> Result<Vec<RepoPath>> {
        let Some(here) = self.directory_at(tree, directory)? else {
            return Ok(Vec::new());
        };
        let full = |path: &RepoPath| match directory {
            b"" => path.as_bytes().to_vec(),
            _ => [directory, b"/", path.as_bytes()].concat(),
        };
        let found = self.tracked(here)?;
        let paths = found.iter().map(|(path, _)| RepoPath::new(full(path)));
        let too_deep = |error| Finding::error(Code::BadTree, format!("a path has {error}"));
        paths.map(|path| path.map_err(too_deep)).collect()
    }

    /// Whether the tree `tree` holds a directory at `path`.
    pub fn has_directory(&self, tree: ObjectId, path: &RepoPath) -> Result<bool> {
        Ok(self.directory_at(tree, path.as_bytes())?.is_some())
    }

    /// The tree of a directory; the whole where that is nothing.
    pub fn directory_at(&self, tree: ObjectId, directory: &[u8]) -> Result<Option<ObjectId>> {
        let mut here = tree;
        for name in directory.split_str("/").filter(|name| !name.is_empty()) {
            match self.tree(here)?.find(name).map(|entry| entry.item) {
                Some(Item::Tree(below)) => here = below,
                _ => return Ok(None),
            }
        }
        Ok(Some(here))
    }

    /// The names in the tree `tree`, each with its own tree if it is a directory.
    pub fn names(&self, tree: ObjectId) -> Result<BTreeMap<Vec<u8>, Option<ObjectId>>> {
        let tree = self.tree(tree)?;
        let names = tree.entries().map(|entry| {
            let below = match entry.item {
                Item::Tree(id) => Some(id),
                Item::Leaf(_) => None,
            };
            (entry.name.to_vec(), below)
        });
        Ok(names.collect())
    }

    /// What the tree `tree` holds at `path`, unless that is a directory or nothing.
    pub fn entry_at(&self, tree: ObjectId, path: &RepoPath) -> Result<Option<Entry>> {
        let mut here = tree;
        let mut names = path.as_bytes().split_str("/").peekable();
        while let Some(name) = names.next() {
            let found = self.tree(here)?.find(name).map(|entry| entry.item);
            match (found, names.peek()) {
                (Some(Item::Tree(id)), Some(_)) => here = id,
                (Some(Item::Leaf(entry)), None) => return Ok(Some(entry)),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The id that a file with this content has here.
    pub fn digest(&self, text: &[u8]) -> Result<ObjectId> {
        hash(self.kind, gix::objs::Kind::Blob, text)
    }

    /// The id of the empty tree.
    pub fn empty_tree(&self) -> ObjectId {
        from_gix(&gix::hash::ObjectId::empty_tree(self.kind))
    }

    /// The tree `id`; the empty tree is always there.
    pub(super) fn tree(&self, id: ObjectId) -> Result<Arc<Tree>> {
        self.tree_like(id, None)
    }

    /// The same, faster where it is nearly the same as the tree `like`.
    pub(super) fn tree_like(&self, id: ObjectId, like: Option<&Tree>) -> Result<Arc<Tree>> {
        if let Some(known) = self.trees.get(id) {
            return Ok(known);
        }
        let empty = self.empty_tree();
        let data = match id {
            _ if id == empty => Vec::new(),
            _ => match self.read(id)? {
                (gix::objs::Kind::Tree, data) => data,
                (kind, _) => return Err(broken(id, &format!("is a {kind}, not a directory"))),
            },
        };
        let tree = Arc::new(Tree::new(id, data, empty, like)?);
        self.trees.put(id, &tree);
        Ok(tree)
    }

    /// Calls `look` with the entries of the tree `id`; without a tree there are none.
    pub(super) fn with_tree<T>(
        &self,
        id: Option<ObjectId>,
        look: impl FnOnce(&[TreeEntry<'_>]) -> Result<T>,
    ) -> Result<T> {
        let Some(id) = id else { return look(&[]) };
        let tree = self.tree(id)?;
        look(&tree.entries().collect::<Vec<_>>())
    }

    /// Kind and bytes of the object `id`.
    pub(super) fn read(&self, id: ObjectId) -> Result<(gix::objs::Kind, Vec<u8>)> {
        if let Some((kind, data)) = self.in_memory(id) {
            return Ok((kind, data.to_vec()));
        }
        let mut data = Vec::new();
        let found = self.with_handle(|handle| {
            let found = handle.try_find(&self.to_gix(id)?, &mut data);
            (found.map(|found| found.map(|object| object.kind)))
                .map_err(|error| unreadable(id, &error))
        })?;
        if let Some(kind) = found {
            return Ok((kind, data));
        }
        self.read_anew(id)?.ok_or_else(|| self.missing(id))
    }

    fn kind_of(&self, id: ObjectId) -> Result<Option<(gix::objs::Kind, u64)>> {
        if let Some((kind, data)) = self.in_memory(id) {
            return Ok(Some((kind, data.len() as u64)));
        }
        let found = self.with_handle(|handle| {
            let header = FindHeader::try_header(handle, &self.to_gix(id)?);
            let header = header.map(|header| header.map(|header| (header.kind, header.size)));
            header.map_err(|error| unreadable(id, &error))
        })?;
        let anew = || Ok((self.read_anew(id)?).map(|(kind, data)| (kind, data.len() as u64)));
        found.map_or_else(anew, |found| Ok(Some(found)))
    }

    fn in_memory(&self, id: ObjectId) -> Option<(gix::objs::Kind, Arc<[u8]>)> {
        let memory = self.memory.as_ref()?;
        let memory = memory.read().unwrap_or_else(PoisonError::into_inner);
        memory.get(&id).cloned()
    }

    /// Lends a handle that nobody else uses: its caches stay warm from one call to the next.
    fn with_handle<T>(&self, work: impl FnOnce(&gix::odb::HandleArc) -> Result<T>) -> Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let lent = idle().pop();
        let handle = lent.unwrap_or_else(|| {
            let mut handle = self.store.to_cache_arc();
            handle.set_pack_cache(|| {
                let cache = gix::odb::pack::cache::lru::MemoryCappedHashmap::new(PACK_CACHE_BYTES);
                Box::new(cache)
            });
            handle
        });
        let outcome = work(&handle);
        idle().push(handle);
        outcome
    }

    pub(super) fn to_gix(&self, id: ObjectId) -> Result<gix::hash::ObjectId> {
        let id_here = gix::hash::ObjectId::try_from(id.as_bytes());
        match id_here {
            Ok(here) if here.kind() == self.kind => Ok(here),
            _ => Err(broken(id, "is no id of this repository's kind")),
        }
    }

    /// The finding for an object that is not here.
    pub(super) fn missing(&self, id: ObjectId) -> Box<Finding> {
        let message = format!("the object {id} is missing from this clone");
        Box::new(self.advise(Finding::new(Code::MissingObject, message)))
    }

    /// `finding` with the command that mends a clone like this one.
    pub(super) fn advise(&self, finding: Finding) -> Finding {
        finding.hint(match self.advice {
            Advice::Unshallow => "this clone is shallow: run `git fetch --unshallow`",
            Advice::FetchObjects => "this clone is partial: run `git fetch --refetch --no-filter`",
            Advice::FetchEverything => {
                "this clone is shallow and partial: run `git fetch --unshallow`, then \
                 `git fetch --refetch --no-filter`"
            }
            Advice::Fsck => "run `git fsck` to see what else is missing, and fetch it again",
        })
    }

    pub(super) fn advice(&self) -> Advice {
        self.advice
    }
}

/// The id of an object with these bytes.
pub(super) fn hash(
    kind: gix::hash::Kind,
    object: gix::objs::Kind,
    data: &[u8],
) -> Result<ObjectId> {
    gix::objs::compute_hash(kind, object, data)
        .map(|id| from_gix(&id))
        .map_err(|error| {
            Box::new(Finding::new(Code::BrokenObject, "the id is not safe").because(&error))
        })
}

/// gix's id as ours.
pub(super) fn from_gix(id: &gix::hash::oid) -> ObjectId {
    match ObjectId::from_bytes(id.as_bytes()) {
        Some(id) => id,
        None => unreachable!("ids have 20 or 32 bytes"),
    }
}

/// The finding for a file that cannot be dealt with.
pub(super) fn input_output(what: &str, path: &Path, error: &std::io::Error) -> Box<Finding> {
    let message = format!("cannot {what} {}", path.display());
    Box::new(Finding::new(disk::code_of(error), message).because(error))
}

pub(super) fn unreadable(id: ObjectId, error: &(dyn std::error::Error + 'static)) -> Box<Finding> {
    let finding = Finding::new(
        Code::BrokenObject,
        format!("the object {id} cannot be read"),
    );
    Box::new(
        finding
            .because(error)
            .hint("run `git fsck` to see what is damaged"),
    )
}

pub(super) fn broken(id: ObjectId, what: &str) -> Box<Finding> {
    let finding = Finding::new(Code::BrokenObject, format!("the object {id} {what}"));
    Box::new(finding.hint("run `git fsck` to see what is damaged"))
}
