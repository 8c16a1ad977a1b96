//! Passes that are published: `refs/gate/passes/TREE/ID`, each at the blob ID, a document that says what
//! passed on that tree. The id is made of the document, so whoever knows what must stand in it knows a
//! sound ref by its name and its id, and reads nothing that others have written.

use super::commit::from_hex;
use super::open::Repo;
use super::quarantine::Quarantine;
use super::update::{Expect, RefUpdate};
use crate::words::{Code, Finding, ObjectId, Result};
use bstr::ByteSlice;
use std::collections::BTreeSet;

/// Where passes are published: behind it come the tree and the id of the document.
const PASSES: &str = "refs/gate/passes/";
/// What every document begins with.
pub const PASS_HEAD: &str = "gate pass 1\n";
/// How many bytes a document may have.
const LARGEST_PASS: u64 = 4 * 1024 * 1024;
/// What the reflog says.
const REASON: &str = "gate: verify";

/// A published pass, by the name of its ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassRef {
    /// The tree that passed.
    pub tree: ObjectId,
    /// The document that says how.
    pub document: ObjectId,
}

impl PassRef {
    /// The pass that a ref of this name publishes; `None` if that is no such name.
    pub fn of_ref(full_name: &str) -> Option<Self> {
        let (tree, document) = full_name.strip_prefix(PASSES)?.split_once('/')?;
        let pass = Self {
            tree: from_hex(tree.as_bytes())?,
            document: from_hex(document.as_bytes())?,
        };
        // There are several ways to write a number.
        (pass.full_name() == full_name).then_some(pass)
    }

    /// The full name of the ref.
    pub fn full_name(&self) -> String {
        format!("{PASSES}{}/{}", self.tree, self.document)
    }
}

impl Repo {
    /// The passes that `remote` (a name that git knows) has at this moment: asked of it, and of nobody else.
    /// A ref that is not at what its name says is none.
    ///
    /// # Errors
    /// [`Code::Git`] if the remote cannot be reached.
    pub fn passes_of(&self, remote: &str) -> Result<BTreeSet<PassRef>> {
        let listed = self.list_remote(remote, &format!("{PASSES}*"))?;
        let sound = listed.lines().filter_map(|line| {
            let (id, name) = line.split_once_str("\t")?;
            let pass = PassRef::of_ref(name.to_str().ok()?)?;
            (from_hex(id) == Some(pass.document)).then_some(pass)
        });
        Ok(sound.collect())
    }

    /// Publishes a pass here, by a compare-and-swap of its ref.
    pub fn publish_pass(
        &self,
        quarantine: &Quarantine,
        tree: ObjectId,
        document: &[u8],
    ) -> Result<PassRef> {
        let pass = PassRef {
            tree,
            document: quarantine.add_blob(document)?,
        };
        let name = pass.full_name();
        let before = self.any_ref(&name)?;
        if before != Some(pass.document) {
            let journal = self.landing_journal()?;
            quarantine.publish(&journal, &[pass.document])?;
            journal.update_refs(&[update(pass, before)], REASON)?;
        }
        Ok(pass)
    }

    /// Publishes a pass that is published here on `remote` as well, and nothing else, by a
    /// compare-and-swap. What is there under its name and is something else, is no pass and goes.
    ///
    /// # Errors
    /// Those of [`Repo::push`].
    pub fn push_pass(&self, remote: &str, pass: PassRef) -> Result<()> {
        let name = pass.full_name();
        let listed = self.list_remote(remote, &name)?;
        let line = listed.lines().find(|line| line.ends_with(name.as_bytes()));
        let id = line.and_then(|line| line.split(|byte| *byte == b'\t').next());
        let there = id.and_then(from_hex);
        if there == Some(pass.document) {
            return Ok(());
        }
        self.push(remote, &[update(pass, there)])
    }

    /// What a pushed ref must be to publish a pass: at the document that its name names, which is about
    /// the tree that its name names.
    ///
    /// # Errors
    /// [`Code::ReservedRef`] if it is not.
    pub fn check_pass(&self, pass: PassRef, id: ObjectId) -> Result<()> {
        let refuse = |why: &str| {
            let message = format!("{} is no pass: {why}", pass.full_name());
            let finding = Finding::new(Code::ReservedRef, message);
            Err(Box::new(
                finding.hint("push what `gate verify` has published"),
            ))
        };
        if id != pass.document {
            return refuse("it is not at the document that its name names");
        }
        let document = match self.blob(id, LARGEST_PASS) {
            Ok(document) => document,
            Err(error) if matches!(error.code, Code::TooLarge | Code::BrokenObject) => {
                return refuse(&error.message);
            }
            Err(error) => return Err(error),
        };
        let about = format!("\ntree {}\n", pass.tree);
        if !document.starts_with(PASS_HEAD.as_bytes()) || !document.contains_str(&about) {
            return refuse("its document is not one of gate about this tree");
        }
        Ok(())
    }
}

/// The move of a pass's ref from `before` to where it belongs.
fn update(pass: PassRef, before: Option<ObjectId>) -> RefUpdate {
    RefUpdate {
        name: pass.full_name(),
        expect: before.map_or(Expect::Absent, Expect::At),
        new: Some(pass.document),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn a_pass_is_known_by_the_name_of_its_ref() {
        let (tree, document) = ("1".repeat(40), "a".repeat(40));
        let name = format!("{PASSES}{tree}/{document}");
        let pass = PassRef::of_ref(&name).expect("a pass");
        assert_eq!(pass.full_name(), name);
        for wrong in [
            format!("{PASSES}{tree}"),
            format!("{PASSES}{tree}/{document}/x"),
            format!("{PASSES}{tree}/{}", "A".repeat(40)),
            format!("{PASSES}{tree}/{}", "a".repeat(39)),
            format!("refs/gate/passed/{tree}/{document}"),
        ] {
            assert_eq!(PassRef::of_ref(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_remote_has_the_passes_that_are_at_what_their_names_say() {
        let repo = TestRepo::new();
        let tree = repo.commit("first");
        repo.git(&["init", "-q", "--bare", "../remote.git"]);
        repo.git(&["remote", "add", "origin", "../remote.git"]);
        let opened = repo.open();
        assert_eq!(opened.passes_of("origin"), Ok(BTreeSet::new()));
        let quarantine = opened.quarantine().expect("a quarantine");
        let document = format!("{PASS_HEAD}platform x\ntree {tree}\n");
        let publish = || opened.publish_pass(&quarantine, tree, document.as_bytes());
        let pass = publish().expect("published");
        assert_eq!(publish(), Ok(pass));
        assert_eq!(opened.passes_of("origin"), Ok(BTreeSet::new()), "here only");
        let name = pass.full_name();
        // Something else is there under its name: it goes.
        repo.git(&["push", "-q", "origin", &format!("HEAD:{name}")]);
        assert_eq!(opened.passes_of("origin"), Ok(BTreeSet::new()));
        for _ in 0..2 {
            assert_eq!(opened.push_pass("origin", pass), Ok(()));
            assert_eq!(opened.passes_of("origin"), Ok([pass].into()));
        }
        repo.git(&["push", "-q", "origin", &format!("HEAD:{name}x")]);
        assert_eq!(opened.passes_of("origin"), Ok([pass].into()));
        assert_eq!(opened.check_pass(pass, pass.document), Ok(()));
        let code = |pass, id| opened.check_pass(pass, id).expect_err("no pass").code;
        assert_eq!(code(pass, tree), Code::ReservedRef);
        let other = PassRef {
            tree: pass.document,
            ..pass
        };
        assert_eq!(code(other, pass.document), Code::ReservedRef);
        let commit = PassRef {
            document: tree,
            ..pass
        };
        assert_eq!(code(commit, tree), Code::ReservedRef);
        assert_eq!(
            opened.passes_of("nowhere").expect_err("none").code,
            Code::Git
        );
    }
}
