//! Small repositories, and what is run in them.

use crate::support::{Commit, TestRepo, clean_command};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const MANIFEST: &str = "\
version: 1
agents:
  core:
    branch: agent/core
    owns: [\"core/\"]
    verify: [\"test -d core\"]
  ui:
    branch: agent/ui
    owns: [\"ui/\"]
  docs:
    branch: agent/docs
    owns: [\"docs/\"]
    depends_on: [core]
shared:
  - paths: [\"shared/\"]
    agents: [core, ui]
verify: [\"test -d docs\"]
tag: v1.0
";

/// Where the target is checked out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    Main,
    Linked,
    Nowhere,
}

/// A repository, and a command.
#[derive(Clone, Copy)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) tree: Tree,
    pub(super) command: &'static [&'static str],
    format: &'static str,
    /// What is done to the repository besides.
    prepare: fn(&mut TestRepo),
}

const LAND: &[&str] = &["integrate", "--land"];
const TAG: &[&str] = &["integrate", "--land", "--tag"];
const PUSH: &[&str] = &["integrate", "--land", "--tag", "--push", "origin"];
const VERIFY: &[&str] = &["verify", "whole"];
const PUBLISH: &[&str] = &["publish", "core", "--milestone", "api"];
/// The folder of the remote, beside the repository.
pub(super) const REMOTE: &str = "remote.git";
/// Stands before the name of a ref of the remote.
pub(super) const AT_THE_REMOTE: &str = "origin: ";

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario("checked-out", Tree::Main, TAG, "sha1", |_| {}),
    scenario("nowhere", Tree::Nowhere, TAG, "sha1", |_| {}),
    scenario("linked", Tree::Linked, TAG, "sha1", |_| {}),
    scenario("packed-refs", Tree::Nowhere, TAG, "sha1", |repo| {
        repo.git(&["pack-refs", "--all"]);
    }),
    scenario("reftable", Tree::Main, TAG, "sha1", into_tables),
    scenario("hook", Tree::Nowhere, TAG, "sha1", |repo| {
        let hook = repo.path().join(".git/hooks/reference-transaction");
        repo.write(
            ".git/hooks/reference-transaction",
            "#!/bin/sh\ncat >> \"$HOME/moves\"\n",
        );
        std::fs::set_permissions(hook, PermissionsExt::from_mode(0o755)).unwrap();
    }),
    scenario("judged-merge", Tree::Nowhere, LAND, "sha1", |repo| {
        // A branch that has merged the target, with lines of one file from both: git does it again.
        let main = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
        repo.commit(Commit::on("main").file("shared/list", main));
        let both = "1\n2\n3\n4\nfive\n6\n7\n8\nnine\n";
        let merge = Commit::on("agent/ui").merging("main");
        repo.commit(merge.file("shared/list", both));
    }),
    scenario("sha256", Tree::Main, LAND, "sha256", |_| {}),
    scenario("pack", Tree::Nowhere, LAND, "sha1", |repo| {
        // More new folders than there are objects that are written one by one.
        for name in ["core", "ui"] {
            let branch = format!("agent/{name}");
            let paths: Vec<_> = (0..12)
                .map(|n| format!("shared/{n}/1/2/3/4/5/6/7/8/{name}"))
                .collect();
            let commit = Commit::on(&branch);
            repo.commit(
                paths
                    .iter()
                    .fold(commit, |commit, path| commit.file(path, path)),
            );
        }
    }),
    scenario("push", Tree::Main, PUSH, "sha1", with_remote),
    scenario("push-reftable", Tree::Nowhere, PUSH, "sha1", |repo| {
        into_tables(repo);
        with_remote(repo);
    }),
    scenario("integration", Tree::Main, &["integrate"], "sha1", |_| {}),
    scenario("publish", Tree::Main, PUBLISH, "sha1", |_| {}),
    scenario("verify", Tree::Main, VERIFY, "sha1", |_| {}),
    scenario("publish-reftable", Tree::Main, PUBLISH, "sha1", into_tables),
];

/// Puts the refs into tables; this git cannot take their logs along.
fn into_tables(repo: &mut TestRepo) {
    std::fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
    repo.git(&["refs", "migrate", "--ref-format=reftable"]);
}

/// Gives the repository a remote that has its target. What runs there lives on when gate is killed, as
/// on another machine.
fn with_remote(repo: &mut TestRepo) {
    let remote = format!("../{REMOTE}");
    repo.git(&["init", "-q", "--bare", &remote]);
    // What is pushed to starts maintenance, which outlives the push for a moment.
    repo.git(&["-C", &remote, "config", "receive.autoGc", "false"]);
    repo.git(&["remote", "add", "origin", &remote]);
    repo.git(&["push", "-q", "origin", "main"]);
    let apart = "setsid --wait git-receive-pack";
    repo.git(&["config", "remote.origin.receivepack", apart]);
}

const fn scenario(
    name: &'static str,
    tree: Tree,
    command: &'static [&'static str],
    format: &'static str,
    prepare: fn(&mut TestRepo),
) -> Scenario {
    Scenario {
        name,
        tree,
        command,
        format,
        prepare,
    }
}

/// A scenario that has been made once, to be copied.
pub(super) struct Template {
    pub(super) scenario: Scenario,
    repo: TestRepo,
    /// Every ref before the command.
    pub(super) before: BTreeMap<String, String>,
    /// Every ref after it.
    pub(super) after: BTreeMap<String, String>,
}

/// A copy of a template.
pub(super) struct Place {
    root: TempDir,
    scenario: Scenario,
}

impl Template {
    pub(super) fn make(scenario: Scenario) -> Self {
        let files = [
            ("core/a", "old\n"),
            ("core/gone/b", "old\n"),
            ("ui/a", "old\n"),
            ("docs/a", "old\n"),
            ("shared/list", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
        ];
        let mut repo = TestRepo::of_format(scenario.format, MANIFEST, &files);
        repo.commit(
            Commit::on("agent/core")
                .from("main")
                .file("core/a", "new\n")
                .delete("core/gone/b")
                .file("core/new/c", "new\n")
                .file("shared/list", "one\n2\n3\n4\n5\n6\n7\n8\n9\n"),
        );
        repo.commit(
            Commit::on("agent/ui")
                .from("main")
                .file("ui/b", "new\n")
                .file("shared/list", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n"),
        );
        let docs = Commit::on("agent/docs").from("agent/core");
        repo.commit(docs.file("docs/a", "new\n"));
        if scenario.tree != Tree::Main {
            repo.git(&["checkout", "-q", "--detach"]);
        }
        if scenario.tree == Tree::Linked {
            repo.git(&["worktree", "add", "-q", "../linked", "main"]);
        }
        (scenario.prepare)(&mut repo);
        let mut template = Self {
            scenario,
            repo,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
        };
        let place = template.copy();
        template.before = place.refs();
        let run = place.gate().output().unwrap();
        assert!(run.status.success(), "{}: {}", scenario.name, text(&run));
        template.after = place.refs();
        assert_ne!(template.before, template.after, "{}", scenario.name);
        place.settled(&template.after).unwrap();
        template
    }

    /// A copy of it, in memory where there is such a place: what is flushed to disk, and in which order,
    /// is told by the calls.
    pub(super) fn copy(&self) -> Place {
        let memory = Path::new("/dev/shm");
        let root = if memory.is_dir() {
            TempDir::new_in(memory)
        } else {
            TempDir::new()
        };
        let root = root.unwrap();
        let from = self.repo.path().parent().unwrap().join(".");
        let copied = Command::new("cp")
            .arg("-a")
            .arg(from)
            .arg(root.path())
            .status();
        assert!(copied.unwrap().success());
        std::fs::create_dir(root.path().join("tmp")).unwrap();
        let place = Place {
            root,
            scenario: self.scenario,
        };
        if self.scenario.tree == Tree::Linked {
            // Both sides name each other by where they were.
            let (tree, own) = (
                place.tree().join(".git"),
                place.top().join(".git/worktrees/linked"),
            );
            std::fs::write(&tree, format!("gitdir: {}\n", own.display())).unwrap();
            std::fs::write(own.join("gitdir"), format!("{}\n", tree.display())).unwrap();
        }
        place
    }
}

fn text(output: &Output) -> String {
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{stdout}{stderr}")
}

impl Place {
    /// The repository's top.
    pub(super) fn top(&self) -> PathBuf {
        self.root.path().join("repository")
    }

    /// The work tree that the command is run in.
    fn tree(&self) -> PathBuf {
        match self.scenario.tree {
            Tree::Linked => self.root.path().join("linked"),
            Tree::Main | Tree::Nowhere => self.top(),
        }
    }

    /// The command of the scenario.
    pub(super) fn gate(&self) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_gate"), &self.tree());
        command.args(self.scenario.command);
        command
    }

    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = clean_command(program);
        command
            .current_dir(folder)
            .env("HOME", self.root.path())
            .env("TMPDIR", self.root.path().join("tmp"));
        command
    }

    fn try_git(&self, folder: &Path, arguments: &[&str]) -> Result<String, String> {
        let mut git = self.command("git", folder);
        let output = git.args(arguments).output().unwrap();
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!("git {arguments:?}: {}", text(&output)))
    }

    /// Every ref, with its id; those of the remote with its name before them. Not what git tracks of a
    /// remote: that is as old as the last push that came to its end.
    pub(super) fn refs(&self) -> BTreeMap<String, String> {
        let list = |folder: &Path| {
            let listing = [
                "for-each-ref",
                "--format=%(refname) %(objectname)",
                "--exclude=refs/remotes/",
            ];
            self.try_git(folder, &listing).unwrap()
        };
        let mut refs = BTreeMap::new();
        let mut add = |prefix: &str, listing: String| {
            let pairs = listing.lines().filter_map(|line| line.split_once(' '));
            refs.extend(pairs.map(|(name, id)| (format!("{prefix}{name}"), id.to_owned())));
        };
        add("", list(&self.top()));
        if let Some(remote) = self.remote() {
            add(AT_THE_REMOTE, list(&remote));
        }
        refs
    }

    /// The folder of the remote, if there is one.
    fn remote(&self) -> Option<PathBuf> {
        Some(self.root.path().join(REMOTE)).filter(|remote| remote.is_dir())
    }

    /// Fails unless all is as it is where nothing ever went wrong: the refs, the work trees, the objects,
    /// and nothing besides.
    pub(super) fn settled(&self, refs: &BTreeMap<String, String>) -> Result<(), String> {
        let found = self.refs();
        if found != *refs {
            return Err(format!("the refs are {found:#?}, not {refs:#?}"));
        }
        let status = self.try_git(&self.tree(), &["status", "--porcelain"])?;
        if !status.is_empty() {
            return Err(format!("the work tree is not clean:\n{status}"));
        }
        for repository in std::iter::once(self.top()).chain(self.remote()) {
            self.try_git(&repository, &["fsck", "--strict", "--no-dangling"])?;
        }
        let left = self.left_behind();
        if !left.is_empty() {
            return Err(format!("left behind: {left:?}"));
        }
        match self.processes()[..] {
            [] => Ok(()),
            ref left => Err(format!("still running: {left:?}")),
        }
    }

    /// Files that nobody needs any longer.
    fn left_behind(&self) -> Vec<PathBuf> {
        let git = self.top().join(".git");
        let tables = std::fs::read_to_string(git.join("reftable/tables.list")).unwrap_or_default();
        let mut left = files(&git);
        left.retain(|path| {
            let inside = path.strip_prefix(&git).unwrap();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let stays =
                ["gate/lock", "gate/quarantines", "gate/logs", "gate/passes"].map(Path::new);
            let is_gates =
                inside.starts_with("gate") && !stays.iter().any(|kept| inside.starts_with(kept));
            let is_table = inside.starts_with("reftable")
                && name != "tables.list"
                && !tables.lines().any(|table| table == name);
            let is_temporary = inside.components().any(|part| {
                let part = part.as_os_str().to_string_lossy();
                part.starts_with("tmp_") || part.starts_with("bulk-")
            });
            let is_unfinished = name.ends_with(".lock") || name.ends_with(".new");
            is_gates || is_table || is_temporary || is_unfinished || name == "index.gate"
        });
        left.extend(files(&self.root.path().join("tmp")));
        left
    }

    /// The processes that were started here, by their environment.
    pub(super) fn processes(&self) -> Vec<String> {
        let mark = self.root.path().to_string_lossy().into_owned();
        let processes = std::fs::read_dir("/proc").unwrap();
        let ids = processes.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|id| {
                let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
                String::from_utf8_lossy(&environment).contains(&mark)
            })
            .collect()
    }
}

/// Every file below a folder, and every folder that is empty.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            let inside = files(&path);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if inside.is_empty() && (name.starts_with("tmp_") || name.starts_with("gate-")) {
                found.push(path);
            }
            found.extend(inside);
        } else {
            found.push(path);
        }
    }
    found
}
