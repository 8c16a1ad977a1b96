//! Moving refs: all of them at once, from where they are known to be, or none.

use super::git::failure;
use super::journal::LandingJournal;
use super::locks;
use super::open::Repo;
use super::transaction::{Begun, RefMove, Transaction};
use super::worktree::WorkTree;
use crate::words::{Code, Finding, ObjectId, Result};
use bstr::ByteSlice;
use std::path::Path;
use std::process::Output;

/// Where a ref must be for it to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Anywhere, or nowhere.
    Any,
    /// It must not exist.
    Absent,
    /// At this object.
    At(ObjectId),
}

/// One ref to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// Its full name.
    pub name: String,
    /// Where it must be now.
    pub expect: Expect,
    /// Where it goes; `None` to delete it.
    pub new: Option<ObjectId>,
}

impl Repo {
    /// Moves all these refs in one transaction, through git, so that its hooks run. `reason` goes into
    /// the reflogs. Symbolic refs are not followed. If this process is killed, the next one ends what it
    /// began.
    ///
    /// # Errors
    /// [`Code::TargetMoved`] if a ref is not where it is expected; [`Code::Git`] if it is locked: the
    /// lock is named and left alone. Either way no ref has moved.
    pub fn update_refs(&self, updates: &[RefUpdate], reason: &str) -> Result<()> {
        self.landing_journal()?.update_refs(updates, reason)
    }

    /// Fails if there cannot be a ref of this full name: another one is called as a directory of it, or is
    /// below it.
    ///
    /// # Errors
    /// [`Code::Git`], which names the other one.
    pub fn check_room_for(&self, name: &str) -> Result<()> {
        let start = name.match_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
        let top = name[start..]
            .find('/')
            .map_or(name, |at| &name[..start + at]);
        let is_below = |one: &str, other: &str| {
            let rest = one.strip_prefix(other);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        for other in self.list(&[top])? {
            let other = other.name;
            if is_below(name, &other) || is_below(&other, name) {
                let message = format!("{other} is in the way of {name}: git cannot have both");
                let finding = Finding::new(Code::Git, message);
                return Err(Box::new(finding.hint(format!(
                    "give {other} another name, or this one in the manifest"
                ))));
            }
        }
        Ok(())
    }
}

impl LandingJournal<'_> {
    /// [`Repo::update_refs`], for whoever has the journal.
    pub fn update_refs(&self, updates: &[RefUpdate], reason: &str) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        self.push_and_update(None, updates, reason)
    }

    /// Moves refs of a remote, if one is named, and then `updates` here.
    ///
    /// # Errors
    /// Those of [`Begun::push`] and of [`Repo::update_refs`]: then nothing has moved here.
    pub fn push_and_update(
        &self,
        push: Option<(&str, &[RefUpdate])>,
        updates: &[RefUpdate],
        reason: &str,
    ) -> Result<()> {
        let begun = self.begin(updates, &[], push.map(|(remote, _)| remote))?;
        let pushed = push.map_or(Ok(()), |(remote, pushed)| begun.push(remote, pushed));
        let moved = pushed.and_then(|()| begun.commit(reason));
        match (moved, begun.end()) {
            // It names what has moved: the next run sees that nothing is left to do.
            (Ok(()), _) => Ok(()),
            (Err(finding), Ok(())) => Err(finding),
            (Err(finding), Err(kept)) => Err(Box::new((*finding).note(kept.message))),
        }
    }

    /// Writes down that these refs are about to move, together with `trees`, which have the first of them
    /// checked out, and after those of `remote`. Nothing moves yet.
    ///
    /// # Errors
    /// Those of [`Repo::update_refs`].
    pub fn begin<'a>(
        &'a self,
        updates: &[RefUpdate],
        trees: &[WorkTree],
        remote: Option<&str>,
    ) -> Result<Begun<'a>> {
        let repo = self.repo;
        let names: Vec<_> = updates.iter().map(|update| update.name.as_str()).collect();
        let moves = (updates.iter().zip(repo.positions(&names)?)).map(|(update, old)| {
            let expected = match update.expect {
                Expect::Any => true,
                Expect::Absent => old.is_none(),
                Expect::At(id) => old == Some(id),
            };
            let (name, new) = (update.name.clone(), update.new);
            let moved = RefMove { name, old, new };
            expected
                .then_some(moved)
                .ok_or_else(|| has_moved(&update.name))
        });
        let tracked = remote.map(|remote| repo.tracking_refs(remote, &names));
        let head = repo.git_dir().join("HEAD");
        let transaction = Transaction {
            moves: moves.collect::<Result<_>>()?,
            leads_work_trees: !trees.is_empty(),
            head: (head.strip_prefix(repo.common_dir())).map_or(head.clone(), Path::to_path_buf),
            tracked: tracked.transpose()?.unwrap_or_default(),
        };
        let git_dirs: Vec<_> = trees.iter().map(|tree| tree.git_dir.clone()).collect();
        let locks = locks::of_transaction(repo.common_dir(), &transaction, &git_dirs);
        locks::wait_for(&locks)?;
        self.write(&transaction)?;
        Ok(Begun {
            journal: self,
            transaction,
        })
    }
}

fn has_moved(name: &str) -> Box<Finding> {
    let message = format!("{name} has moved since it was read");
    Box::new(Finding::new(Code::TargetMoved, message).hint("run the command again"))
}

pub(super) fn not_updated(output: &Output) -> Box<Finding> {
    let said = |text: &str| output.stderr.contains_str(text);
    let mut finding = failure("git update-ref", output);
    if said(".lock': File exists") {
        finding.message = "a ref is locked by another process, or by one that was killed".into();
        finding.hint =
            Some("see that no git is running, then remove the lock file that git names".into());
    } else if [
        "but expected",
        "reference already exists",
        "unable to resolve reference",
        "reference is missing",
    ]
    .iter()
    .any(|text| said(text))
    {
        finding.code = Code::TargetMoved;
        finding.message = "a ref has moved since it was read".into();
        finding.hint = Some("run the command again".into());
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    fn update(name: &str, expect: Expect, new: Option<ObjectId>) -> RefUpdate {
        let name = name.into();
        RefUpdate { name, expect, new }
    }

    #[test]
    fn refs_move_together_or_not_at_all() {
        let repo = TestRepo::new();
        let (first, second) = (repo.commit("first"), repo.commit("second"));
        let opened = repo.open();
        let moves = [
            update("refs/heads/new", Expect::Absent, Some(first)),
            update("refs/heads/main", Expect::At(second), Some(first)),
            update("refs/gate/any", Expect::Any, Some(second)),
        ];
        opened.update_refs(&moves, "gate: land").expect("moved");
        assert_eq!(
            [repo.id("new"), repo.id("main"), repo.id("refs/gate/any")],
            [first, first, second]
        );
        assert!(repo.git(&["reflog", "main"]).contains("gate: land"));
        for wrong in [
            update("refs/heads/main", Expect::At(second), Some(second)),
            update("refs/heads/main", Expect::Absent, Some(second)),
            update("refs/heads/none", Expect::At(second), Some(second)),
            update("refs/heads/none", Expect::At(second), None),
        ] {
            let moves = [
                update("refs/heads/new", Expect::At(first), Some(second)),
                wrong,
            ];
            let error = opened.update_refs(&moves, "gate").expect_err("not there");
            assert_eq!(error.code, Code::TargetMoved, "{error:?}");
            assert_eq!(repo.id("new"), first);
        }
        opened
            .update_refs(&[update("refs/heads/new", Expect::At(first), None)], "gate")
            .expect("deleted");
        assert_eq!(opened.any_ref("refs/heads/new"), Ok(None));
        assert_eq!(opened.update_refs(&[], "gate"), Ok(()));
    }

    #[test]
    fn a_name_may_be_no_directory_of_another() {
        let repo = TestRepo::new();
        repo.commit("first");
        for taken in ["a/b", "c"] {
            repo.git(&["branch", taken]);
        }
        let code = |name: &str| {
            let room = repo.open().check_room_for(&format!("refs/heads/{name}"));
            room.map_err(|finding| finding.code)
        };
        for free in ["a/b", "a/bc", "a/c", "c", "cd", "d/e/f"] {
            assert_eq!(code(free), Ok(()), "{free}");
        }
        for taken in ["a", "a/b/c", "c/d", "c/d/e"] {
            assert_eq!(code(taken), Err(Code::Git), "{taken}");
        }
    }

    #[test]
    fn a_lock_is_named_and_left_alone() {
        let repo = TestRepo::new();
        let id = repo.commit("first");
        repo.write(".git/refs/heads/main.lock", "");
        let moves = [update("refs/heads/main", Expect::At(id), None)];
        let error = repo.open().update_refs(&moves, "gate").expect_err("locked");
        assert_eq!(error.code, Code::Git);
        assert!(error.notes.concat().contains("main.lock"), "{error:?}");
        assert!(repo.path.join(".git/refs/heads/main.lock").exists());
    }

    #[test]
    fn a_hook_of_the_repository_may_refuse() {
        use std::os::unix::fs::PermissionsExt;
        let repo = TestRepo::new();
        let id = repo.commit("first");
        repo.write(
            ".git/hooks/reference-transaction",
            "#!/bin/sh\necho refused by hook >&2\nexit 1\n",
        );
        let hook = repo.path.join(".git/hooks/reference-transaction");
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755))
            .expect("executable");
        let moves = [update("refs/heads/x", Expect::Absent, Some(id))];
        let error = repo
            .open()
            .update_refs(&moves, "gate")
            .expect_err("refused");
        assert_eq!(error.code, Code::Git);
        assert!(
            error.notes.concat().contains("refused by hook"),
            "{error:?}"
        );
    }
}
