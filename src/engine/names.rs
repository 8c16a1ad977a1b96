//! The names that a change brings into a tree, held against the names that are there.

use crate::repo::Objects;
use crate::verdict::NewName;
use crate::words::{Change, Code, Finding, ObjectId, RepoPath, Result, folded, quote};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Names that `changes`, made to the tree `base`, bring in. Each comes with the name that some system
/// would take for it: one that is in `base` or in `target` and stays, or another new one.
pub(super) fn new_names(
    objects: &Objects,
    base: Option<ObjectId>,
    target: ObjectId,
    changes: &[Change],
) -> Result<Vec<NewName>> {
    let mut added = Added::default();
    let mut removed = BTreeSet::new();
    for change in changes {
        match (change.before, change.after) {
            (None, Some(_)) => added.insert(change.path.as_bytes()),
            (Some(_), None) => _ = removed.insert(change.path.as_bytes()),
            _ => {}
        }
    }
    if added.0.is_empty() {
        return Ok(Vec::new());
    }
    let mut search = Search {
        objects,
        removed,
        found: Vec::new(),
    };
    search.directory(&added, base, Some(target), &mut Vec::new())?;
    Ok(search.found)
}

/// Paths that are added, as a tree.
#[derive(Default)]
struct Added<'a>(BTreeMap<&'a [u8], Added<'a>>);

impl<'a> Added<'a> {
    fn insert(&mut self, path: &'a [u8]) {
        let mut node = self;
        for name in path.split(|byte| *byte == b'/') {
            node = node.0.entry(name).or_default();
        }
    }
}

struct Search<'a> {
    objects: &'a Objects,
    /// The paths that are deleted.
    removed: BTreeSet<&'a [u8]>,
    found: Vec<NewName>,
}

/// The names in one directory, each with its tree if it is one itself.
type Names = BTreeMap<Vec<u8>, Option<ObjectId>>;

impl Search<'_> {
    /// Looks at one directory, which is `base` before and `target` in the target, and below it.
    fn directory(
        &mut self,
        added: &Added<'_>,
        base: Option<ObjectId>,
        target: Option<ObjectId>,
        prefix: &mut Vec<u8>,
    ) -> Result<()> {
        let names =
            |tree: Option<ObjectId>| tree.map_or(Ok(Names::new()), |tree| self.objects.names(tree));
        let before = names(base)?;
        let same = target == base;
        let besides = if same { Names::new() } else { names(target)? };
        if added.0.keys().any(|name| !before.contains_key(*name)) {
            self.compare(added, &before, &besides, prefix)?;
        }
        for (name, below) in &added.0 {
            if !below.0.is_empty() {
                let tree = |names: &Names| names.get(*name).copied().flatten();
                let base = tree(&before);
                let target = if same { base } else { tree(&besides) };
                let length = prefix.len();
                prefix.extend_from_slice(name);
                prefix.push(b'/');
                self.directory(below, base, target, prefix)?;
                prefix.truncate(length);
            }
        }
        Ok(())
    }

    /// Compares the new names of a directory with each other and with those that are there.
    fn compare(
        &mut self,
        added: &Added<'_>,
        before: &Names,
        besides: &Names,
        prefix: &[u8],
    ) -> Result<()> {
        let mut by_form: HashMap<Vec<u8>, BTreeSet<&[u8]>> = HashMap::new();
        let others = before.keys().chain(besides.keys()).map(Vec::as_slice);
        for name in others.chain(added.0.keys().copied()) {
            by_form.entry(folded(name)).or_default().insert(name);
        }
        for name in added.0.keys().filter(|name| !before.contains_key(**name)) {
            let twins = by_form.get(&folded(name)).into_iter().flatten();
            let mut rival = None;
            for twin in twins.filter(|twin| *twin != name) {
                let full = [prefix, twin].concat();
                let mut is_there = added.0.contains_key(*twin);
                for names in [before, besides] {
                    if let Some(tree) = names.get(*twin) {
                        is_there = is_there || self.stays(&full, *tree)?;
                    }
                }
                if is_there {
                    rival = Some(path(&full)?);
                    break;
                }
            }
            self.found.push(NewName {
                path: path(&[prefix, name].concat())?,
                rival,
            });
        }
        Ok(())
    }

    /// Whether something of what is at `path` is left; `tree`: if it is a directory.
    fn stays(&self, path: &[u8], tree: Option<ObjectId>) -> Result<bool> {
        let Some(tree) = tree else {
            return Ok(!self.removed.contains(path));
        };
        let below = self.objects.tracked(tree)?;
        Ok(below.iter().any(|(file, _)| {
            let file = [path, b"/", file.as_bytes()].concat();
            !self.removed.contains(file.as_slice())
        }))
    }
}

fn path(bytes: &[u8]) -> Result<RepoPath> {
    let bad = |error| format!("{} is no path of a repository: {error}", quote(bytes));
    RepoPath::new(bytes).map_err(|error| Finding::error(Code::BadTree, bad(error)))
}
