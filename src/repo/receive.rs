//! What a push asks for, and where its refs stand before it.

use super::commit;
use super::open::Repo;
use super::published::{self, Publication};
use super::refs::{Branches, Listed, Scope, symbolic};
use crate::words::{Code, Finding, ObjectId, Result, quote};
use bstr::ByteSlice;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

/// So many bytes of what was read are shown where it is wrong.
const MOST_SHOWN: usize = 200;

/// Where branches are.
const HEADS: &str = "refs/heads/";

/// A ref that a push asks to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// Its full name, as the push says it.
    pub name: String,
    /// Where the push takes it to be; `None` if the push creates it.
    pub old: Option<ObjectId>,
    /// Where it goes; `None` to delete it.
    pub new: Option<ObjectId>,
}

impl PushedRef {
    /// The short name of the branch, if it is one.
    pub fn branch(&self) -> Option<&str> {
        self.name.strip_prefix(HEADS)
    }
}

/// A push: what it asks for, and the refs of the repository as they stood when it was read.
pub struct Push {
    /// The refs that are to move, in git's order.
    pub refs: Vec<PushedRef>,
    /// By their full names.
    before: BTreeMap<String, Listed>,
}

impl Push {
    /// The branches before the push, and what was published.
    pub fn branches(&self) -> Branches {
        let short = |(name, listed): (&String, &Listed)| {
            let short = name.strip_prefix(HEADS)?;
            Some((short.to_owned(), listed.clone()))
        };
        let published = (self.before.iter())
            .filter(|(name, _)| Publication::of_ref(name).is_some())
            .map(|(name, listed)| (name.clone(), listed.clone()));
        Branches {
            scope: Scope::Local,
            complete: true,
            listed: self.before.iter().filter_map(short).collect(),
            published: published.collect(),
        }
    }
}

impl Branches {
    /// These branches after each of `moves`: a short name, and a commit or `None` for a branch that goes.
    #[must_use]
    pub fn after<'a>(
        mut self,
        moves: impl IntoIterator<Item = (&'a str, Option<ObjectId>)>,
    ) -> Self {
        for (short, new) in moves {
            let name = self.scope.full_name(short);
            match new {
                Some(id) => self
                    .listed
                    .insert(short.into(), Listed { name, id: Ok(id) }),
                None => self.listed.remove(short),
            };
        }
        self
    }
}

impl Repo {
    /// The push that `input` tells of, as git tells the hook: a line `OLD NEW REF` for each ref. One
    /// listing says where all of them stand.
    ///
    /// # Errors
    /// [`Code::Usage`] if it is something else, or nothing; [`Code::BrokenObject`] for the name of a
    /// ref that is not UTF-8.
    pub fn read_push(&self, input: &[u8]) -> Result<Push> {
        let lines = input.strip_suffix(b"\n").unwrap_or(input);
        if lines.is_empty() {
            let message = "standard input is empty: nothing was pushed";
            return Err(wrong_input(message.into()));
        }
        let length = self.empty_tree().as_bytes().len();
        let refs = lines.split_str("\n").map(|line| pushed(line, length));
        let refs: Vec<_> = refs.collect::<Result<_>>()?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = refs.iter().find(|pushed| !seen.insert(&pushed.name)) {
            return Err(wrong_input(format!(
                "{} is pushed twice",
                shown(twice.name.as_bytes())
            )));
        }
        let listing = [HEADS].into_iter().chain(published::PLACES);
        let is_listed =
            |pushed: &PushedRef| listing.clone().any(|place| pushed.name.starts_with(place));
        let listed = if refs.iter().all(is_listed) {
            self.list(&listing.collect::<Vec<_>>())?
        } else {
            self.list(&["refs/"])?
        };
        let by_name = listed.into_iter().map(|one| (one.name.clone(), one));
        Ok(Push {
            refs,
            before: by_name.collect(),
        })
    }

    /// Where a ref of `push` stands before it; `None` if there is no such ref.
    ///
    /// # Errors
    /// [`Code::SymbolicBranch`] if it stands for another ref, which the push would move instead.
    pub fn before(&self, push: &Push, pushed: &PushedRef) -> Result<Option<ObjectId>> {
        if let Some(listed) = push.before.get(&pushed.name) {
            return listed.id.clone().map(Some);
        }
        if !self.may_be_symbolic(&pushed.name) {
            return Ok(None);
        }
        match self.target_of(&pushed.name)? {
            Some(target) => Err(symbolic(&pushed.name, &target)),
            None => Ok(None),
        }
    }
}

impl Repo {
    /// Whether a ref that git does not list may be a symbolic one that leads nowhere. git tells that only
    /// of one ref after the other; but unless refs are in tables, such a ref is a file of its own.
    fn may_be_symbolic(&self, name: &str) -> bool {
        let storage = self.config_string("extensions.refstorage");
        if storage.is_some_and(|storage| storage != "files") {
            return true;
        }
        [&self.common_dir, &self.git_dir].into_iter().any(|dir| {
            let file = dir.join(name).symlink_metadata();
            !matches!(file, Err(error) if error.kind() == ErrorKind::NotFound)
        })
    }
}

/// What one line says; ids have `length` bytes.
fn pushed(line: &[u8], length: usize) -> Result<PushedRef> {
    let wrong = || wrong_input(format!("standard input says {}", shown(line)));
    let fields: Vec<&[u8]> = line.splitn_str(3, " ").collect();
    let [old, new, name] = fields[..] else {
        return Err(wrong());
    };
    let id = |hex: &[u8]| commit::from_hex(hex).filter(|_| hex.len() == 2 * length);
    let (old, new) = id(old).zip(id(new)).ok_or_else(wrong)?;
    if name.is_empty() {
        return Err(wrong());
    }
    let Ok(name) = name.to_str() else {
        let message = format!("the name of the ref {} is not UTF-8", shown(name));
        let finding = Finding::new(Code::BrokenObject, message);
        return Err(Box::new(finding.hint("push it under another name")));
    };
    let unless_null = |id: ObjectId| (!id.is_null()).then_some(id);
    Ok(PushedRef {
        name: name.to_owned(),
        old: unless_null(old),
        new: unless_null(new),
    })
}

/// What was read, quoted, and cut: anything may be written into a pipe.
fn shown(read: &[u8]) -> String {
    match read.get(..MOST_SHOWN) {
        Some(start) if read.len() > MOST_SHOWN => {
            let more = read.len() - MOST_SHOWN;
            format!("{} and {more} more bytes", quote(start))
        }
        _ => quote(read),
    }
}

fn wrong_input(message: String) -> Box<Finding> {
    let finding = Finding::new(Code::Usage, message);
    Box::new(finding.hint("let git start it, as the pre-receive hook: it says what is pushed"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn a_push_is_read_as_git_tells_it() {
        for format in ["sha1", "sha256"] {
            let repo = TestRepo::with_format(format);
            let id = repo.commit("first");
            repo.git(&["symbolic-ref", "refs/heads/link", "refs/heads/nowhere"]);
            let null = "0".repeat(id.to_string().len());
            let opened = repo.open();
            let input = format!(
                "{id} {null} refs/heads/main\n{null} {id} refs/tags/a b\n{null} {id} refs/heads/link\n"
            );
            let push = opened.read_push(input.as_bytes()).expect("a push");
            let [main, tag, link] = &push.refs[..] else {
                panic!("three refs");
            };
            assert_eq!((main.branch(), main.old), (Some("main"), Some(id)));
            assert_eq!((main.new, tag.new), (None, Some(id)));
            assert_eq!((tag.branch(), tag.name.as_str()), (None, "refs/tags/a b"));
            assert_eq!(opened.before(&push, main), Ok(Some(id)));
            assert_eq!(opened.before(&push, tag), Ok(None));
            let error = opened.before(&push, link).expect_err("symbolic");
            assert_eq!(error.code, Code::SymbolicBranch);
            let after = push.branches().after([("main", None), ("new", Some(id))]);
            assert_eq!(after.names().collect::<Vec<_>>(), ["new"]);
        }
    }

    #[test]
    fn what_git_would_not_say_is_refused() {
        let repo = TestRepo::new();
        let id = repo.commit("first").to_string();
        let long = "0".repeat(64);
        for (input, code) in [
            (String::new(), Code::Usage),
            ("\n".into(), Code::Usage),
            ("refs/heads/main\n".into(), Code::Usage),
            (format!("{id} {id}\n"), Code::Usage),
            (format!("{id} {id} \n"), Code::Usage),
            (format!("{id} {id} refs/heads/a\n\n"), Code::Usage),
            (format!("{id} {} refs/heads/a\n", &id[1..]), Code::Usage),
            (format!("{id} {long} refs/heads/a\n"), Code::Usage),
            (format!("{id} {id} refs/heads/a\n").repeat(2), Code::Usage),
        ] {
            let error = repo.open().read_push(input.as_bytes()).err();
            assert_eq!(error.map(|error| error.code), Some(code), "{input:?}");
        }
        let garbage = vec![b'x'; 1_000_000];
        let error = repo.open().read_push(&garbage).err().expect("garbage");
        assert!(error.message.len() < 300, "{}", error.message.len());
        assert!(error.message.ends_with("x and 999800 more bytes"));
        let name = [format!("{id} {id} refs/heads/").as_bytes(), b"\xff\n"].concat();
        let error = repo.open().read_push(&name).err().expect("not UTF-8");
        assert_eq!(error.code, Code::BrokenObject);
    }
}
