//! Where symbolic links lead, in a tree and what is changed in it.

use crate::repo::Objects;
use crate::verdict::{Link, LinkEnd};
use crate::words::{Change, Entry, Mode, ObjectId, RepoPath, Result};
use std::collections::{BTreeMap, VecDeque};

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
    let links = changes.iter().filter_map(|change| {
        let after = change.after?;
        (after.mode == Mode::Symlink).then_some((&change.path, after))
    });
    let mut links = links.peekable();
    if links.peek().is_none() {
        return Ok(Vec::new());
    }
    let changes: BTreeMap<&[u8], Option<Entry>> = changes
        .iter()
        .map(|change| (change.path.as_bytes(), change.after))
        .collect();
    let overlay = Overlay {
        objects,
        base,
        changes,
    };
    links
        .map(|(path, entry)| {
            let end = overlay.follow(path, entry);
            let end = end.map_err(|finding| Box::new(finding.at(path)))?;
            let path = path.clone();
            Ok(Link { path, end })
        })
        .collect()
}

/// A tree with changes on top.
struct Overlay<'a> {
    objects: &'a Objects,
    base: Option<ObjectId>,
    /// What is there now; `None` where something was deleted.
    changes: BTreeMap<&'a [u8], Option<Entry>>,
}

impl Overlay<'_> {
    /// Where the link `entry` at `path` leads.
    fn follow(&self, path: &RepoPath, entry: Entry) -> Result<LinkEnd> {
        let mut here: Vec<Vec<u8>> = components(path.as_bytes()).collect();
        here.pop();
        let mut ahead = VecDeque::new();
        if !self.push_target(entry.id, &mut ahead)? {
            return Ok(LinkEnd::Outside);
        }
        let mut followed = 1;
        while let Some(next) = ahead.pop_front() {
            match next.as_slice() {
                b"" | b"." => {}
                b".." => {
                    if here.pop().is_none() {
                        return Ok(LinkEnd::Outside);
                    }
                }
                _ => {
                    here.push(next);
                    let Some(entry) = self.entry(&here.join(&b'/'))? else {
                        continue;
                    };
                    if entry.mode == Mode::Symlink {
                        followed += 1;
                        here.pop();
                        if followed > MAX_FOLLOWED || !self.push_target(entry.id, &mut ahead)? {
                            return Ok(LinkEnd::Outside);
                        }
                    }
                }
            }
        }
        self.end(&here.join(&b'/'))
    }

    /// Puts what the link `id` says in front of the way ahead; `false` if it leads outside at once.
    fn push_target(&self, id: ObjectId, ahead: &mut VecDeque<Vec<u8>>) -> Result<bool> {
        let target = self.objects.blob(id, MAX_TARGET)?;
        if target.is_empty() || target.starts_with(b"/") || target.contains(&0) {
            return Ok(false);
        }
        let parts: Vec<_> = components(&target).collect();
        for part in parts.into_iter().rev() {
            ahead.push_front(part);
        }
        Ok(true)
    }

    fn entry(&self, path: &[u8]) -> Result<Option<Entry>> {
        if let Some(entry) = self.changes.get(path) {
            return Ok(*entry);
        }
        match (self.base, RepoPath::new(path)) {
            (Some(base), Ok(path)) => self.objects.entry_at(base, &path),
            _ => Ok(None),
        }
    }

    /// What stands at `path`, where the way ends.
    fn end(&self, path: &[u8]) -> Result<LinkEnd> {
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
        if !files.is_empty() {
            return Ok(LinkEnd::Directory(files));
        }
        // What git takes for no path leads into `.git`, or is longer than a system would follow.
        Ok(RepoPath::new(path).map_or(LinkEnd::Outside, LinkEnd::File))
    }
}

fn components(path: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    path.split(|byte| *byte == b'/').map(<[u8]>::to_vec)
}
