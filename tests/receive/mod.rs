//! The pre-receive hook, as real pushes to bare repositories meet it.

mod branches;
mod hook;
mod landing;
mod passes;
mod published;
mod refs;
mod twins;

use crate::support::{Commit, Run, TestRepo, clean_command};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  docs:
    branch: agent/docs
    owns: ["docs/"]
    trusted_with: [ownership.yaml]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [core]
shared:
  - paths: ["shared/"]
    agents: [core, docs]
"#;
const FILES: &[(&str, &str)] = &[
    ("core/a.rs", "a\n"),
    ("ui/a.rs", "a\n"),
    ("docs/a.md", "a\n"),
    ("shared/list", LIST),
];
const LIST: &str = "1\n2\n3\n4\n5\n6\n7\n";

/// A clone, and the bare repository on the server that it pushes to.
struct Server {
    clone: TestRepo,
    name: &'static str,
}

impl Server {
    /// A server that has all of `clone`, with the hook.
    fn of(clone: TestRepo) -> Self {
        Self::called("server.git", clone, &["--bare"])
    }

    /// The same in a folder of this name, made by `git clone` with these options.
    fn called(name: &'static str, clone: TestRepo, options: &[&str]) -> Self {
        let server = Self { clone, name };
        let bare = server.bare();
        let to = [".", bare.to_str().unwrap()];
        server.clone.git(&[&["clone", "-q"], options, &to].concat());
        server.install(&format!(
            "#!/bin/sh\nexec '{}' check receive\n",
            env!("CARGO_BIN_EXE_gate")
        ));
        server
    }

    /// A server whose target is `main`, with a manifest.
    fn new() -> Self {
        Self::of(TestRepo::new(MANIFEST, FILES))
    }

    fn bare(&self) -> PathBuf {
        self.clone.path().parent().unwrap().join(self.name)
    }

    fn install(&self, script: &str) {
        let hook = self.bare().join("hooks/pre-receive");
        fs::write(&hook, script).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `git push` with these arguments, and what it says.
    fn push(&self, arguments: &[&str]) -> Run {
        let bare = self.bare();
        let mut command = clean_command("git");
        command.current_dir(self.clone.path()).arg("push");
        command.env("HOME", self.clone.path().parent().unwrap());
        command.arg("-q").arg(bare).args(arguments);
        let run = Run::of(&mut command);
        Run {
            stdout: format!("{}{}", run.stdout, run.stderr),
            ..run
        }
    }

    /// A push that must be accepted.
    #[track_caller]
    fn accepts(&self, arguments: &[&str]) -> String {
        let run = self.push(arguments).expect(0);
        let left = |path: &PathBuf| {
            let path = path.strip_prefix(self.bare()).unwrap();
            path.starts_with("gate") || path.to_str().unwrap().contains("gate-")
        };
        assert_eq!(listing(&self.bare()).keys().find(|path| left(path)), None);
        run.stdout
    }

    /// A push that must be refused for this reason and leave nothing behind.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], reason: &str) -> String {
        let before = listing(&self.bare());
        let run = self.push(arguments).expect(1);
        assert!(flat(&run.stdout).contains(reason), "{}", run.stdout);
        assert_eq!(listing(&self.bare()), before);
        run.stdout
    }

    fn refs(&self) -> String {
        let bare = self.bare();
        self.clone
            .git(&["-C", bare.to_str().unwrap(), "for-each-ref"])
    }

    fn git(&self, arguments: &[&str]) -> String {
        let bare = self.bare();
        self.clone
            .git(&[&["-C", bare.to_str().unwrap()], arguments].concat())
    }
}

/// What the server says, in one line.
fn flat(said: &str) -> String {
    let lines = said.lines().map(|line| line.trim_start_matches("remote:"));
    let words = lines.flat_map(str::split_whitespace);
    words
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

/// Every file and folder below `folder`, with what it holds.
fn listing(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.insert(path.clone(), Vec::new());
                open.push(path);
            } else {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

/// `agent/core` and, on top of it, `agent/ui`, which both pass.
fn two_branches(clone: &mut TestRepo) {
    clone.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let on_top = Commit::on("agent/ui").from("agent/core");
    clone.commit(on_top.file("ui/b.rs", "b"));
}

/// A server on which all branches are, and a clone in which gate has landed them.
fn landed() -> Server {
    let mut clone = TestRepo::new(MANIFEST, FILES);
    two_branches(&mut clone);
    let docs = Commit::on("agent/docs").from("main");
    clone.commit(
        docs.file("docs/b.md", "b")
            .file("shared/list", &LIST.replace('7', "seven")),
    );
    let server = Server::of(clone);
    server.clone.gate(&["integrate", "--land"]).expect(0);
    server
}
