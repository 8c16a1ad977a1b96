//! Objects as `git cat-file` shows them, and merges as `git merge-tree` makes them.

use crate::support::clean_command;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

/// A mode, as in a tree, and an id.
pub(super) type Entry = (String, String);
/// What a tree holds, directories aside.
pub(super) type Files = BTreeMap<String, Entry>;

pub(super) struct Commit {
    pub tree: String,
    pub parents: Vec<String>,
    pub date: u64,
    pub message: String,
}

/// A merge, and where the sides contradict each other.
pub(super) struct Merged {
    pub tree: String,
    pub conflicts: BTreeSet<String>,
}

/// The objects of a repository, and those that merges make, which are kept apart.
pub(super) struct Git {
    repository: PathBuf,
    made: tempfile::TempDir,
    cat: RefCell<Cat>,
    commits: RefCell<HashMap<String, Rc<Commit>>>,
    trees: RefCell<HashMap<String, Rc<Files>>>,
    merges: RefCell<HashMap<(String, String), Rc<Merged>>>,
}

/// A `git cat-file` that answers until it is dropped.
struct Cat {
    process: Child,
    ask: Option<ChildStdin>,
    answer: BufReader<ChildStdout>,
}

impl Drop for Cat {
    fn drop(&mut self) {
        drop(self.ask.take());
        self.process.wait().expect("git ends");
    }
}

impl Git {
    pub(super) fn new(repository: &Path) -> Self {
        let made = tempfile::tempdir().expect("a temporary folder");
        let mut command = command(repository, made.path());
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped());
        let mut process = command.stdout(Stdio::piped()).spawn().expect("git");
        let cat = Cat {
            ask: process.stdin.take(),
            answer: BufReader::new(process.stdout.take().expect("a pipe")),
            process,
        };
        Self {
            repository: repository.to_owned(),
            made,
            cat: RefCell::new(cat),
            commits: RefCell::default(),
            trees: RefCell::default(),
            merges: RefCell::default(),
        }
    }

    /// The kind and the content of an object.
    pub(super) fn object(&self, id: &str) -> (String, Vec<u8>) {
        let mut cat = self.cat.borrow_mut();
        let ask = cat.ask.as_mut().expect("a pipe");
        writeln!(ask, "{id}").expect("git reads");
        let mut head = String::new();
        cat.answer.read_line(&mut head).expect("an answer");
        let [_, kind, size] = head.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("git cat-file: {head}");
        };
        let size: usize = size.parse().expect("a number");
        let mut content = vec![0; size + 1];
        cat.answer.read_exact(&mut content).expect("the content");
        content.truncate(size);
        (kind.to_owned(), content)
    }

    pub(super) fn commit(&self, id: &str) -> Rc<Commit> {
        if let Some(known) = self.commits.borrow().get(id) {
            return Rc::clone(known);
        }
        let (kind, content) = self.object(id);
        assert_eq!(kind, "commit", "{id}");
        let text = String::from_utf8(content).expect("UTF-8");
        let (head, message) = text.split_once("\n\n").expect("a message");
        let all = |key: &str| -> Vec<String> {
            let values = head.lines().filter_map(|line| line.strip_prefix(key));
            values.map(str::to_owned).collect()
        };
        let committer = all("committer ").remove(0);
        let date = committer.rsplit(' ').nth(1).expect("a date");
        let commit = Rc::new(Commit {
            tree: all("tree ").remove(0),
            parents: all("parent "),
            date: date.parse().expect("a number"),
            message: message.to_owned(),
        });
        let mut commits = self.commits.borrow_mut();
        commits.insert(id.to_owned(), Rc::clone(&commit));
        commit
    }

    /// Everything that a tree holds.
    pub(super) fn files(&self, tree: &str) -> Rc<Files> {
        if let Some(known) = self.trees.borrow().get(tree) {
            return Rc::clone(known);
        }
        let (kind, content) = self.object(tree);
        assert_eq!(kind, "tree", "{tree}");
        let mut files = Files::new();
        let mut rest = &content[..];
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == 0).expect("an entry");
            let head = std::str::from_utf8(&rest[..end]).expect("UTF-8");
            let (mode, name) = head.split_once(' ').expect("an entry");
            let mut id = String::new();
            for byte in &rest[end + 1..end + 21] {
                write!(id, "{byte:02x}").expect("a string");
            }
            if mode == "40000" {
                for (path, entry) in self.files(&id).iter() {
                    files.insert(format!("{name}/{path}"), entry.clone());
                }
            } else {
                files.insert(name.to_owned(), (mode.to_owned(), id));
            }
            rest = &rest[end + 21..];
        }
        let files = Rc::new(files);
        let mut trees = self.trees.borrow_mut();
        trees.insert(tree.to_owned(), Rc::clone(&files));
        files
    }

    /// What a commit holds.
    pub(super) fn files_of(&self, commit: &str) -> Rc<Files> {
        self.files(&self.commit(commit).tree)
    }

    /// A commit and all that it can reach.
    pub(super) fn reachable(&self, from: &[String]) -> HashSet<String> {
        let mut found = HashSet::new();
        let mut open = from.to_vec();
        while let Some(next) = open.pop() {
            if found.insert(next.clone()) {
                open.extend(self.commit(&next).parents.iter().cloned());
            }
        }
        found
    }

    /// git's own merge of two commits, with nobody's configuration; those that have nothing in common
    /// are merged as if they came from nothing.
    pub(super) fn merge(&self, ours: &str, theirs: &str) -> Rc<Merged> {
        let key = (ours.to_owned(), theirs.to_owned());
        if let Some(known) = self.merges.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut command = command(&self.repository, self.made.path());
        command.args(["merge-tree", "--write-tree", "-z"]);
        command.args(["--allow-unrelated-histories", ours, theirs]);
        let output = command.output().expect("git");
        assert!(
            output.status.code().is_some_and(|code| code < 2),
            "{output:?}"
        );
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let merged = Rc::new(parse(&text, output.status.success()));
        self.merges.borrow_mut().insert(key, Rc::clone(&merged));
        merged
    }

    /// All that happened on the branches of a remote, for people.
    pub(super) fn log(&self, remote: &str) -> String {
        let mut command = command(&self.repository, self.made.path());
        let branches = format!("--remotes={remote}");
        command.args([
            "log",
            "--graph",
            "--abbrev=10",
            "--raw",
            "--no-renames",
            "-c",
        ]);
        command.args(["--format=%h %D", "--decorate=full", &branches]);
        let output = command.output().expect("git");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// A commit that joins `parents`.
    pub(super) fn join(&self, tree: &str, parents: &[&str]) -> String {
        let dates = parents.iter().map(|parent| self.commit(parent).date);
        let date = dates.max().expect("parents");
        let mut command = command(&self.repository, self.made.path());
        command.args(["commit-tree", tree, "-m", "joined"]);
        for parent in parents {
            command.args(["-p", parent]);
        }
        command.env("GIT_COMMITTER_DATE", format!("{date} +0000"));
        let output = command.output().expect("git");
        assert!(output.status.success(), "{output:?}");
        let id = String::from_utf8(output.stdout).expect("UTF-8");
        id.trim_end().to_owned()
    }
}

/// What `git merge-tree -z` printed: a tree; then the entries in conflict up to an empty field; then
/// messages, each with the number of its paths, the paths, a kind and a text.
fn parse(text: &str, is_clean: bool) -> Merged {
    let mut fields = text.split('\0');
    let tree = fields.next().expect("a tree").to_owned();
    let mut conflicts = BTreeSet::new();
    if is_clean {
        return Merged { tree, conflicts };
    }
    for entry in fields.by_ref().take_while(|field| !field.is_empty()) {
        let (_, path) = entry.split_once('\t').expect("a path");
        conflicts.insert(path.to_owned());
    }
    while let Some(Ok(count)) = fields.next().map(str::parse::<usize>) {
        let paths: Vec<_> = fields.by_ref().take(count).collect();
        let is_conflict = fields.next().expect("a kind").starts_with("CONFLICT");
        fields.next().expect("a text");
        if is_conflict {
            conflicts.extend(paths.into_iter().map(str::to_owned));
        }
    }
    Merged { tree, conflicts }
}

/// git, which sees the objects of `repository` and puts its own into `made`.
fn command(repository: &Path, made: &Path) -> Command {
    let mut command = clean_command("git");
    command
        .env("GIT_DIR", repository)
        .env("GIT_OBJECT_DIRECTORY", made)
        .env(
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            repository.join("objects"),
        )
        .env("HOME", made);
    command
}
