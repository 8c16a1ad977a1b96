//! Refs that are as plain as refs can be, read without a process: a file that holds an id, or a line of
//! `packed-refs`. Whatever is out of the ordinary is not told here at all, but by git.

use super::commit;
use super::open::Repo;
use super::published;
use super::refs::{Branches, Listed, Scope};
use crate::words::ObjectId;
use bstr::ByteSlice;
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The longest file that is read here: `ref: ` and a name of git's, an id, or a path.
const MOST_BYTES: u64 = 4096;

/// What a file tells of a ref.
enum Loose {
    /// It is at this id.
    At(ObjectId),
    /// There is no such file.
    Absent,
    /// Something that git has to look at.
    Odd,
}

impl Repo {
    /// The branches with these short names, as [`Repo::branches`] lists them, if every one of them is
    /// there and plain, and nothing is published. `None` says nothing about any of them.
    pub fn few_branches(&self, scope: &Scope, names: &[&str]) -> Option<Branches> {
        if !self.settings.refs_are_files() {
            return None;
        }
        let names = names.iter().map(|short| (*short, scope.full_name(short)));
        let mut found = Vec::new();
        for (short, name) in names {
            let id = match self.loose(&name) {
                Loose::At(id) => Some(id),
                Loose::Absent => None,
                Loose::Odd => return None,
            };
            found.push((short, name, id));
        }
        if self.may_have_published() {
            return None;
        }
        // After the files: what git packs is in here before its file is gone.
        let packed = self.packed_refs()?;
        let is_published = |place: &&str| packed.contains_str(format!(" {place}"));
        if published::PLACES.iter().any(is_published) {
            return None;
        }
        let mut listed = BTreeMap::new();
        for (short, name, id) in found {
            let id = Ok(id.or_else(|| self.packed(&packed, &name))?);
            listed.insert(short.to_owned(), Listed { name, id });
        }
        Some(Branches::few(scope.clone(), listed))
    }

    /// The short name of the branch that HEAD stands for, if that is plain to see.
    pub fn plain_head(&self) -> Option<String> {
        if !self.settings.refs_are_files() {
            return None;
        }
        let text = small_file(&self.git_dir.join("HEAD")).ok()??;
        let name = text.strip_prefix(b"ref: ")?.strip_suffix(b"\n")?;
        let name = name.to_str().ok()?;
        let short = name.strip_prefix("refs/heads/")?;
        is_valid(name).then(|| short.to_owned())
    }

    /// Whether there may be files where agents publish.
    fn may_have_published(&self) -> bool {
        published::PLACES.iter().any(|place| {
            let found = fs::symlink_metadata(self.common_dir.join(place));
            !matches!(found, Err(error) if error.kind() == ErrorKind::NotFound)
        })
    }

    fn loose(&self, name: &str) -> Loose {
        if !is_valid(name) {
            return Loose::Odd;
        }
        match small_file(&self.common_dir.join(name)) {
            Ok(Some(text)) => {
                let id = text.strip_suffix(b"\n").and_then(|hex| self.id_from(hex));
                id.map_or(Loose::Odd, Loose::At)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Loose::Absent,
            Ok(None) | Err(_) => Loose::Odd,
        }
    }

    /// The id in the line of `packed-refs` about `name`.
    fn packed(&self, packed: &[u8], name: &str) -> Option<ObjectId> {
        let end = packed.find(format!(" {name}\n"))?;
        let start = packed[..end].rfind_byte(b'\n').map_or(0, |feed| feed + 1);
        self.id_from(&packed[start..end])
    }

    /// An id of this repository's kind; the one of nothing is none.
    fn id_from(&self, hex: &[u8]) -> Option<ObjectId> {
        let fits = hex.len() == self.objects.kind.len_in_hex();
        let is_null = hex.iter().all(|digit| *digit == b'0');
        commit::from_hex(hex).filter(|_| fits && !is_null)
    }

    fn packed_refs(&self) -> Option<Vec<u8>> {
        match fs::read(self.common_dir.join("packed-refs")) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Some(Vec::new()),
            Err(_) => None,
        }
    }
}

/// The content of a file that is no link and not too long to be a ref.
pub(super) fn small_file(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut content = Vec::new();
    let read = fs::File::open(path)?
        .take(MOST_BYTES)
        .read_to_end(&mut content)?;
    let is_all = (read as u64) < MOST_BYTES;
    Ok(is_all.then_some(content))
}

/// Whether git lets a ref have this full name.
fn is_valid(name: &str) -> bool {
    gix::validate::reference::name(name.into()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::refs::Head;
    use super::super::testing::TestRepo;
    use super::*;

    fn few(repo: &TestRepo, names: &[&str]) -> Option<Vec<ObjectId>> {
        let opened = repo.open();
        let few = opened.few_branches(&Scope::Local, names)?;
        let tip = |name: &&str| opened.tip(&few, name).expect("a commit").expect("a branch");
        let plain = names.iter().map(tip).collect();
        let all = opened.branches(&Scope::Local).expect("branches");
        let listed = |name: &&str| opened.tip(&all, name).expect("a commit").expect("listed");
        assert_eq!(plain, names.iter().map(listed).collect::<Vec<_>>());
        Some(plain)
    }

    #[test]
    fn plain_branches_are_read_wherever_git_keeps_them() {
        for format in ["sha1", "sha256"] {
            let repo = TestRepo::with_format(format);
            let first = repo.commit("first");
            repo.git(&["branch", "agent/a"]);
            assert_eq!(few(&repo, &["main", "agent/a"]), Some(vec![first, first]));
            repo.git(&["pack-refs", "--all"]);
            assert_eq!(few(&repo, &["main", "agent/a"]), Some(vec![first, first]));
            let second = repo.commit("second");
            assert_eq!(few(&repo, &["main", "agent/a"]), Some(vec![second, first]));
        }
    }

    #[test]
    fn a_branch_that_was_not_among_the_few_is_asked_for() {
        let repo = TestRepo::new();
        let id = repo.commit("first");
        repo.git(&["branch", "other"]);
        let opened = repo.open();
        let few = opened
            .few_branches(&Scope::Local, &["main"])
            .expect("plain");
        assert_eq!(opened.tip(&few, "other"), Ok(Some(id)));
        assert_eq!(opened.tip(&few, "nothing"), Ok(None));
    }

    #[test]
    fn what_is_not_plain_is_left_to_git() {
        let repo = TestRepo::new();
        repo.commit("first");
        repo.git(&["tag", "elsewhere"]);
        repo.git(&["symbolic-ref", "refs/heads/link", "refs/heads/main"]);
        let heads = repo.path.join(".git/refs/heads");
        for (name, content) in [
            ("broken", "no id\n".to_owned()),
            ("null", format!("{}\n", "0".repeat(40))),
            ("short", format!("{}\n", "1".repeat(39))),
            ("long", format!("{}\n", "1".repeat(64))),
            ("cut", "1".repeat(40)),
            ("endless", "1".repeat(5000)),
        ] {
            fs::write(heads.join(name), content).expect("written");
        }
        std::os::unix::fs::symlink("main", heads.join("file-link")).expect("a link");
        for name in [
            "link",
            "broken",
            "null",
            "short",
            "long",
            "cut",
            "endless",
            "file-link",
            "elsewhere",
            "nothing",
            "main/x",
            "../heads/main",
            "main.lock",
            "",
        ] {
            assert_eq!(few(&repo, &["main", name]), None, "{name}");
        }
        assert!(few(&repo, &["main"]).is_some());
    }

    #[test]
    fn what_is_published_has_to_be_listed() {
        let repo = TestRepo::new();
        repo.commit("first");
        repo.git(&["update-ref", "refs/gate/runs/a", "HEAD"]);
        assert!(few(&repo, &["main"]).is_some());
        repo.git(&["update-ref", "refs/gate/finished/a", "HEAD"]);
        assert_eq!(few(&repo, &["main"]), None);
        repo.git(&["pack-refs", "--all"]);
        assert_eq!(few(&repo, &["main"]), None);
    }

    #[test]
    fn where_names_may_mean_several_files_git_is_asked() {
        let repo = TestRepo::new();
        repo.commit("first");
        for key in ["core.ignoreCase", "core.precomposeUnicode"] {
            repo.git(&["config", key, "true"]);
            assert_eq!(few(&repo, &["main"]), None, "{key}");
            repo.git(&["config", key, "no"]);
            assert!(few(&repo, &["main"]).is_some(), "{key}");
        }
    }

    #[test]
    fn head_is_plain_where_it_names_a_branch() {
        let repo = TestRepo::new();
        assert_eq!(repo.open().plain_head().as_deref(), Some("main"));
        assert_eq!(repo.open().head(), Ok(Head::Branch("main".into(), None)));
        let id = repo.commit("first");
        repo.git(&["checkout", "-q", "--detach"]);
        assert_eq!(repo.open().plain_head(), None);
        assert_eq!(repo.open().head(), Ok(Head::Detached(id)));
        repo.git(&["symbolic-ref", "HEAD", "refs/tags/x"]);
        assert_eq!(repo.open().plain_head(), None);
    }

    #[test]
    fn refs_in_tables_are_left_to_git() {
        let repo = TestRepo::new();
        repo.commit("first");
        let migrate = ["refs", "migrate", "--ref-format=reftable"];
        if !repo.try_git(&migrate).status.success() {
            return; // This git is too old to know them.
        }
        assert_eq!(repo.open().plain_head(), None);
        assert_eq!(few(&repo, &["main"]), None);
    }
}
