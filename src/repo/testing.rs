//! Repositories for tests, made by git itself and by `git fast-import` where there are many commits.

use super::commit::from_hex;
use super::open::Repo;
use crate::words::{Change, ObjectId, Result};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Files by path; a content that begins with `->` is that of a symbolic link.
pub(super) type Files = BTreeMap<String, String>;

/// A repository in a temporary directory, with a fixed clock, author and configuration.
pub(super) struct TestRepo {
    _dir: tempfile::TempDir,
    pub(super) path: PathBuf,
}

impl TestRepo {
    pub(super) fn new() -> Self {
        Self::with_format("sha1")
    }

    pub(super) fn with_format(format: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("repo");
        let repo = Self { _dir: dir, path };
        std::fs::create_dir(&repo.path).expect("a directory");
        repo.git(&["init", "-q", "-b", "main", "--object-format", format]);
        repo
    }

    pub(super) fn open(&self) -> Repo {
        Repo::open(&self.path).expect("a repository")
    }

    /// What git prints, which must succeed; without the line break at the end.
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let output = run(&self.path, arguments, b"");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {stderr}");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        stdout.trim_end_matches('\n').to_owned()
    }

    pub(super) fn try_git(&self, arguments: &[&str]) -> Output {
        run(&self.path, arguments, b"")
    }

    pub(super) fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> String {
        let output = run(&self.path, arguments, input);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {stderr}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    pub(super) fn id(&self, revision: &str) -> ObjectId {
        hex(&self.git(&["rev-parse", "--verify", revision]))
    }

    pub(super) fn ids(&self, arguments: &[&str]) -> Vec<ObjectId> {
        self.git(arguments).lines().map(hex).collect()
    }

    pub(super) fn write(&self, path: &str, content: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, content).expect("a file");
    }

    /// Commits everything in the work tree.
    pub(super) fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// Brings in a history; returns the ids of its commits, in their order.
    pub(super) fn import(&self, history: &History) -> Vec<ObjectId> {
        let marks = self.path.join("../marks");
        let flag = format!("--export-marks={}", marks.display());
        self.git_with_input(
            &["fast-import", "--quiet", "--force", &flag],
            history.script.as_bytes(),
        );
        let marks = std::fs::read_to_string(marks).expect("the marks");
        let mut ids: Vec<(usize, ObjectId)> = marks
            .lines()
            .map(|line| {
                let (mark, id) = line.split_once(' ').expect("a mark and an id");
                (mark[1..].parse().expect("a number"), hex(id))
            })
            .collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id).collect()
    }
}

fn run(dir: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new("git");
    command
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ann")
        .env("GIT_AUTHOR_EMAIL", "ann@example.org")
        .env("GIT_COMMITTER_NAME", "Ann")
        .env("GIT_COMMITTER_EMAIL", "ann@example.org")
        .env("GIT_AUTHOR_DATE", "1700000000 +0000")
        .env("GIT_COMMITTER_DATE", "1700000000 +0000")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("git runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input).expect("git reads");
    drop(stdin);
    child.wait_with_output().expect("git ends")
}

pub(super) fn hex(text: &str) -> ObjectId {
    from_hex(text.trim().as_bytes()).expect("an id")
}

/// A history to import: commits in an order in which parents come first.
#[derive(Default)]
pub(super) struct History {
    script: String,
    count: usize,
}

impl History {
    /// Adds a commit on the branch `cN`, and returns N, which is also how parents are named.
    pub(super) fn commit(&mut self, parents: &[usize], date: i64, files: &Files) -> usize {
        let number = self.count;
        self.count += 1;
        let script = &mut self.script;
        let mut line = |text: String| script.write_str(&text).expect("memory");
        line(format!(
            "reset refs/heads/c{number}\ncommit refs/heads/c{number}\nmark :{}\n",
            number + 1
        ));
        line(format!(
            "committer Ann <ann@example.org> {date} +0000\ndata 0\n"
        ));
        for (index, parent) in parents.iter().enumerate() {
            let word = if index == 0 { "from" } else { "merge" };
            line(format!("{word} :{}\n", parent + 1));
        }
        line("deleteall\n".into());
        for (path, content) in files {
            let mode = if content.starts_with("->") {
                "120000"
            } else {
                "100644"
            };
            line(format!(
                "M {mode} inline {path}\ndata {}\n{content}\n",
                content.len()
            ));
        }
        number
    }
}

/// Numbers that look random and are the same every time.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

/// Changes in the form of `git diff --raw --no-abbrev -z --no-renames`.
pub(super) fn as_raw(changes: Result<Vec<Change>>) -> Vec<String> {
    let line = |change: Change| {
        let mode = |entry: Option<crate::words::Entry>| entry.map_or("000000", |e| e.mode.octal());
        let null = || {
            change
                .after
                .or(change.before)
                .map(|e| "0".repeat(e.id.as_bytes().len() * 2))
        };
        let id = |entry: Option<crate::words::Entry>| match entry {
            Some(entry) => entry.id.to_string(),
            None => null().unwrap_or_default(),
        };
        let (a, b) = (change.before, change.after);
        let path = String::from_utf8_lossy(change.path.as_bytes()).into_owned();
        format!(":{} {} {} {} {path}", mode(a), mode(b), id(a), id(b))
    };
    changes
        .expect("a difference")
        .into_iter()
        .map(line)
        .collect()
}

/// The output of git's diff with `--raw --no-abbrev -z --no-renames`, in the form of [`as_raw`]. git
/// takes a file that turned into a link for one change, as gate does.
pub(super) fn from_raw(output: &str) -> Vec<String> {
    let fields: Vec<&str> = output.split('\0').collect();
    let mut lines: Vec<(String, String)> = fields
        .chunks_exact(2)
        .map(|pair| {
            let (head, _status) = pair[0].rsplit_once(' ').expect("a status");
            (pair[1].to_owned(), format!("{head} {}", pair[1]))
        })
        .collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}
