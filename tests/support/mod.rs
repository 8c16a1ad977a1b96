//! Repositories for tests: built in milliseconds by `git fast-import`, with a fixed clock and a
//! fixed author, away from whatever the machine has configured.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A repository in a temporary folder, with `main` checked out where it is not bare.
pub(crate) struct TestRepo {
    root: TempDir,
    clock: u64,
    /// What `GATE_SANDBOX` is for programs that are run there.
    sandbox: &'static str,
}

/// What a run of the program printed, and how it ended.
pub(crate) struct Run {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// A mode and a content.
type Entry<'a> = (&'a str, &'a [u8]);

/// One commit to be made; see [`TestRepo::commit`].
#[derive(Default)]
pub(crate) struct Commit<'a> {
    branch: &'a str,
    from: Option<&'a str>,
    merges: Vec<&'a str>,
    message: &'a str,
    changes: Vec<(&'a str, Option<Entry<'a>>)>,
}

impl<'a> Commit<'a> {
    /// A commit on top of `branch`, or the first of a new root if there is no such branch.
    pub(crate) fn on(branch: &'a str) -> Self {
        Self {
            branch,
            message: "Change something",
            ..Self::default()
        }
    }

    /// The revision to start from, where `branch` is new or is to be moved.
    pub(crate) fn from(mut self, revision: &'a str) -> Self {
        self.from = Some(revision);
        self
    }

    /// A further parent.
    pub(crate) fn merging(mut self, revision: &'a str) -> Self {
        self.merges.push(revision);
        self
    }

    pub(crate) fn message(mut self, message: &'a str) -> Self {
        self.message = message;
        self
    }

    /// A file with this content.
    pub(crate) fn file(self, path: &'a str, content: &'a str) -> Self {
        self.entry(path, "100644", content.as_bytes())
    }

    /// An entry with this mode; the content is the id for a submodule, the target for a link.
    pub(crate) fn entry(mut self, path: &'a str, mode: &'a str, content: &'a [u8]) -> Self {
        self.changes.push((path, Some((mode, content))));
        self
    }

    pub(crate) fn delete(mut self, path: &'a str) -> Self {
        self.changes.push((path, None));
        self
    }
}

impl TestRepo {
    /// An empty repository.
    pub(crate) fn empty() -> Self {
        Self::with(&[])
    }

    /// An empty repository that is made with these arguments besides.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::init(&[&["init", "-q", "-b", "main"], arguments].concat())
    }

    /// A place for a repository that somebody else makes.
    pub(crate) fn unmade() -> Self {
        let root = TempDir::new().expect("a temporary folder");
        let repo = Self {
            root,
            clock: 1_700_000_000,
            sandbox: "",
        };
        std::fs::create_dir(repo.path()).expect("a folder");
        repo
    }

    /// A repository whose `main` holds `manifest` and `files`.
    pub(crate) fn new(manifest: &str, files: &[(&str, &str)]) -> Self {
        Self::empty().beginning(manifest, files)
    }

    fn beginning(mut self, manifest: &str, files: &[(&str, &str)]) -> Self {
        let mut first = Commit::on("main")
            .message("Begin")
            .file("ownership.yaml", manifest);
        for (path, content) in files {
            first = first.file(path, content);
        }
        self.commit(first);
        self.git(&["reset", "-q", "--hard", "main"]);
        self
    }

    /// The same with this hash algorithm.
    pub(crate) fn of_format(format: &str, manifest: &str, files: &[(&str, &str)]) -> Self {
        let format = format!("--object-format={format}");
        Self::init(&["init", "-q", "-b", "main", &format]).beginning(manifest, files)
    }

    fn init(arguments: &[&str]) -> Self {
        let repo = Self::unmade();
        repo.git(arguments);
        repo
    }

    /// The same where commands have business outside of their own folders.
    pub(crate) fn without_sandbox(mut self) -> Self {
        self.sandbox = "off";
        self
    }

    /// The work tree.
    pub(crate) fn path(&self) -> PathBuf {
        self.root.path().join("repository")
    }

    /// Makes a commit, without touching index and work tree, and returns its id.
    pub(crate) fn commit(&mut self, commit: Commit<'_>) -> String {
        self.clock += 60;
        let mut stream = Vec::new();
        let reference = format!("refs/heads/{}", commit.branch);
        let from = commit
            .from
            .map(|from| self.id(from))
            .or_else(|| self.find(&reference));
        let mut head = format!("reset {reference}\ncommit {reference}\n");
        for role in ["author", "committer"] {
            writeln!(head, "{role} Ada <ada@example.org> {} +0000", self.clock).expect("a string");
        }
        writeln!(head, "data {}\n{}", commit.message.len(), commit.message).expect("a string");
        if let Some(from) = from {
            writeln!(head, "from {from}").expect("a string");
        }
        for merged in commit.merges {
            writeln!(head, "merge {}", self.id(merged)).expect("a string");
        }
        stream.extend_from_slice(head.as_bytes());
        for (path, change) in commit.changes {
            let quoted = path
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            match change {
                None => writeln!(stream, "D \"{quoted}\""),
                Some(("160000", id)) => {
                    writeln!(
                        stream,
                        "M 160000 {} \"{quoted}\"",
                        String::from_utf8_lossy(id)
                    )
                }
                Some((mode, content)) => write!(
                    stream,
                    "M {mode} inline \"{quoted}\"\ndata {}\n",
                    content.len()
                )
                .and_then(|()| stream.write_all(content))
                .and_then(|()| stream.write_all(b"\n")),
            }
            .expect("a vector");
        }
        self.import(&stream);
        self.id(&reference)
    }

    /// Feeds a stream to `git fast-import`.
    pub(crate) fn import(&self, stream: &[u8]) {
        let mut child = self
            .command("git")
            .args(["fast-import", "--quiet", "--force", "--date-format=raw"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("git");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(stream)
            .expect("fast-import reads");
        assert!(
            child.wait().expect("git ends").success(),
            "fast-import failed"
        );
    }

    /// Writes a file into the work tree.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let file = self.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
        std::fs::write(file, content).expect("a file");
    }

    /// The names of what gate keeps below the git directory, in order.
    pub(crate) fn kept_by_gate(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path().join(".git/gate")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }

    /// Runs git, which must succeed, and returns what it printed, without the last line feed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output();
        let output = output.expect("git runs");
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim_end_matches('\n')
            .to_owned()
    }

    /// Runs git with this on its standard input; it must succeed.
    pub(crate) fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut command = self.command("git");
        command.args(arguments).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("git");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(input).expect("git reads");
        drop(pipe);
        let output = child.wait_with_output().expect("git ends");
        assert!(output.status.success(), "git {arguments:?} failed");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.trim_end_matches('\n').to_owned()
    }

    /// Runs git and says whether it succeeded.
    pub(crate) fn try_git(&self, arguments: &[&str]) -> bool {
        self.command("git")
            .args(arguments)
            .output()
            .expect("git runs")
            .status
            .success()
    }

    /// The id of a revision.
    pub(crate) fn id(&self, revision: &str) -> String {
        self.find(revision)
            .unwrap_or_else(|| panic!("no revision {revision}"))
    }

    fn find(&self, revision: &str) -> Option<String> {
        let arguments = [
            "rev-parse",
            "-q",
            "--verify",
            &format!("{revision}^{{commit}}"),
        ];
        let output = self.command("git").args(arguments).output();
        let output = output.expect("git runs");
        let id = String::from_utf8(output.stdout).expect("hexadecimal digits");
        output.status.success().then(|| id.trim_end().to_owned())
    }

    /// Every ref with its id: what must not change when nothing may change.
    pub(crate) fn refs(&self) -> BTreeMap<String, String> {
        let listing = self.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        let pairs = listing.lines().filter_map(|line| line.split_once(' '));
        pairs
            .map(|(name, id)| (name.to_owned(), id.to_owned()))
            .collect()
    }

    /// Runs the program in the work tree.
    pub(crate) fn gate(&self, arguments: &[&str]) -> Run {
        self.gate_in(&self.path(), arguments)
    }

    /// Checks a branch, which must end with this code, and what it then says.
    #[track_caller]
    pub(crate) fn judged(&self, branch: &str, code: i32, says: &str) {
        let run = self.gate(&["check", "branch", branch, "--format", "concise"]);
        run.expect(code).says(says);
    }

    /// Makes an empty bare repository at `path`, and a remote `origin` of it.
    pub(crate) fn with_origin(&self, path: &str) {
        self.git(&["init", "-q", "--bare", "-b", "main", path]);
        self.git(&["remote", "add", "origin", path]);
    }

    /// Runs the program in `folder`.
    pub(crate) fn gate_in(&self, folder: &Path, arguments: &[&str]) -> Run {
        Run::of(&mut self.gate_command(folder, arguments))
    }

    /// The program, ready to run in `folder`.
    pub(crate) fn gate_command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_gate"));
        command.current_dir(folder).args(arguments);
        command
    }

    fn command(&self, program: &str) -> Command {
        let mut command = clean_command(program);
        command
            .current_dir(self.path())
            .env("GATE_SANDBOX", self.sandbox)
            .env("HOME", self.root.path());
        command
    }
}

/// A command that sees nothing of the machine's environment but `PATH`.
pub(crate) fn clean_command(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ada")
        .env("GIT_AUTHOR_EMAIL", "ada@example.org")
        .env("GIT_COMMITTER_NAME", "Ada")
        .env("GIT_COMMITTER_EMAIL", "ada@example.org")
        .env("GIT_AUTHOR_DATE", "1700000000 +0000")
        .env("GIT_COMMITTER_DATE", "1700000000 +0000")
        .stdin(Stdio::null());
    command
}

impl Run {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the program runs");
        Self {
            stdout: String::from_utf8(stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(stderr).expect("UTF-8 on stderr"),
            code: status.code().unwrap_or(-1),
        }
    }

    /// Fails the test unless the program ended with `code`.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// What was printed on stdout, as a document of JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).expect("JSON")
    }

    /// Fails the test unless `text` was printed on stdout.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "no {text:?} in:\n{}",
            self.stdout
        );
        self
    }
}
