//! Writes histories into a repository, all by one `git fast-import`.

use super::world::{Entry, Files, World};
use crate::support::clean_command;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A bare repository for many histories: the branches of each are those of a remote of its own.
pub(super) struct Import {
    process: Child,
    write: BufWriter<ChildStdin>,
    answer: BufReader<ChildStdout>,
    /// How many marks are taken.
    marks: usize,
    clock: u64,
}

/// Where the branches of a history ended up.
pub(super) struct Imported {
    /// The remote.
    pub remote: String,
    pub target: String,
    /// All other branches, with the ids that they point at.
    pub branches: BTreeMap<String, String>,
}

/// A new repository in `folder`.
pub(super) fn repository(folder: &Path) -> PathBuf {
    let path = folder.join("histories.git");
    let mut command = clean_command("git");
    command
        .args(["init", "-q", "--bare", "-b", "nothing"])
        .arg(&path);
    assert!(command.status().expect("git").success());
    path
}

impl Import {
    pub(super) fn into(repository: &Path) -> Self {
        let mut command = clean_command("git");
        command.env("GIT_DIR", repository).args([
            "fast-import",
            "--quiet",
            "--force",
            "--date-format=raw",
        ]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("git");
        Self {
            write: BufWriter::new(process.stdin.take().expect("a pipe")),
            answer: BufReader::new(process.stdout.take().expect("a pipe")),
            process,
            marks: 0,
            clock: 1_700_000_000,
        }
    }

    /// The branches of `world`, as those of `remote`.
    pub(super) fn add(&mut self, world: &World, remote: &str) -> Imported {
        let first = self.marks + 1;
        for node in 0..world.nodes.len() {
            self.commit(world, node, first);
        }
        self.marks += world.nodes.len();
        let mut branches = BTreeMap::new();
        for (name, node) in &world.branches {
            let mut mark = first + node;
            if world.tagged.contains(name) {
                self.marks += 1;
                let tag = format!("tag t{0}\nmark :{0}\nfrom :{mark}\n", self.marks);
                let tagger = format!("tagger Ada <ada@example.org> {} +0000", self.clock);
                self.say(&format!("{tag}{tagger}\ndata 0\n\n"));
                mark = self.marks;
            }
            let id = self.id(mark);
            branches.insert(name.clone(), id);
        }
        Imported {
            remote: remote.to_owned(),
            target: branches.remove("main").expect("a target"),
            branches,
        }
    }

    fn say(&mut self, text: &str) {
        self.write.write_all(text.as_bytes()).expect("git reads");
    }

    /// The id of what has this mark.
    fn id(&mut self, mark: usize) -> String {
        self.say(&format!("get-mark :{mark}\n"));
        self.write.flush().expect("git reads");
        let mut line = String::new();
        self.answer.read_line(&mut line).expect("git answers");
        line.trim_end().to_owned()
    }

    fn commit(&mut self, world: &World, place: usize, first: usize) {
        let node = &world.nodes[place];
        self.clock += 60;
        let clock = self.clock;
        let mut message = format!("Commit {place}\n");
        if let Some(agent) = node.delivers {
            let merged = self.id(first + node.parents[1]);
            write!(message, "\nGate-Agent: {agent}\nGate-Commit: {merged}\n").expect("a string");
        }
        let mark = first + place;
        let mut text = format!("reset refs/scratch\ncommit refs/scratch\nmark :{mark}\n");
        for role in ["author", "committer"] {
            writeln!(text, "{role} Ada <ada@example.org> {clock} +0000").expect("a string");
        }
        write!(text, "data {}\n{message}", message.len()).expect("a string");
        let words = ["from"].into_iter().chain(std::iter::repeat("merge"));
        for (word, parent) in words.zip(&node.parents) {
            writeln!(text, "{word} :{}", first + parent).expect("a string");
        }
        let nothing = Files::new();
        let before = node
            .parents
            .first()
            .map_or(&nothing, |parent| world.files(*parent));
        for path in before.keys().filter(|path| !node.files.contains_key(*path)) {
            writeln!(text, "D {path}").expect("a string");
        }
        for (path, entry) in &node.files {
            if before.get(path) != Some(entry) {
                modify(&mut text, path, entry);
            }
        }
        self.say(&text);
    }

    /// Ends the import, and makes the branches of these histories.
    pub(super) fn finish(mut self, repository: &Path, histories: &[Imported]) {
        self.write.flush().expect("git reads");
        drop(self.write);
        assert!(self.process.wait().expect("git ends").success());
        let mut text = String::new();
        for history in histories {
            let target = ("main".to_owned(), history.target.clone());
            for (name, id) in history.branches.clone().into_iter().chain([target]) {
                let remote = &history.remote;
                writeln!(text, "create refs/remotes/{remote}/{name} {id}").expect("a string");
            }
        }
        let mut command = clean_command("git");
        command
            .env("GIT_DIR", repository)
            .args(["update-ref", "--stdin"]);
        let mut process = command.stdin(Stdio::piped()).spawn().expect("git");
        let mut pipe = process.stdin.take().expect("a pipe");
        pipe.write_all(text.as_bytes()).expect("git reads");
        drop(pipe);
        assert!(process.wait().expect("git ends").success());
    }
}

fn modify(text: &mut String, path: &str, entry: &Entry) {
    let Entry { mode, content } = entry;
    match *mode {
        "160000" => writeln!(text, "M {mode} {content} {path}"),
        _ => writeln!(
            text,
            "M {mode} inline {path}\ndata {}\n{content}",
            content.len()
        ),
    }
    .expect("a string");
}
