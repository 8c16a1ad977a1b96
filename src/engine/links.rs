//! Where symbolic links lead, in a tree and what is changed in it.

use crate::repo::Objects;
use crate::verdict::{Link, LinkEnd};
use crate::words::{Change, Entry, Finding, Mode, ObjectId, RepoPath, Result, folded, unportable};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

/// The longest text of a link that a system follows, in bytes (`PATH_MAX` of Linux).
const MAX_TARGET: u64 = 4096;
/// How many links a system follows on one way (`MAXSYMLINKS` of Linux).
const MAX_FOLLOWED: usize = 40;

/// The links that `changes`, made to the tree `base`, add or change, and where each leads then.
pub(super) fn new_links(
    objects: &Objects,
    base: Option<ObjectId>,
    changes: &[Change],
) -> Result<Vec<Link>> {
    let after = changes.iter().filter_map(|change| {
        let after = change.after?;
        is_link(after).then_some((&change.path, after))
    });
    let mut links = after.peekable();
    if links.peek().is_none() {
        return Ok(Vec::new());
    }
    let overlay = Overlay::new(objects, base, changes);
    links
        .map(|(path, entry)| overlay.link(path, entry))
        .collect()
}

/// The links of the tree `base` that `changes` leave alone and lead elsewhere all the same: one of
/// the directories or links on their way has become another thing. Where each leads then.
pub(super) fn moved_links(
    objects: &Objects,
    base: Option<ObjectId>,
    changes: &[Change],
) -> Result<Vec<Link>> {
    let sides = |change: &Change| [change.before, change.after];
    let touches_links = |change: &Change| sides(change).into_iter().flatten().any(is_link);
    let Some(tree) = base.filter(|_| changes.iter().any(touches_links)) else {
        return Ok(Vec::new());
    };
    let before = Overlay::new(objects, base, &[]);
    let after = Overlay::new(objects, base, changes);
    let mut moved = Vec::new();
    for (path, entry) in objects.links(tree)? {
        let is_left = !after.changes.contains_key(path.as_bytes());
        if is_left && before.follow(&path, entry)? != after.follow(&path, entry)? {
            moved.push(after.link(&path, entry)?);
        }
    }
    Ok(moved)
}

fn is_link(entry: Entry) -> bool {
    entry.mode == Mode::Symlink
}

/// Where following a link ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    Outside,
    Circle,
    OtherSystems,
    At(Vec<u8>),
}

/// The names in a directory.
type Names = BTreeSet<Vec<u8>>;

/// A tree with changes on top, and what has been found out about it.
struct Overlay<'a> {
    objects: &'a Objects,
    base: Option<ObjectId>,
    /// What is there now; `None` where something was deleted.
    changes: BTreeMap<&'a [u8], Option<Entry>>,
    entries: RefCell<HashMap<Vec<u8>, Option<Entry>>>,
    /// What links say.
    targets: RefCell<HashMap<ObjectId, Rc<[u8]>>>,
    /// The names in a directory.
    names: RefCell<HashMap<Vec<u8>, Rc<Names>>>,
    ends: RefCell<HashMap<Vec<u8>, LinkEnd>>,
}

impl<'a> Overlay<'a> {
    fn new(objects: &'a Objects, base: Option<ObjectId>, changes: &'a [Change]) -> Self {
        let changes = changes.iter();
        Self {
            objects,
            base,
            changes: changes
                .map(|change| (change.path.as_bytes(), change.after))
                .collect(),
            entries: RefCell::default(),
            targets: RefCell::default(),
            names: RefCell::default(),
            ends: RefCell::default(),
        }
    }

    /// The link `entry` at `path`, and where it leads.
    fn link(&self, path: &RepoPath, entry: Entry) -> Result<Link> {
        let located = |finding: Box<Finding>| Box::new(finding.at(path));
        let end = match self.follow(path, entry).map_err(located)? {
            Way::Outside => LinkEnd::Outside,
            Way::Circle => LinkEnd::Circle,
            Way::OtherSystems => LinkEnd::OtherSystems,
            Way::At(here) => self.end(&here).map_err(located)?,
        };
        Ok(Link {
            path: path.clone(),
            end,
        })
    }

    /// Where the link `entry` at `path` leads, every link on the way followed. Where a name is spelt
    /// otherwise than the only one that some system takes for it, that one is meant there.
    fn follow(&self, path: &RepoPath, entry: Entry) -> Result<Way> {
        let mut here: Vec<Vec<u8>> = components(path.as_bytes()).collect();
        here.pop();
        let mut ahead = VecDeque::new();
        if let Some(elsewhere) = self.push_target(entry.id, &mut ahead)? {
            return Ok(elsewhere);
        }
        let mut followed = 1;
        while let Some(next) = ahead.pop_front() {
            match next.as_slice() {
                b"" | b"." => {}
                b".." => {
                    if here.pop().is_none() {
                        return Ok(Way::Outside);
                    }
                }
                _ => {
                    let next = self.spelling(&here.join(&b'/'), next)?;
                    here.push(next);
                    let Some(entry) = self.entry(&here.join(&b'/'))?.filter(|e| is_link(*e)) else {
                        continue;
                    };
                    followed += 1;
                    here.pop();
                    if followed > MAX_FOLLOWED {
                        return Ok(Way::Circle);
                    }
                    if let Some(elsewhere) = self.push_target(entry.id, &mut ahead)? {
                        return Ok(elsewhere);
                    }
                }
            }
        }
        Ok(Way::At(here.join(&b'/')))
    }

    /// Puts what the link `id` says in front of the way ahead, unless it leads elsewhere at once.
    fn push_target(&self, id: ObjectId, ahead: &mut VecDeque<Vec<u8>>) -> Result<Option<Way>> {
        let known = self.targets.borrow().get(&id).cloned();
        let target = if let Some(target) = known {
            target
        } else {
            let target: Rc<[u8]> = self.objects.blob(id, MAX_TARGET)?.into();
            self.targets.borrow_mut().insert(id, Rc::clone(&target));
            target
        };
        if target.is_empty() || target.starts_with(b"/") || target.contains(&0) {
            return Ok(Some(Way::Outside));
        }
        let parts: Vec<_> = components(&target).collect();
        let is_plain = |part: &Vec<u8>| {
            matches!(part.as_slice(), b"" | b"." | b"..") || unportable(part).is_none()
        };
        if !parts.iter().all(is_plain) {
            return Ok(Some(Way::OtherSystems));
        }
        for part in parts.into_iter().rev() {
            ahead.push_front(part);
        }
        Ok(None)
    }

    /// The name in `directory` that some system takes `name` for, if `name` itself is not there.
    fn spelling(&self, directory: &[u8], name: Vec<u8>) -> Result<Vec<u8>> {
        let names = self.names(directory)?;
        if names.contains(&name) {
            return Ok(name);
        }
        let wanted = folded(&name);
        let twin = names.iter().find(|known| folded(known) == wanted);
        Ok(twin.cloned().unwrap_or(name))
    }

    fn names(&self, directory: &[u8]) -> Result<Rc<Names>> {
        if let Some(known) = self.names.borrow().get(directory) {
            return Ok(Rc::clone(known));
        }
        let mut names = BTreeSet::new();
        let tree = match self.base {
            Some(base) => self.objects.directory_at(base, directory)?,
            None => None,
        };
        if let Some(tree) = tree {
            names.extend(self.objects.names(tree)?.into_keys());
        }
        let prefix = match directory {
            b"" => Vec::new(),
            _ => [directory, b"/"].concat(),
        };
        let below = self.changes.range(prefix.as_slice()..);
        let below = below.take_while(|(path, _)| path.starts_with(&prefix));
        names.extend(
            below
                .filter(|(_, after)| after.is_some())
                .filter_map(|(path, _)| components(&path[prefix.len()..]).next()),
        );
        let names = Rc::new(names);
        let known = Rc::clone(&names);
        self.names.borrow_mut().insert(directory.to_vec(), known);
        Ok(names)
    }

    fn entry(&self, path: &[u8]) -> Result<Option<Entry>> {
        if let Some(entry) = self.changes.get(path) {
            return Ok(*entry);
        }
        if let Some(known) = self.entries.borrow().get(path) {
            return Ok(*known);
        }
        let found = match (self.base, RepoPath::new(path)) {
            (Some(base), Ok(path)) => self.objects.entry_at(base, &path)?,
            _ => None,
        };
        self.entries.borrow_mut().insert(path.to_vec(), found);
        Ok(found)
    }

    /// What stands at `path`, where the way ends.
    fn end(&self, path: &[u8]) -> Result<LinkEnd> {
        if let Some(known) = self.ends.borrow().get(path) {
            return Ok(known.clone());
        }
        let inside = |file: &[u8]| {
            path.is_empty()
                || file
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with(b"/"))
        };
        let mut files = Vec::new();
        if let Some(base) = self.base {
            let below = self.objects.below(base, path)?;
            files.extend(
                below
                    .into_iter()
                    .filter(|file| !self.changes.contains_key(file.as_bytes())),
            );
        }
        let added = self
            .changes
            .iter()
            .filter(|(file, after)| after.is_some() && inside(file));
        files.extend(added.filter_map(|(file, _)| RepoPath::new(*file).ok()));
        let end = if files.is_empty() {
            // What git takes for no path leads into `.git`, or is longer than a system would follow.
            RepoPath::new(path).map_or(LinkEnd::Outside, LinkEnd::File)
        } else {
            LinkEnd::Directory(files.into())
        };
        self.ends.borrow_mut().insert(path.to_vec(), end.clone());
        Ok(end)
    }
}

fn components(path: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    path.split(|byte| *byte == b'/').map(<[u8]>::to_vec)
}
