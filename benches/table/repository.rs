//! The repositories that the table is about: generated ones, and branches on top of real ones.

use super::Result;
use super::race::{git, output};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// The size of a repository.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub files: usize,
    pub branches: usize,
    pub agents: usize,
    pub patterns: usize,
}

/// What the design asks for.
pub(super) const FULL: Size = Size {
    files: 50_000,
    branches: 1_000,
    agents: 100,
    patterns: 1_000,
};

/// A bare repository with the branches `agent/NUMBER-…` of many agents on top of `main`.
pub(super) struct Repository {
    _folder: TempDir,
    pub path: PathBuf,
    /// The names of its branches.
    pub branches: Vec<String>,
    /// A path, and the agent that owns it.
    pub owned: [&'static str; 2],
}

/// Where branches begin, and what is there.
struct Base {
    /// fast-import's names of commits, the newest first.
    forks: Vec<String>,
    files: Vec<String>,
}

impl Repository {
    /// A repository of this size: each agent has a directory, its patterns the directories in there,
    /// and each branch has three commits with a file of its agent's each.
    pub(super) fn generated(size: Size, history: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("repo.git");
        let init = [
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=main",
            "repo.git",
        ];
        output(&mut git(folder.path(), &init), &[0])?;
        let each = size.patterns / size.agents;
        let file = |number: usize| {
            let (agent, rest) = (number % size.agents, number / size.agents);
            format!("a{agent:04}/d{:03}/f{rest:06}", rest % each)
        };
        let mut rules = format!("version: 1\nhistory: {history}\nagents:\n");
        for agent in 0..size.agents {
            let owns: Vec<_> = (0..each)
                .map(|dir| format!("a{agent:04}/d{dir:03}/"))
                .collect();
            let owns = owns.join(", ");
            writeln!(
                rules,
                "  a{agent:04}: {{branch: \"agent/{agent:04}-*\", owns: [{owns}]}}"
            )?;
        }
        let mut stream = String::new();
        write!(stream, "commit refs/heads/main\nmark :1\n{}", person(0))?;
        write!(stream, "M 644 inline ownership.yaml\n{}", data(&rules))?;
        let files: Vec<_> = (0..size.files).map(file).collect();
        for file in &files {
            write!(stream, "M 644 inline {file}\n{}", data(file))?;
        }
        let base = Base {
            forks: vec![":1".to_owned()],
            files,
        };
        let owned = ["a0042/d003/f000001", "a0042"];
        Self::with_branches(folder, path, stream, &base, size, owned)
    }

    /// A clone of a real repository with branches of three commits, begun at its last commits, that
    /// change files wherever they are; everybody may.
    pub(super) fn on_top_of(source: &Path, size: Size, history: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("repo.git");
        let source = source.to_string_lossy();
        let clone = [
            "clone", "--quiet", "--bare", "--shared", &source, "repo.git",
        ];
        output(&mut git(folder.path(), &clone), &[0])?;
        let read = |arguments: &[&str]| output(&mut git(&path, arguments), &[0]);
        let log = read(&[
            "log",
            "--first-parent",
            "--format=%H",
            "--max-count=50",
            "HEAD",
        ])?;
        let forks: Vec<_> = log.lines().map(str::to_owned).collect();
        let oldest = forks.last().ok_or("an empty repository")?;
        // Files that everybody changes: no links, no programs, and nothing that tools look for by its name.
        let files = read(&["ls-tree", "-r", oldest])?;
        let plain = |name: &&str| !name.starts_with(['"', '.']) && !name.contains("/.");
        let named = |line: &'_ str| {
            let (about, name) = line.split_once('\t')?;
            Some(name.to_owned())
                .filter(|name| about.starts_with("100644") && plain(&name.as_str()))
        };
        let files = files.lines().filter_map(named).collect();
        let tip = forks[0].clone();
        let refs = read(&["for-each-ref", "--format=delete %(refname)"])?;
        feed(&path, &["update-ref", "--no-deref", "--stdin"], &refs)?;
        read(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
        let mut rules = format!("version: 1\nhistory: {history}\nunowned: allow\nagents:\n");
        for agent in 0..size.agents {
            let owns: Vec<_> = (0..size.patterns / size.agents)
                .map(|dir| format!("no-such-directory/{agent:04}/d{dir:03}/"))
                .collect();
            let owns = owns.join(", ");
            writeln!(
                rules,
                "  a{agent:04}: {{branch: \"agent/{agent:04}-*\", owns: [{owns}]}}"
            )?;
        }
        let mut stream = String::new();
        write!(
            stream,
            "commit refs/heads/main\nmark :1\n{}from {tip}\n",
            person(2_000_000)
        )?;
        write!(stream, "M 644 inline ownership.yaml\n{}", data(&rules))?;
        let base = Base { forks, files };
        let owned = ["no-such-directory/0042/d003/file", "a0042"];
        Self::with_branches(folder, path, stream, &base, size, owned)
    }

    fn with_branches(
        folder: TempDir,
        path: PathBuf,
        mut stream: String,
        base: &Base,
        size: Size,
        owned: [&'static str; 2],
    ) -> Result<Self> {
        let mut branches = Vec::new();
        for number in 0..size.branches {
            let agent = number % size.agents;
            let name = format!("agent/{agent:04}-{number}");
            let fork = &base.forks[number % base.forks.len()];
            writeln!(stream, "reset refs/heads/{name}\nfrom {fork}\n")?;
            for commit in 0..3 {
                // A file of the agent's where each has its own: they come in turn.
                let place = agent + size.agents * (number / size.agents * 3 + commit);
                let file = &base.files[place % base.files.len()];
                let text = format!("{number} {commit}");
                write!(
                    stream,
                    "commit refs/heads/{name}\n{}",
                    person(3_000_000 + number)
                )?;
                write!(stream, "M 644 inline {file}\n{}", data(&text))?;
            }
            branches.push(name);
        }
        feed(&path, &["fast-import", "--quiet"], &stream)?;
        let graph = ["commit-graph", "write", "--reachable", "--no-progress"];
        output(&mut git(&path, &graph), &[0])?;
        std::fs::write(path.join("agent-branches"), branches.join("\n") + "\n")?;
        Ok(Self {
            _folder: folder,
            path,
            branches,
            owned,
        })
    }
}

/// Who commits, with the message.
pub(super) fn person(seconds: usize) -> String {
    // Later than the histories that it stands on: else every walk would go through all of them.
    let seconds = 1_800_000_000 + seconds;
    format!(
        "committer A <a@example.org> {seconds} +0000\n{}",
        data("change")
    )
}

/// A text for fast-import.
pub(super) fn data(text: &str) -> String {
    format!("data {}\n{text}\n", text.len())
}

/// Runs git with this on its standard input.
pub(super) fn feed(folder: &Path, arguments: &[&str], input: &str) -> Result<()> {
    let mut child = git(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut pipe = child.stdin.take().ok_or("a pipe")?;
    pipe.write_all(input.as_bytes())?;
    drop(pipe);
    if child.wait()?.success() {
        return Ok(());
    }
    Err(format!("git {arguments:?} failed").into())
}
