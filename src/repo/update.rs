//! Moving refs: all of them at once, from where they are known to be, or none.

use super::git::failure;
use super::open::Repo;
use crate::words::{Code, Finding, ObjectId, Result};
use bstr::ByteSlice;
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
    /// the reflogs. Symbolic refs are not followed.
    ///
    /// # Errors
    /// [`Code::TargetMoved`] if a ref is not where it is expected; [`Code::Git`] if it is locked: the
    /// lock is named and left alone. Either way no ref has moved.
    pub fn update_refs(&self, updates: &[RefUpdate], reason: &str) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        let null = "0".repeat(self.empty_tree().as_bytes().len() * 2);
        let mut script = b"start\0".to_vec();
        for update in updates {
            let old = match update.expect {
                Expect::Any => String::new(),
                Expect::Absent => null.clone(),
                Expect::At(id) => id.to_string(),
            };
            let name = &update.name;
            let command = match update.new {
                Some(new) => format!("update {name}\0{new}\0{old}\0"),
                None => format!("delete {name}\0{old}\0"),
            };
            script.extend_from_slice(b"option no-deref\0");
            script.extend_from_slice(command.as_bytes());
        }
        script.extend_from_slice(b"prepare\0commit\0");
        let git = self
            .git("update-ref")
            .args(["-m", reason, "--create-reflog", "--stdin", "-z"]);
        let git = git
            .env("GIT_COMMITTER_NAME", "gate")
            .env("GIT_COMMITTER_EMAIL", "gate@localhost.invalid");
        let output = git.input(script).output()?;
        if output.status.success() && output.stdout.contains_str("commit: ok") {
            return Ok(());
        }
        Err(not_updated(&output))
    }
}

fn not_updated(output: &Output) -> Box<Finding> {
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
