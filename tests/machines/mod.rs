//! One integration on many machines: clones of one bare repository, each with a home of its own.

mod forged;
mod steps;
mod workflow;

use crate::support::{Commit, Run, TestRepo, clean_command};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The line that leaves a mark in the home of the machine that runs it, and then does `then`.
fn marked(name: &str, then: &str) -> String {
    format!("echo {name} >> \\\"$HOME/ran\\\"; {then}")
}

fn manifest() -> String {
    format!(
        "version: 1
agents:
  core:
    branch: agent/core
    owns: [core/]
    verify: [\"{}\"]
  docs:
    branch: agent/docs
    owns: [docs/]
  ui:
    branch: agent/ui
    owns: [ui/]
    depends_on: [core]
    verify: [\"{}\", \"test -d ui\"]
checkpoints:
  - after: [core, docs]
    verify: [\"{}\"]
verify: [\"{}\"]
",
        marked("core", "! grep -rq BAD core"),
        marked("ui", "true"),
        marked("checkpoint", "true"),
        marked("whole", "! grep -rq WORSE core"),
    )
}

/// A bare repository that everybody shares, and what it was made of.
struct Project {
    seed: TestRepo,
}

/// A clone with all branches, and the home of whoever works there.
struct Machine {
    folder: PathBuf,
    home: PathBuf,
}

impl Project {
    fn new() -> Self {
        let mut seed = TestRepo::new(&manifest(), &[("README", "text\n")]);
        for (name, from) in [("core", "main"), ("docs", "main"), ("ui", "agent/core")] {
            let (branch, path) = (format!("agent/{name}"), format!("{name}/a"));
            seed.commit(Commit::on(&branch).from(from).file(&path, "new\n"));
        }
        seed.with_origin("../origin.git");
        seed.git(&["push", "-q", "origin", "--all"]);
        Self { seed }
    }

    /// Delivers this for core anew, and for ui what stands on it.
    fn deliver(&mut self, core: Commit<'_>) {
        self.seed.commit(core);
        let ui = Commit::on("agent/ui").from("agent/core");
        self.seed.commit(ui.file("ui/a", "new\n"));
        let both = ["agent/core", "agent/ui"];
        self.seed
            .git(&[&["push", "-q", "-f", "origin"], &both[..]].concat());
    }

    fn origin(&self) -> PathBuf {
        self.seed.path().parent().unwrap().join("origin.git")
    }

    /// The refs of the shared repository.
    fn refs(&self) -> BTreeMap<String, String> {
        let origin = self.origin();
        let format = "--format=%(refname) %(objectname)";
        let listing = (self.seed).git(&["-C", origin.to_str().unwrap(), "for-each-ref", format]);
        let pairs = listing.lines().filter_map(|line| line.split_once(' '));
        pairs
            .map(|(name, id)| (name.to_owned(), id.to_owned()))
            .collect()
    }

    /// The refs that say what passed.
    fn passes(&self) -> Vec<String> {
        let refs = self.refs().into_keys();
        refs.filter(|name| name.starts_with("refs/gate/passes/"))
            .collect()
    }

    /// A new machine, with a clone in which no branch is checked out and every branch is there.
    fn machine(&self, name: &str) -> Machine {
        let machine = self.empty_machine(name);
        let (origin, folder) = (self.origin(), &machine.folder);
        // As over a network: only what is asked for comes along.
        let clone = ["clone", "-q", "--no-local"];
        let places = [origin.to_str().unwrap(), folder.to_str().unwrap()];
        let clone = [&clone[..], &places].concat();
        self.seed.git(&clone);
        machine.git(&["checkout", "-q", "--detach"]);
        machine.git(&["fetch", "-q", "origin", "+refs/heads/*:refs/heads/*"]);
        machine
    }

    fn empty_machine(&self, name: &str) -> Machine {
        let home = self.seed.path().parent().unwrap().join(name);
        fs::create_dir(&home).unwrap();
        Machine {
            folder: home.join("clone"),
            home,
        }
    }
}

impl Machine {
    fn command(&self, program: &str) -> Command {
        let mut command = clean_command(program);
        let path = std::env::var("PATH").unwrap();
        // Every machine has its programs elsewhere.
        let path = format!("{path}:{}", self.home.display());
        command
            .current_dir(&self.folder)
            .env("HOME", &self.home)
            .env("GATE_SANDBOX", "off")
            .env("PATH", path);
        command
    }

    fn gate(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(env!("CARGO_BIN_EXE_gate")).args(arguments))
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let run = Run::of(self.command("git").args(arguments)).expect(0);
        run.stdout.trim_end().to_owned()
    }

    /// What was run here since this was asked last, in order.
    fn ran(&self) -> Vec<String> {
        marks(&self.home)
    }

    /// The names of the steps, in order.
    fn steps(&self) -> Vec<String> {
        let document = self.gate(&["verify", "--format", "json"]).expect(0).json();
        let steps = document["steps"].as_array().unwrap().iter();
        steps
            .map(|step| step["step"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn marks(home: &Path) -> Vec<String> {
    let file = home.join("ran");
    let text = fs::read_to_string(&file).unwrap_or_default();
    _ = fs::remove_file(&file);
    text.lines().map(str::to_owned).collect()
}
