//! What history needs of a commit: its parents and its date, from the commit-graph where there is one.

use super::objects::{Objects, from_gix};
use crate::words::{Code, Finding, ObjectId, Result};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering as AtomicOrdering};
use std::sync::{OnceLock, PoisonError, RwLock};

/// Dates are compared as commit-graphs store them, so that it makes no difference whether there is one.
const DATE_MASK: u64 = (1 << 34) - 1;

/// A map from ids. They are hashes already: their first bytes will do as one.
pub(super) type IdMap<T> = HashMap<ObjectId, T, BuildHasherDefault<FirstBytes>>;

/// The hasher of an [`IdMap`].
#[derive(Default)]
pub(super) struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }

    /// The length of the array inside an id.
    fn write_usize(&mut self, _: usize) {}

    /// The length of the id.
    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Parents and dates of commits; filled as they are asked for, and shared among threads.
///
/// Every commit gets a place, so that walks keep what they know of it in a plain list. Places depend
/// on who asked first; no answer must depend on them.
#[derive(Default)]
pub(super) struct Graph {
    stored: Option<gix::commitgraph::Graph>,
    nodes: boxcar::Vec<Node>,
    places: RwLock<IdMap<usize>>,
    boundary: HashSet<ObjectId>,
    /// How many commits the commit-graph did not tell of.
    untold: AtomicUsize,
}

/// A commit in history.
#[derive(Debug)]
pub(super) struct Node {
    /// Its id.
    pub(super) id: ObjectId,
    /// Its parents; empty for a commit at the boundary of a shallow clone.
    parents: Vec<ObjectId>,
    /// The places of its parents, once somebody asked for them.
    parent_places: OnceLock<Vec<usize>>,
    /// When it was committed, as far as that can be trusted.
    pub(super) date: u64,
    /// Whether its parents are missing, because the clone is shallow.
    pub(super) boundary: bool,
}

impl Graph {
    /// The commit-graph of the objects in `objects`, and the shallow commits listed in `shallow`.
    /// As in git, a shallow clone makes no use of a commit-graph.
    pub(super) fn open(objects: &Path, shallow: &Path, kind: gix::hash::Kind) -> Result<Self> {
        let boundary = read_boundary(shallow)?;
        let info = objects.join("info");
        let exists = info.join("commit-graph").exists()
            || info.join("commit-graphs/commit-graph-chain").exists();
        let stored = if exists && boundary.is_empty() {
            let graph = gix::commitgraph::Graph::from_info_dir(&info, kind);
            Some(graph.map_err(|error| unreadable(&error))?)
        } else {
            None
        };
        Ok(Self {
            stored,
            boundary,
            ..Self::default()
        })
    }

    /// Whether the clone is shallow.
    pub(super) fn is_shallow(&self) -> bool {
        !self.boundary.is_empty()
    }

    /// The place of the commit `id`.
    pub(super) fn place(&self, objects: &Objects, id: ObjectId) -> Result<usize> {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get(&id) {
            return Ok(*place);
        }
        drop(places);
        let stored = self.stored_node(objects, id)?;
        let is_untold = stored.is_none();
        let node = match stored {
            Some(node) => node,
            None => self.read_node(objects, id)?,
        };
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been here meanwhile.
        Ok(*places.entry(id).or_insert_with(|| {
            self.untold
                .fetch_add(usize::from(is_untold), AtomicOrdering::Relaxed);
            self.nodes.push(node)
        }))
    }

    /// How many of the commits that were asked for a commit-graph would have told of. None in a shallow
    /// clone, which makes no use of one.
    pub(super) fn untold(&self) -> usize {
        if self.is_shallow() {
            return 0;
        }
        self.untold.load(AtomicOrdering::Relaxed)
    }

    /// The commit at this place.
    pub(super) fn node(&self, place: usize) -> &Node {
        &self.nodes[place]
    }

    /// The places of the parents of the commit at `place`.
    pub(super) fn parents(&self, objects: &Objects, place: usize) -> Result<&[usize]> {
        let node = self.node(place);
        if let Some(places) = node.parent_places.get() {
            return Ok(places);
        }
        let parents = node.parents.iter();
        let places: Result<Vec<_>> = parents.map(|id| self.place(objects, *id)).collect();
        let places = places?;
        Ok(node.parent_places.get_or_init(|| places))
    }

    fn stored_node(&self, objects: &Objects, id: ObjectId) -> Result<Option<Node>> {
        let Some(graph) = &self.stored else {
            return Ok(None);
        };
        let Some(commit) = graph.commit_by_id(objects.to_gix(id)?) else {
            return Ok(None);
        };
        let mut parents = Vec::new();
        for position in commit.iter_parents() {
            let position = position.map_err(|error| unreadable(&error))?;
            parents.push(from_gix(graph.id_at(position)));
        }
        Ok(Some(Node {
            id,
            parents,
            parent_places: OnceLock::new(),
            date: commit.committer_timestamp() & DATE_MASK,
            boundary: false,
        }))
    }

    fn read_node(&self, objects: &Objects, id: ObjectId) -> Result<Node> {
        let commit = objects.commit(id)?;
        let boundary = self.boundary.contains(&id);
        Ok(Node {
            id,
            parent_places: OnceLock::new(),
            parents: if boundary { Vec::new() } else { commit.parents },
            date: u64::try_from(commit.committer_seconds).unwrap_or(0) & DATE_MASK,
            boundary,
        })
    }
}

fn read_boundary(shallow: &Path) -> Result<HashSet<ObjectId>> {
    let text = match std::fs::read(shallow) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(HashSet::new()),
        Err(error) => return Err(super::objects::input_output("read", shallow, &error)),
    };
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| {
            super::commit::from_hex(line).ok_or_else(|| {
                let message = format!("{} holds something else than ids", shallow.display());
                Finding::error(Code::BrokenObject, message)
            })
        })
        .collect()
}

fn unreadable(error: &(dyn std::error::Error + 'static)) -> Box<Finding> {
    let finding =
        Finding::new(Code::BrokenObject, "the commit-graph cannot be read").because(error);
    Box::new(finding.hint("run `git commit-graph write --reachable` to make it anew"))
}
