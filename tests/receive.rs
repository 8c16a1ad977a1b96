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
    assert!(
        flat(&said).contains("refused[target-pushed] main"),
        "{said}"
    );
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
        assert!(
            flat(&said).contains("checked 1 branch against main"),
            "{said}"
        );
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
    assert!(
        said.contains("by way of a commit that is no merge"),
        "{said}"
    );
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

/// A commit with this text, pushed to the target.
fn written(server: &Server, text: &str) -> String {
    let arguments = ["hash-object", "-t", "commit", "-w", "--stdin"];
    let id = server.clone.git_with_input(&arguments, text.as_bytes());
    format!("{id}:refs/heads/main")
}

#[test]
fn a_merge_before_what_it_depends_on_is_refused() {
    let server = landed();
    let text = server.clone.git(&["cat-file", "commit", "main"]) + "\n";
    // core, docs, ui is the order of the plan.
    let (before, base) = (server.clone.id("main~1"), server.clone.id("main~3"));
    let early = text.replace(&format!("parent {before}"), &format!("parent {base}"));
    server.refuses(&[&written(&server, &early)], "refused[target-pushed] main");
    let run = server.push(&[&written(&server, &early)]).expect(1);
    run.says("ui waits for core, which has not delivered yet");
}

#[test]
fn a_merge_of_work_that_is_refused_is_refused() {
    let mut server = landed();
    let evil = Commit::on("evil").from("main~3");
    let evil = server.clone.commit(evil.file("docs/evil.md", "evil"));
    let core = server.clone.id("agent/core");
    let merge = ["merge-tree", "--write-tree", "main~3", "evil"];
    let tree = server.clone.git(&merge);
    let text = server.clone.git(&["cat-file", "commit", "main~2"]) + "\n";
    let old = server.clone.git(&["rev-parse", "main~2^{tree}"]);
    let text = text.replace(&core, &evil).replace(&old, &tree);
    let push = written(&server, &text);
    let said = server.refuses(&[&push], "refused[owned-by-another] main: docs/evil.md");
    assert!(
        said.contains("refused[target-pushed] main, in commit"),
        "{said}"
    );
}

#[test]
fn what_changes_the_manifest_is_pushed_before_what_follows() {
    let mut server = Server::new();
    let wider = MANIFEST.replace("[\"docs/\"]", "[\"docs/\", \"more/\"]");
    let change = Commit::on("agent/docs").from("main");
    server.clone.commit(change.file("ownership.yaml", &wider));
    server.clone.gate(&["integrate", "--land"]).expect(0);
    let first = server.clone.id("main");
    server
        .clone
        .commit(Commit::on("agent/docs").file("more/a.md", "a"));
    server.clone.gate(&["integrate", "--land"]).expect(0);
    let said = server.refuses(&["main"], "refused[target-pushed] main");
    assert!(
        flat(&said).contains("the manifest before the push"),
        "{said}"
    );
    server.accepts(&[&format!("{first}:refs/heads/main")]);
    server.accepts(&["main"]);
}

#[test]
fn a_branch_is_kept_until_the_target_has_its_work() {
    let server = landed();
    server.refuses(&[":agent/core"], "refused[unmerged-deletion] agent/core");
    // git moves each ref for itself, and could fail to move the target.
    server.refuses(
        &["main", ":agent/core"],
        "refused[unmerged-deletion] agent/core",
    );
    server.accepts(&["main"]);
    server.accepts(&[":agent/core"]);
    assert!(!server.refs().contains("agent/core"));
    server.accepts(&["main:people/topic"]);
    server.accepts(&[":people/topic"]);
}

#[test]
fn replacements_and_records_of_gate_are_refused() {
    let server = landed();
    for name in [
        "refs/replace/",
        "refs/gate/runs/",
        "refs/Replace/",
        "refs/Heads/",
    ] {
        let id = server.clone.id("main");
        server.refuses(&[&format!("main:{name}{id}")], "refused[reserved-ref]");
    }
    server.git(&["update-ref", "refs/replace/1", "HEAD"]);
    server.refuses(&[":refs/replace/1"], "refused[reserved-ref] refs/replace/1");
}

#[test]
fn objects_that_are_replaced_on_the_server_are_judged_as_they_are() {
    let mut server = Server::new();
    let bad = Commit::on("agent/core").from("main");
    let bad = server.clone.commit(bad.file("ui/b.rs", "b"));
    let good = Commit::on("good").from("main");
    let good = server.clone.commit(good.file("core/b.rs", "b"));
    server.accepts(&["good:people/good"]);
    server.git(&["update-ref", &format!("refs/replace/{bad}"), &good]);
    server.refuses(&["agent/core"], "refused[owned-by-another] agent/core");
}

#[test]
fn a_branch_is_a_commit_and_stands_for_itself() {
    let server = landed();
    server
        .clone
        .git(&["tag", "-a", "-m", "a tag", "agent/core", "main~3"]);
    let tag = server.clone.git(&["rev-parse", "refs/tags/agent/core"]);
    server.refuses(
        &[&format!("+{tag}:refs/heads/agent/docs")],
        "undecided[not-a-commit]",
    );
    server.refuses(
        &[&format!("{tag}:refs/heads/people/x")],
        "undecided[not-a-commit]",
    );
    // A tag by the name of a branch is a tag.
    let said = server.accepts(&["refs/tags/agent/core"]);
    assert!(flat(&said).contains("there is nothing to judge"), "{said}");
    for to in ["refs/heads/main", "refs/heads/agent/new"] {
        server.git(&["symbolic-ref", "refs/heads/people/link", to]);
        server.refuses(&["+main:people/link"], "undecided[symbolic-branch]");
    }
    server.git(&["symbolic-ref", "refs/other/link", "refs/heads/main"]);
    server.refuses(&["main:refs/other/link"], "undecided[symbolic-branch]");
}

#[test]
fn branches_of_nobody_pass_unless_the_manifest_denies_them() {
    let mut server = Server::new();
    server
        .clone
        .commit(Commit::on("people/fix").from("main").file("core/x", "x"));
    let said = server.accepts(&["people/fix"]);
    assert!(
        flat(&said).contains("people/fix belongs to no agent"),
        "{said}"
    );
    server.accepts(&["main:refs/notes/x", "main:gate/integration"]);
    let strict = MANIFEST.replace("version: 1", "version: 1\nothers: deny");
    let mut server = Server::of(TestRepo::new(&strict, FILES));
    server
        .clone
        .commit(Commit::on("people/fix").from("main").file("core/x", "x"));
    server.refuses(&["people/fix"], "refused[others-denied] people/fix");
    server.accepts(&["people/fix:refs/tags/fix", "people/fix:gate/integration"]);
}

#[test]
fn names_that_some_systems_take_for_an_agents_are_refused() {
    let mut server = landed();
    for name in [
        "Agent/core",
        "agent/\u{200c}core",
        "MAIN",
        "Gate/Integration",
    ] {
        server.refuses(
            &[&format!("main~3:refs/heads/{name}")],
            "refused[name-collision]",
        );
    }
    server
        .clone
        .commit(Commit::on("agent/core").file("core/z", "z"));
    server.accepts(&["agent/core"]);
}

#[test]
fn the_first_push_is_possible_and_brings_the_first_rules() {
    let mut clone = TestRepo::empty();
    clone.commit(Commit::on("main").file("README.md", "a"));
    let branch = Commit::on("agent/core").from("main");
    clone.commit(branch.file("ui/x", "x"));
    let mut server = Server::of(clone);
    for branch in ["main", "agent/core"] {
        server.git(&["update-ref", "-d", &format!("refs/heads/{branch}")]);
    }
    let said = server.accepts(&["main", "agent/core"]);
    assert!(flat(&said).contains("there is no branch main yet, so everything"));
    let clone = &mut server.clone;
    let good = clone.commit(Commit::on("main").file("README.md", "b"));
    let said = server.accepts(&["main"]);
    assert!(flat(&said).contains("main has no ownership.yaml yet, so everything"));
    let clone = &mut server.clone;
    clone.commit(Commit::on("main").file("ownership.yaml", "version: 7\n"));
    server.refuses(&["main"], "refused[manifest-refused] main");
    let clone = &mut server.clone;
    let first = Commit::on("main").from(&good);
    clone.commit(first.file("ownership.yaml", MANIFEST));
    server.accepts(&["main"]);
    server.refuses(&["+main~1:main"], "refused[target-pushed] main");
}

#[test]
fn a_target_that_is_not_found_is_no_reason_to_let_anything_pass() {
    let mut clone = TestRepo::empty();
    let manifest = MANIFEST.replace("version: 1", "version: 1\ntarget: trunk");
    clone.commit(Commit::on("trunk").file("ownership.yaml", &manifest));
    clone.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    clone.commit(Commit::on("agent/core").from("trunk").file("ui/x", "x"));
    let server = Server::of(clone);
    server.git(&["update-ref", "-d", "refs/heads/agent/core"]);
    let said = server.refuses(&["agent/core"], "error[no-target]");
    assert!(
        flat(&said).contains("git config gate.target trunk"),
        "{said}"
    );
    server.git(&["config", "gate.target", "trunk"]);
    server.refuses(&["agent/core"], "refused[owned-by-another] agent/core");
}

#[test]
fn a_manifest_that_is_broken_on_the_server_lets_nothing_pass() {
    let mut server = Server::of(TestRepo::new("version: 7\n", FILES));
    two_branches(&mut server.clone);
    server.refuses(&["agent/core"], "error[invalid-value]");
}

/// The hook by hand, with this on its standard input.
fn by_hand(server: &Server, arguments: &[&str], input: &[u8]) -> Run {
    let arguments = [&["check", "receive"], arguments].concat();
    let mut command = server.clone.gate_command(&server.bare(), &arguments);
    let file = server.bare().join("../input");
    fs::write(&file, input).unwrap();
    Run::of(command.stdin(fs::File::open(file).unwrap()))
}

#[test]
fn input_that_git_would_not_give_is_a_usage_error() {
    let server = Server::new();
    let id = server.clone.id("main");
    for input in ["", "main\n", &format!("{id} {id}\n")] {
        let run = by_hand(&server, &["--format", "concise"], input.as_bytes()).expect(2);
        run.says("error[usage]: standard input");
    }
    let pushed = format!("{id} {id} refs/tags/x\n").repeat(2);
    by_hand(&server, &["--format", "concise"], pushed.as_bytes())
        .expect(2)
        .says("refs/tags/x is pushed twice");
    let name = [format!("{id} {id} refs/heads/").as_bytes(), b"\xff\n"].concat();
    by_hand(&server, &["--format", "concise"], &name)
        .expect(3)
        .says(r#"the name of the ref "refs/heads/\377" is not UTF-8"#);
}

#[test]
fn what_the_push_says_of_a_ref_is_not_believed() {
    let server = landed();
    let (core, main) = (server.clone.id("agent/core"), server.clone.id("main~3"));
    let (null, gone) = ("0".repeat(40), "1".repeat(40));
    for line in [
        // git deletes a branch that is said to be at an object which is not there.
        format!("{gone} {null} refs/heads/agent/core\n"),
        format!("{main} {null} refs/heads/agent/core\n"),
        format!("{null} {main} refs/heads/agent/core\n"),
        format!("{core} {null} refs/heads/agent/none\n"),
        format!("{core} {main} refs/heads/main\n"),
    ] {
        by_hand(&server, &["--format", "concise"], line.as_bytes())
            .expect(3)
            .says("undecided[stale-push]");
    }
}

#[test]
fn every_format_says_the_same() {
    let server = landed();
    let (core, docs) = (server.clone.id("agent/core"), server.clone.id("agent/docs"));
    let input = format!("{core} {docs} refs/heads/agent/core\n");
    for (format, begins) in [
        ("full", "refused[owned-by-another] agent/core: docs/b.md"),
        (
            "concise",
            "agent/core: docs/b.md: refused[owned-by-another]",
        ),
        ("github", "::error file=docs/b.md"),
        ("json", r#"{"version":1,"exit_code":1,"kind":"check""#),
    ] {
        let run = by_hand(&server, &["--format", format], input.as_bytes()).expect(1);
        assert!(run.stdout.starts_with(begins), "{}", run.stdout);
    }
}

#[test]
fn neither_the_server_nor_whoever_pushes_configures_the_verdict() {
    let mut server = landed();
    for (key, value) in [
        ("diff.renames", "copies"),
        ("diff.external", "false"),
        ("merge.renames", "false"),
        ("merge.directoryRenames", "true"),
        ("core.attributesFile", "/dev/null"),
        ("core.useReplaceRefs", "true"),
        ("color.ui", "always"),
        ("merge.ours.driver", "true"),
    ] {
        server.git(&["config", key, value]);
        server.clone.git(&["config", key, value]);
    }
    fs::create_dir_all(server.bare().join("info")).unwrap();
    fs::write(server.bare().join("info/attributes"), "* merge=ours\n").unwrap();
    let script = format!(
        "#!/bin/sh\nexport CLICOLOR_FORCE=1 COLUMNS=300 LC_ALL=tr_TR.UTF-8\nexec '{}' check receive\n",
        env!("CARGO_BIN_EXE_gate")
    );
    server.install(&script);
    let moved = Commit::on("agent/ui")
        .delete("ui/a.rs")
        .file("core/a2.rs", "a\n");
    server.clone.commit(moved);
    let said = server.refuses(
        &["agent/ui"],
        "refused[owned-by-another] agent/ui: core/a2.rs",
    );
    assert!(!said.contains('\x1b'), "{said}");
    assert!(
        said.lines()
            .all(|line| line.trim_end().chars().count() <= 80),
        "{said}"
    );
    server.accepts(&["main"]);
}

#[test]
fn a_server_without_gate_refuses_every_push() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    let hook = include_str!("../hooks/pre-receive");
    server.install(&hook.replace("command -v gate", "command -v no-such-gate"));
    server.refuses(&["agent/core"], "gate is not on the PATH of the server");
    server.install(hook);
    let folder = server.bare().join("../programs");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_gate"), folder.join("gate")).unwrap();
    let programs = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command = clean_command("git");
    command
        .current_dir(server.clone.path())
        .env("PATH", programs);
    command.arg("push").arg(server.bare()).arg("agent/core");
    let run = Run::of(&mut command).expect(0);
    assert!(run.stderr.contains("1 accepted"), "{}", run.stderr);
}

#[test]
fn a_repository_with_a_work_tree_is_judged_by_its_target_all_the_same() {
    let mut clone = TestRepo::empty();
    clone.commit(Commit::on("main").file("README.md", "a"));
    let server = Server::of(clone);
    let tree = server.bare().join("../tree");
    server.clone.git(&[
        "clone",
        "-q",
        server.bare().to_str().unwrap(),
        tree.to_str().unwrap(),
    ]);
    // What nobody has committed is nobody's rule, least of all on a server.
    fs::write(tree.join("ownership.yaml"), "version: 7\n").unwrap();
    let id = server.clone.id("main");
    let line = format!("{} {id} refs/heads/agent/core\n", "0".repeat(40));
    fs::write(tree.join("../input"), &line).unwrap();
    let arguments = ["check", "receive", "--format", "concise"];
    let mut command = server.clone.gate_command(&tree, &arguments);
    let input = fs::File::open(tree.join("../input")).unwrap();
    Run::of(command.stdin(input))
        .expect(0)
        .says("main has no ownership.yaml yet");
}

#[test]
fn a_namespace_is_refused_by_name() {
    let server = Server::new();
    let mut command = server
        .clone
        .gate_command(&server.bare(), &["check", "receive"]);
    Run::of(command.env("GIT_NAMESPACE", "part"))
        .expect(2)
        .says("error[not-supported-yet]");
}

/// git is asked once where everything is, once for the configuration, once for all refs, and once
/// for each ref that is new.
#[test]
fn git_is_asked_as_often_as_there_are_new_refs_and_three_times_more() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    let log = server.bare().join("../asked");
    let real = std::env::var("PATH").unwrap();
    let folder = server.bare().join("../programs");
    fs::create_dir(&folder).unwrap();
    let script = format!(
        "#!/bin/sh\necho \"$1\" >> '{}'\nPATH='{real}' exec git \"$@\"\n",
        log.display()
    );
    fs::write(folder.join("git"), script).unwrap();
    fs::set_permissions(folder.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    server.install(&format!(
        "#!/bin/sh\nPATH='{}':$PATH exec '{}' check receive\n",
        folder.display(),
        env!("CARGO_BIN_EXE_gate")
    ));
    server.accepts(&["agent/core", "agent/ui"]);
    let asked = fs::read_to_string(log).unwrap();
    let mut asked: Vec<_> = asked.lines().collect();
    asked.sort_unstable();
    assert_eq!(
        asked,
        [
            "config",
            "for-each-ref",
            "rev-parse",
            "symbolic-ref",
            "symbolic-ref"
        ]
    );
}
