//! The first merge engine: trees alone, without renames and without reading files.

use super::quarantine::Quarantine;
use super::tree_entry::{self, Item, TreeEntry};
use crate::words::{Code, Finding, MAX_DEPTH, ObjectId, Result};

/// The trees that a merge makes. They are added once it has an answer: what git is asked about instead would only be
/// written out for nothing.
type Made = Vec<(ObjectId, Vec<u8>)>;

/// What the merge makes of one name.
enum Merged {
    /// It is not plain that git would do the same.
    NoAnswer,
    /// Nothing stands there any more.
    Nothing,
    /// This stands there.
    Is(Item),
}

impl From<Option<Item>> for Merged {
    fn from(item: Option<Item>) -> Self {
        item.map_or(Self::Nothing, Self::Is)
    }
}

impl Quarantine {
    /// The three-way merge of trees, if it is plain that git's merge comes out the same; else `None`.
    /// Reads no file.
    ///
    /// It answers if at every name at most one side differs from `base`, looking into a directory
    /// only where it is a directory on both sides and in `base` (or in neither side's past). That no
    /// rename detection can change such an answer:
    ///
    /// - A detected rename moves the *other* side's work along in two ways only. The first is a change
    ///   (or deletion) at the old path, or something put at the new one: then both sides differ from
    ///   `base` there, and there is no answer.
    /// - The second is a renamed directory, which takes along what the other side *added* to it. git
    ///   considers a directory renamed only if nothing of it is left on that side. Then its name is
    ///   gone on one side and its content differs on the other: again both differ, and there is no
    ///   answer. The same holds for its parents, if they are gone as well.
    /// - If both sides changed a name in the same way there is no answer either, although git merges
    ///   that: it would have to be shown that it was no rename on the one side and another on the other.
    /// - Neither is there if a file and a directory would end up with the same name.
    pub fn merge_trees(
        &self,
        base: Option<ObjectId>,
        ours: ObjectId,
        theirs: ObjectId,
    ) -> Result<Option<ObjectId>> {
        let item = Item::Tree;
        let sides = [base.map(item), Some(item(ours)), Some(item(theirs))];
        let mut made = Made::new();
        let merged = match self.merge_items(sides, 0, &mut made)? {
            Merged::NoAnswer => return Ok(None),
            Merged::Nothing => self.empty_tree(),
            Merged::Is(item) => item.id(),
        };
        for (id, data) in made {
            self.add_tree_of(id, data);
        }
        Ok(Some(merged))
    }

    /// The merge of what stands at one name in base, ours and theirs.
    fn merge_items(
        &self,
        sides: [Option<Item>; 3],
        depth: usize,
        made: &mut Made,
    ) -> Result<Merged> {
        let [base, ours, theirs] = sides;
        if base == theirs {
            return Ok(ours.into());
        }
        if base == ours {
            return Ok(theirs.into());
        }
        match (base, ours, theirs) {
            _ if ours == theirs => Ok(Merged::NoAnswer),
            (None | Some(Item::Tree(_)), Some(Item::Tree(ours)), Some(Item::Tree(theirs))) => {
                let trees = [base.map(Item::id), Some(ours), Some(theirs)];
                self.merge_directories(trees, depth + 1, made)
            }
            _ => Ok(Merged::NoAnswer),
        }
    }

    fn merge_directories(
        &self,
        trees: [Option<ObjectId>; 3],
        depth: usize,
        made: &mut Made,
    ) -> Result<Merged> {
        if depth > MAX_DEPTH {
            return Err(Finding::error(
                Code::TooLarge,
                format!("directories are nested more than {MAX_DEPTH} deep"),
            ));
        }
        let [base, ours, theirs] = trees;
        self.with_tree(base, |base| {
            self.with_tree(ours, |ours| {
                self.with_tree(theirs, |theirs| {
                    self.merge_entries([base, ours, theirs], depth, made)
                })
            })
        })
    }

    fn merge_entries(
        &self,
        mut sides: [&[TreeEntry<'_>]; 3],
        depth: usize,
        made: &mut Made,
    ) -> Result<Merged> {
        let empty = self.empty_tree();
        let mut merged: Vec<(Vec<u8>, Item)> = Vec::new();
        while let Some(first) = sides
            .iter()
            .filter_map(|side| side.first())
            .min_by(|a, b| a.order(b))
            .copied()
        {
            let items = sides.each_mut().map(|side| match side.split_first() {
                Some((entry, rest)) if entry.order(&first).is_eq() => {
                    *side = rest;
                    Some(entry.item)
                }
                _ => None,
            });
            // git writes no empty directories, and forgets those that it is given.
            if items
                .iter()
                .flatten()
                .any(|item| *item == Item::Tree(empty))
            {
                return Ok(Merged::NoAnswer);
            }
            match self.merge_items(items, depth, made)? {
                Merged::NoAnswer => return Ok(Merged::NoAnswer),
                Merged::Nothing => {}
                Merged::Is(item) => merged.push((first.name.to_vec(), item)),
            }
        }
        if has_twins(&merged) {
            return Ok(Merged::NoAnswer);
        }
        if merged.is_empty() {
            return Ok(Merged::Nothing);
        }
        let data = tree_entry::write(&merged);
        let id = self.id_of_tree(&data)?;
        made.push((id, data));
        Ok(Merged::Is(Item::Tree(id)))
    }
}

/// Whether a name stands for a directory and for something else as well.
fn has_twins(entries: &[(Vec<u8>, Item)]) -> bool {
    let leaves: std::collections::HashSet<&[u8]> = entries
        .iter()
        .filter(|(_, item)| !item.is_tree())
        .map(|(name, _)| &name[..])
        .collect();
    entries
        .iter()
        .any(|(name, item)| item.is_tree() && leaves.contains(&name[..]))
}

#[cfg(test)]
mod tests {
    use super::super::merge::Merge;
    use super::super::open::Repo;
    use super::super::testing::{Files, History, Random, TestRepo};
    use super::*;

    const DIRECTORIES: [&str; 6] = ["", "a/", "a/b/", "c/", "c/d/", "e/"];

    /// A file of several lines, so that git sees a rename where most of it stays.
    fn content(random: &mut Random) -> String {
        let seed = random.below(1000);
        (0..12)
            .map(|line| (seed * line).to_string() + "\n")
            .collect::<Vec<_>>()
            .concat()
    }

    fn name(random: &mut Random) -> String {
        let directory = DIRECTORIES[random.below(DIRECTORIES.len())];
        format!(
            "{directory}{}",
            ["f", "g", "h", "i", "b", "d", "c"][random.below(7)]
        )
    }

    /// Puts a file at `path`, and away whatever is in its way.
    fn put(files: &mut Files, path: &str, content: String) {
        let inside = |a: &str, b: &str| a.starts_with(&format!("{b}/"));
        files.retain(|other, _| !inside(path, other) && !inside(other, path));
        files.insert(path.into(), content);
    }

    fn start(random: &mut Random) -> Files {
        let mut files = Files::new();
        for _ in 0..14 {
            let (path, content) = (name(random), content(random));
            put(&mut files, &path, content);
        }
        files
    }

    /// Changes, adds, deletes, and moves files and whole directories.
    fn mutate(files: &mut Files, random: &mut Random) {
        let paths: Vec<String> = files.keys().cloned().collect();
        let path = paths.get(random.below(paths.len().max(1))).cloned();
        match (random.below(6), path) {
            (0, Some(path)) => {
                files.entry(path).and_modify(|text| text.push_str("more\n"));
            }
            (1, Some(path)) => drop(files.remove(&path)),
            (2, Some(path)) => {
                let content = files.remove(&path).unwrap_or_default();
                put(files, &name(random), content);
            }
            (3, _) => {
                let from = DIRECTORIES[1 + random.below(5)];
                let to = ["a/", "c/", "new/", "e/new/", ""][random.below(5)];
                let moved = paths
                    .iter()
                    .filter_map(|path| Some((path, path.strip_prefix(from)?)));
                for (path, rest) in moved {
                    let content = files.remove(path).unwrap_or_default();
                    put(files, &format!("{to}{rest}"), content);
                }
            }
            _ => {
                let (path, content) = (name(random), content(random));
                put(files, &path, content);
            }
        }
    }

    /// What git makes of a merge: the tree and whether it is clean; `None` if git itself crashes, as
    /// git 2.47 does on an assertion in `merge-ort.c` about once in 1,500 of these.
    fn by_git(repo: &TestRepo, ours: ObjectId, theirs: ObjectId) -> Option<(ObjectId, bool)> {
        let (ours, theirs) = (ours.to_string(), theirs.to_string());
        let output = repo.try_git(&["merge-tree", "--write-tree", &ours, &theirs]);
        output.status.code()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let tree = text.lines().next().expect("a tree");
        Some((super::super::testing::hex(tree), output.status.success()))
    }

    /// Whether the first engine had an answer, which must then be git's.
    fn same_as_git(
        repo: &TestRepo,
        opened: &Repo,
        quarantine: &Quarantine,
        commits: [ObjectId; 3],
    ) -> bool {
        let [base, ours, theirs] = commits;
        let Some(git) = by_git(repo, ours, theirs) else {
            let error = quarantine.merge(ours, theirs).expect_err("left to git");
            assert_eq!(error.code, Code::Git);
            return false;
        };
        let tree = |id| opened.commit(id).expect("a commit").tree;
        let plain = quarantine
            .merge_trees(Some(tree(base)), tree(ours), tree(theirs))
            .expect("a merge");
        if let Some(tree) = plain {
            assert_eq!((tree, true), git, "{base} {ours} {theirs}");
        }
        let merged = match quarantine.merge(ours, theirs).expect("a merge") {
            Merge::Clean { tree } => (tree, true),
            Merge::Conflict { tree, paths } => {
                assert!(!paths.is_empty());
                (tree, false)
            }
            Merge::Unrelated => unreachable!("they have a base"),
        };
        assert_eq!(merged, git, "{base} {ours} {theirs}");
        plain.is_some()
    }

    /// Set `GATE_TEST_MERGES` for more than the usual number.
    #[test]
    fn merges_are_those_of_git_renames_and_all() {
        let rounds = std::env::var("GATE_TEST_MERGES").map_or(Ok(120), |text| text.parse());
        for format in ["sha1", "sha256"] {
            let repo = TestRepo::with_format(format);
            let mut random = Random::new(7);
            let mut history = History::default();
            let rounds = rounds.clone().expect("a number") / if format == "sha1" { 1 } else { 10 };
            for round in 0..rounds {
                let files = start(&mut random);
                let base = history.commit(&[], 0, &files);
                for date in 1..=2 {
                    let mut side = files.clone();
                    for _ in 0..=random.below(1 + round % 3) {
                        mutate(&mut side, &mut random);
                    }
                    history.commit(&[base], date, &side);
                }
            }
            let ids = repo.import(&history);
            let opened = repo.open();
            let quarantine = opened.quarantine().expect("a quarantine");
            let merges = ids.chunks_exact(3);
            let plain = merges
                .filter(|c| same_as_git(&repo, &opened, &quarantine, [c[0], c[1], c[2]]))
                .count();
            assert!(plain * 5 > rounds, "only {plain} of {rounds} were plain");
        }
    }

    #[test]
    fn what_git_may_take_for_a_rename_is_left_to_git() {
        let text = "1\n2\n3\n4\n5\n6\n7\n8\n";
        let base: Files = [("d/1", "1"), ("d/2", text), ("x", "x")]
            .map(|(a, b)| (a.into(), b.into()))
            .into();
        let mut renamed = base.clone();
        for name in ["1", "2"] {
            let content = renamed.remove(&format!("d/{name}")).expect("there");
            renamed.insert(format!("e/{name}"), content);
        }
        let mut added = base.clone();
        added.insert("d/new".into(), "new".into());
        let mut elsewhere = base.clone();
        elsewhere.insert("y".into(), "new".into());
        let mut history = History::default();
        let first = history.commit(&[], 0, &base);
        for files in [&renamed, &added, &elsewhere] {
            history.commit(&[first], 1, files);
        }
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let plain =
            |a: usize, b: usize| same_as_git(&repo, &opened, &quarantine, [ids[0], ids[a], ids[b]]);
        assert!(!plain(1, 2), "an addition to a directory that was renamed");
        assert!(plain(1, 3), "an addition elsewhere");
        assert!(plain(0, 2), "one side did nothing");
    }
}
