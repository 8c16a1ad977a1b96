//! Moving refs of a remote: all of them at once, from where they are known to be, or none.

use super::git::{Config, Git};
use super::open::Repo;
use super::update::{Expect, RefUpdate};
use crate::words::{Code, Finding, Result};
use bstr::{BString, ByteSlice};
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
    /// where it is expected to be. Hooks run, here and there.
    ///
    /// # Errors
    /// [`Code::RemoteMoved`] if a ref is not where it is expected; [`Code::PushRefused`] if the remote
    /// does not take it; [`Code::Git`] if it cannot be reached. In each case no ref there has moved,
    /// unless the connection broke off in the very end.
    pub fn push(&self, remote: &str, updates: &[RefUpdate]) -> Result<()> {
        // A remote may be a path from the top of the work tree.
        let here = self.work_tree().unwrap_or(&self.git_dir);
        let mut git = Git::new(Config::Users, here, "push")
            .env("GIT_DIR", &self.git_dir)
            .args(["--atomic", "--porcelain"]);
        for name in CONNECTION {
            if let Some(value) = std::env::var_os(name) {
                git = git.env(name, value);
            }
        }
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
        Err(not_pushed(remote, &output))
    }
}

fn not_pushed(remote: &str, output: &Output) -> Box<Finding> {
    let rejected: Vec<BString> = (output.stdout.lines())
        .filter_map(|line| line.strip_prefix(b"!\t"))
        .map(|line| line.to_owned().into())
        .collect();
    let moved = |line: &BString| {
        [
            "(stale info)",
            "(fetch first)",
            "(non-fast-forward)",
            "(already exists)",
        ]
        .iter()
        .any(|reason| line.contains_str(reason))
    };
    let (code, message, hint) = if rejected.iter().any(moved) {
        (
            Code::RemoteMoved,
            format!("{remote} is not where the target here is: somebody else has pushed to it"),
            format!("bring the target up to date with {remote}, then integrate again"),
        )
    } else if rejected.is_empty() {
        (
            Code::Git,
            format!("git cannot push to {remote}"),
            format!("see that {remote} can be reached: git ls-remote {remote}"),
        )
    } else {
        (
            Code::PushRefused,
            format!("{remote} does not take it"),
            format!("see what {remote} says above: a protected branch, or a hook"),
        )
    };
    let mut finding = Finding::new(code, message).hint(hint);
    let said = rejected.iter().map(|line| line.replace("\t", " "));
    let said = said.map(|line| line.to_str_lossy().into_owned());
    let heard = output
        .stderr
        .lines()
        .map(|line| line.to_str_lossy().into_owned());
    finding.notes = said
        .chain(heard.filter(|line| !line.trim().is_empty()))
        .take(MOST_LINES)
        .collect();
    Box::new(finding)
}

/// So many lines of what git and the remote say are told.
const MOST_LINES: usize = 10;
