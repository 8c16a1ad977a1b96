//! Moving refs of a remote: all of them at once, from where they are known to be, or none.

use super::commit::from_hex;
use super::git::{self, Config, Git};
use super::open::Repo;
use super::update::{Expect, RefUpdate};
use crate::words::{Code, Finding, ObjectId, Result};
use bstr::{BString, ByteSlice};
use std::ffi::OsStr;
use std::fs::File;
use std::path::PathBuf;
use std::process::Output;

/// What of the caller's environment says how a remote is reached.
const CONNECTION: [&str; 7] = [
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_ASKPASS",
    "GIT_PROXY_COMMAND",
    "GIT_SSL_CAINFO",
    "GIT_SSL_NO_VERIFY",
];

impl Repo {
    /// Moves all these refs of `remote` (a name that git knows) in one atomic push, each only from
    /// where it is expected to be. Hooks run, here and there. `held` is what git holds as long as it runs, if anything.
    ///
    /// # Errors
    /// [`Code::RemoteMoved`] if a branch is not where it is expected, [`Code::TagExists`] if only a tag is not; [`Code::PushRefused`] if the remote
    /// does not take it; [`Code::Git`] if it cannot be reached. In each case no ref there has moved,
    /// unless the connection broke off in the very end.
    pub(super) fn push(
        &self,
        remote: &str,
        updates: &[RefUpdate],
        held: Option<File>,
    ) -> Result<()> {
        let mut git = self.git_to_remotes("push");
        if let Some(held) = held {
            git = git.input_from(held);
        }
        git = git.args(["--atomic", "--porcelain"]);
        for update in updates {
            let lease = match update.expect {
                Expect::Any => continue,
                Expect::Absent => String::new(),
                Expect::At(id) => id.to_string(),
            };
            git = git.arg(format!("--force-with-lease={}:{lease}", update.name));
        }
        git = git.args(["--", remote]);
        for update in updates {
            let new = update.new.map_or(String::new(), |id| id.to_string());
            git = git.arg(format!("{new}:{}", update.name));
        }
        let output = git.output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(self.not_pushed(remote, updates, &output))
    }

    /// How many places a push to `remote` goes to.
    pub fn push_places(&self, remote: &str) -> Result<usize> {
        let git = self.git_to_remotes("remote");
        let output = git.args(["get-url", "--push", "--all", "--", remote]);
        // One that is known by its branches alone has none.
        Ok(output.output()?.stdout.lines().count())
    }

    /// Where a push to `remote` goes: maybe elsewhere than it is fetched from.
    fn push_place(&self, remote: &str) -> Result<PathBuf> {
        let url = self.git("remote");
        let url = url.args(["get-url", "--push", "--", remote]).run()?;
        Ok(git::path_from(url.lines().next().unwrap_or_default()))
    }

    /// The annotated tag with this full name where a push to `remote` goes, and the commit that it tags; `None`
    /// if there is none.
    ///
    /// # Errors
    /// [`Code::Git`] if it cannot be reached.
    pub fn remote_tag(&self, remote: &str, name: &str) -> Result<Option<(ObjectId, ObjectId)>> {
        let tagged = format!("{name}^{{}}");
        let list = self.git_to_remotes("ls-remote").arg("--");
        let list = list.arg(self.push_place(remote)?);
        let list = list.args([name, &tagged]).run()?;
        let at = |name: &str| {
            let mut lines = list.lines().filter_map(|line| line.split_once_str("\t"));
            let (id, _) = lines.find(|(_, listed)| *listed == name.as_bytes())?;
            from_hex(id)
        };
        Ok(at(name).zip(at(&tagged)))
    }

    /// The refs here by which git remembers where these refs of `remote` are.
    pub(super) fn tracking_refs(&self, remote: &str, names: &[&str]) -> Result<Vec<String>> {
        let git = self.git_to_remotes("config").args(["-z", "--get-all"]);
        let output = git.arg(format!("remote.{remote}.fetch")).output()?;
        let refspecs = output.stdout.split(|byte| *byte == 0);
        let refspecs: Vec<_> = refspecs.filter_map(|spec| spec.to_str().ok()).collect();
        let tracked = names.iter().flat_map(|name| {
            let refspecs = refspecs.iter();
            refspecs.filter_map(|refspec| tracking_ref(refspec, name))
        });
        Ok(tracked.collect())
    }

    /// The refs of `remote`, a name that git knows or a place, that are called as `pattern`: lines of an id,
    /// a tab and a name.
    pub(super) fn list_remote(&self, remote: impl AsRef<OsStr>, pattern: &str) -> Result<Vec<u8>> {
        let list = self.git_to_remotes("ls-remote").args(["--refs", "--"]);
        list.arg(remote).arg(pattern).run()
    }

    /// `git SUBCOMMAND` as it is run to reach a remote.
    fn git_to_remotes(&self, subcommand: &str) -> Git {
        // A remote may be a path from the top of the work tree.
        let here = self.work_tree().unwrap_or(&self.git_dir);
        let git = Git::new(Config::Users, here, subcommand).env("GIT_DIR", &self.git_dir);
        let known = CONNECTION
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        known.fold(git, |git, (name, value)| git.env(name, value))
    }

    fn not_pushed(&self, remote: &str, updates: &[RefUpdate], output: &Output) -> Box<Finding> {
        let rejected: Vec<BString> = (output.stdout.lines())
            .filter_map(|line| line.strip_prefix(b"!\t"))
            .map(|line| line.to_owned().into())
            .collect();
        let has_moved = |update: &&RefUpdate| {
            let name = format!(":{}\t", update.name);
            let its = |line: &&BString| line.contains_str(&name);
            rejected.iter().filter(its).any(is_moved)
        };
        let moved: Vec<_> = updates.iter().filter(has_moved).collect();
        let branch = moved.iter().find(|update| !update.name.starts_with(TAGS));
        let mut finding = match (branch, moved.first()) {
            (Some(branch), _) => self.remote_moved(remote, branch),
            (None, Some(tag)) => {
                let tag = tag.name.trim_start_matches(TAGS);
                let message =
                    format!("{remote} has a tag {tag} already, and it is not the one made here");
                Finding::new(Code::TagExists, message)
                    .hint("write the next tag into the manifest, or leave out --tag")
            }
            (None, None) if rejected.is_empty() => {
                Finding::new(Code::Git, format!("git cannot push to {remote}")).hint(format!(
                    "see that {remote} can be reached: git ls-remote {remote}"
                ))
            }
            (None, None) => {
                let message = format!("{remote} does not take it");
                Finding::new(Code::PushRefused, message).hint(format!(
                    "see what {remote} says above: a protected branch, or a hook"
                ))
            }
        };
        let said = rejected.iter().map(|line| line.replace("\t", " "));
        let said = said.map(|line| line.to_str_lossy().into_owned());
        let heard = output.stderr.lines();
        let heard = heard.map(|line| line.to_str_lossy().into_owned());
        let heard = heard.filter(|line| !line.trim().is_empty());
        finding.notes.extend(said.chain(heard).take(MOST_LINES));
        Box::new(finding)
    }

    /// The finding that a branch of `remote` is not where it is expected, and what it lacks or has besides.
    fn remote_moved(&self, remote: &str, branch: &RefUpdate) -> Finding {
        let name = branch.name.trim_start_matches(HEADS);
        let found = |message: String| Finding::new(Code::RemoteMoved, message);
        let push = format!("push it first, `git push {remote} {name}`, then integrate again");
        let update = format!("bring the target up to date with {remote}, then integrate again");
        match self.remote_side(remote, branch) {
            Ok(RemoteSide::Missing) => {
                found(format!("{remote} has no {name} yet: push it first")).hint(push)
            }
            Ok(RemoteSide::Behind) => {
                let message = format!("{name} here is ahead of that of {remote}: push it first");
                found(message).hint(push)
            }
            Ok(RemoteSide::Other) => found(format!(
                "{remote} is not where the target here is: somebody else has pushed to it"
            ))
            .hint(update),
            Err(error) => found(format!("{remote} is not where the target here is"))
                .note(error.message)
                .hint(update),
        }
    }

    /// How `branch` of `remote` lies to where it was expected.
    fn remote_side(&self, remote: &str, branch: &RefUpdate) -> Result<RemoteSide> {
        let list = self.list_remote(self.push_place(remote)?, &branch.name)?;
        let is_it = |line: &&[u8]| line.ends_with(format!("\t{}", branch.name).as_bytes());
        let Some(line) = list.lines().find(is_it) else {
            return Ok(RemoteSide::Missing);
        };
        let there = line.split(|byte| *byte == b'\t').next().and_then(from_hex);
        Ok(match (there, branch.expect) {
            (Some(there), Expect::At(here))
                if self.contains(there)? && self.is_ancestor(there, here)? =>
            {
                RemoteSide::Behind
            }
            _ => RemoteSide::Other,
        })
    }
}

/// How a branch of a remote lies to where it was expected.
enum RemoteSide {
    /// There is none.
    Missing,
    /// It lacks commits, and has no others.
    Behind,
    /// It has commits of its own.
    Other,
}

/// Where a refspec of fetching puts the ref with this name, if it is about it.
fn tracking_ref(refspec: &str, name: &str) -> Option<String> {
    let (from, to) = refspec.trim_start_matches('+').split_once(':')?;
    let found = match from.split_once('*') {
        None => (from == name).then(|| to.to_owned()),
        Some((before, after)) => {
            let part = name.strip_prefix(before)?.strip_suffix(after)?;
            Some(to.replacen('*', part, 1))
        }
    };
    found.filter(|found| !found.is_empty())
}

const TAGS: &str = "refs/tags/";
const HEADS: &str = "refs/heads/";

/// Whether a line of git says that a ref is not where it was expected.
fn is_moved(line: &BString) -> bool {
    [
        "(stale info)",
        "(fetch first)",
        "(non-fast-forward)",
        "(already exists)",
    ]
    .iter()
    .any(|reason| line.contains_str(reason))
}

/// So many lines of what git and the remote say are told.
const MOST_LINES: usize = 10;

#[cfg(test)]
mod tests {
    use super::tracking_ref;

    #[test]
    fn a_refspec_says_where_a_ref_is_tracked() {
        let main = |refspec| tracking_ref(refspec, "refs/heads/main");
        let all = main("+refs/heads/*:refs/remotes/origin/*");
        assert_eq!(all.as_deref(), Some("refs/remotes/origin/main"));
        let one = main("refs/heads/main:refs/heads/theirs");
        assert_eq!(one.as_deref(), Some("refs/heads/theirs"));
        let inside = main("refs/heads/m*n:refs/remotes/x*y");
        assert_eq!(inside.as_deref(), Some("refs/remotes/xaiy"));
        for other in [
            "refs/heads/main",
            "refs/heads/main:",
            "^refs/heads/main",
            "refs/tags/*:refs/tags/*",
            "refs/heads/other:refs/remotes/origin/other",
        ] {
            assert_eq!(main(other), None, "{other}");
        }
    }
}
