//! The pre-receive hook, as real pushes to bare repositories meet it.

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
}

impl Server {
    /// A server that has all of `clone`, with the hook.
    fn of(clone: TestRepo) -> Self {
        let server = Self { clone };
        let bare = server.bare();
        let path = bare.to_str().unwrap();
        server.clone.git(&["clone", "-q", "--bare", ".", path]);
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
        self.clone.path().parent().unwrap().join("server.git")
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
        self.push(arguments).expect(0).stdout
    }

    /// A push that must be refused for this reason and leave nothing behind.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], reason: &str) -> String {
        let before = listing(&self.bare());
        let run = self.push(arguments).expect(1).says(reason);
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

#[test]
fn a_branch_that_keeps_to_its_claims_is_accepted() {
    let mut server = Server::new();
    let branch = Commit::on("agent/core").from("main");
    server.clone.commit(branch.file("core/b.rs", "b"));
    let said = server.accepts(&["agent/core"]);
    assert!(
        said.contains("remote: checked 1 branch against main"),
        "{said}"
    );
    assert!(server.refs().contains("refs/heads/agent/core"));
    assert!(!server.bare().join("gate").exists());
}

#[test]
fn a_branch_that_leaves_its_claims_is_refused_and_nothing_is_left_behind() {
    let mut server = Server::new();
    let branch = Commit::on("agent/core").from("main");
    server.clone.commit(branch.file("ui/b.rs", "b"));
    let said = server.refuses(
        &["agent/core"],
        "refused[owned-by-another] agent/core: ui/b.rs",
    );
    assert!(
        said.lines()
            .all(|line| line.trim_end().chars().count() <= 80),
        "{said}"
    );
    assert!(!said.contains('\x1b'), "{said}");
}

#[test]
fn a_push_is_accepted_as_a_whole_or_not_at_all() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    let bad = Commit::on("agent/docs").from("main");
    server.clone.commit(bad.file("core/c.rs", "c"));
    let all = ["agent/core", "agent/docs", "agent/ui", "main:people/copy"];
    server.refuses(&all, "refused[owned-by-another]");
    server.accepts(&["agent/core", "agent/ui", "main:people/copy"]);
}

#[test]
fn what_a_branch_depends_on_may_come_with_it() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    // Without the branch that it builds on, its commits would be its own.
    server.refuses(
        &["agent/ui"],
        "refused[owned-by-another] agent/ui: core/b.rs",
    );
    server.accepts(&["agent/ui", "agent/core"]);
    // A rebased dependency takes the place of the one that is there.
    server
        .clone
        .commit(Commit::on("agent/core").from("main").file("core/c.rs", "c"));
    let rebased = Commit::on("agent/ui").from("agent/core");
    server.clone.commit(rebased.file("ui/b.rs", "b"));
    server.refuses(
        &["+agent/ui"],
        "refused[owned-by-another] agent/ui: core/c.rs",
    );
    server.accepts(&["+agent/ui", "+agent/core"]);
}

#[test]
fn the_rules_are_those_before_the_push() {
    let mut server = Server::new();
    let wider = MANIFEST.replace("[\"core/\"]", "[\"core/\", \"more/\"]");
    let grab = Commit::on("agent/core").from("main");
    server
        .clone
        .commit(grab.file("ownership.yaml", &wider).file("more/a", "a"));
    server.refuses(
        &["agent/core"],
        "refused[protected] agent/core: ownership.yaml",
    );
    server
        .clone
        .commit(Commit::on("agent/core").from("main").file("more/a", "a"));
    server
        .clone
        .commit(Commit::on("main").file("ownership.yaml", &wider));
    let said = server.refuses(
        &["agent/core", "main"],
        "refused[unowned] agent/core: more/a",
    );
    assert!(said.contains("refused[target-pushed] main"), "{said}");
}

#[test]
fn commits_that_take_back_what_they_did_are_seen() {
    let mut server = Server::new();
    server
        .clone
        .commit(Commit::on("agent/core").from("main").file("ui/b.rs", "b"));
    server.clone.commit(
        Commit::on("agent/core")
            .delete("ui/b.rs")
            .file("core/b.rs", "b"),
    );
    server.refuses(&["agent/core"], "commit");
}

#[test]
fn a_merge_is_made_again_among_what_the_push_brings() {
    let mut server = Server::new();
    let (mine, theirs) = (LIST.replace('1', "one"), LIST.replace('7', "seven"));
    let branch = Commit::on("agent/core").from("main");
    server.clone.commit(branch.file("shared/list", &mine));
    server
        .clone
        .commit(Commit::on("main").file("shared/list", &theirs));
    let clone = server.clone.path();
    server.git(&["fetch", "-q", clone.to_str().unwrap(), "main:main"]);
    let evil = Commit::on("evil").from("agent/core").merging("main");
    server.clone.commit(evil.file("ui/a.rs", "evil"));
    server.refuses(
        &["evil:agent/core"],
        "refused[owned-by-another] agent/core: ui/a.rs",
    );
    let sides = ["agent/core", "main"];
    let tree = server
        .clone
        .git(&[&["merge-tree", "--write-tree"][..], &sides].concat());
    let merge = [
        "commit-tree",
        &tree,
        "-p",
        sides[0],
        "-p",
        sides[1],
        "-m",
        "Merge",
    ];
    let merge = server.clone.git(&merge);
    server.accepts(&[&format!("{merge}:refs/heads/agent/core")]);
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

#[test]
fn what_gate_has_landed_may_be_pushed() {
    for format in ["sha1", "sha256"] {
        let mut clone = TestRepo::of_format(format, MANIFEST, FILES);
        two_branches(&mut clone);
        let server = Server::of(clone);
        server.clone.gate(&["integrate", "--land"]).expect(0);
        let said = server.accepts(&["main"]);
        assert!(said.contains("checked 1 branch against main"), "{said}");
        assert_eq!(server.git(&["rev-parse", "main"]), server.clone.id("main"));
    }
    // The branches may come with it, or not at all.
    for also in [&["agent/core", "agent/ui"][..], &[]] {
        let mut server = Server::new();
        two_branches(&mut server.clone);
        server.clone.gate(&["integrate", "--land"]).expect(0);
        server.accepts(&[&["main"], also].concat());
    }
}

#[test]
fn several_landings_may_be_pushed_at_once() {
    let mut server = landed();
    // The branch goes on from the target that holds its own first merge, and that of others.
    let on = Commit::on("agent/core").merging("main");
    server.clone.commit(
        on.file("core/c.rs", "c")
            .file("docs/b.md", "b")
            .file("ui/b.rs", "b")
            .file("shared/list", &LIST.replace('7', "seven")),
    );
    server.clone.gate(&["integrate", "--land"]).expect(0);
    server.accepts(&["main"]);
}

#[test]
fn a_target_that_anybody_else_moves_is_refused() {
    let mut server = Server::new();
    server
        .clone
        .commit(Commit::on("main").file("README.md", "new"));
    let said = server.refuses(&["main"], "refused[target-pushed] main");
    assert!(said.contains("no merge of gate's"), "{said}");
    let server = landed();
    server.refuses(&[":main"], "main would be deleted");
    server.accepts(&["main"]);
    server.refuses(&["+main~1:main"], "main would go back");
    let other = server
        .clone
        .git(&["commit-tree", "main^{tree}", "-m", "other"]);
    let aside = format!("+{other}:refs/heads/main");
    server.refuses(&[&aside], "does not hold all of it");
}

/// The last merge of `main`, made again with another tree, message, author or date.
fn forged(server: &Server, change: impl Fn(String) -> String) -> String {
    let text = server.clone.git(&["cat-file", "commit", "main"]);
    let changed = change(text.clone() + "\n");
    assert_ne!(changed, text + "\n");
    let arguments = ["hash-object", "-t", "commit", "-w", "--stdin"];
    let id = server.clone.git_with_input(&arguments, changed.as_bytes());
    format!("{id}:refs/heads/main")
}

#[test]
fn a_forged_merge_is_refused() {
    let server = landed();
    let tree = |revision: &str| {
        server
            .clone
            .git(&["rev-parse", &format!("{revision}^{{tree}}")])
    };
    let (real, first) = (tree("main"), tree("main~3"));
    let tip = server.clone.id("agent/ui");
    let core = server.clone.id("agent/core");
    for (what, with) in [
        (real.as_str(), first.as_str()),
        ("author gate", "author Mallory"),
        ("committer gate", "committer Mallory"),
        ("17000", "18000"),
        ("Merge agent/ui", "Merge agent/ui, reviewed by Ada"),
        ("Gate-Agent: ui", "Gate-Agent: core"),
        ("Gate-Branch: agent/ui", "Gate-Branch: agent/core"),
        ("Gate-Branch: agent/ui", "Gate-Branch: main"),
        ("Gate-Branch: agent/ui", "Gate-Branch: people/fix"),
        ("Gate-Run: ", "Gate-Run: x"),
        (tip.as_str(), core.as_str()),
        ("Gate-Manifest: ", "Gate-Manifest: 0"),
    ] {
        let push = forged(&server, |text| text.replace(what, with));
        server.refuses(&[&push], "refused[target-pushed] main");
    }
    server.accepts(&["main"]);
}

#[test]
fn merges_of_work_that_is_refused_or_out_of_order_are_refused() {
    let server = landed();
    // core, docs, ui; without the first, ui would be merged before what it depends on.
    let ui = server.clone.id("agent/ui");
    let text = server.clone.git(&["cat-file", "commit", "main"]);
    let before = server.clone.id("main~1");
    let base = server.clone.id("main~3");
    let early = text.replace(&format!("parent {before}"), &format!("parent {base}")) + "\n";
    let arguments = ["hash-object", "-t", "commit", "-w", "--stdin"];
    let early = server.clone.git_with_input(&arguments, early.as_bytes());
    let said = server.refuses(&[&format!("{early}:refs/heads/main")], "depends on first");
    assert!(said.contains(&ui[..10]), "{said}");
}
