//! `gate undo`: the revert of what has landed of an agent, prepared as a branch.

mod delivery;
mod no_longer;

use crate::support::{Commit, TestRepo};
use serde_json::{Value, json};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: ["agent/core", "agent/core-*"]
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [core]
  docs:
    branch: agent/docs
    owns: ["docs/"]
shared:
  - paths: ["shared/"]
    agents: [core, docs]
"#;
const LIST: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

/// `main` where `core`, `ui`, which builds on it, and `docs` have landed, in one run.
fn landed() -> TestRepo {
    let files = [("core/a.rs", "a"), ("ui/a.rs", "a"), ("shared/list", LIST)];
    let mut repo = TestRepo::new(MANIFEST, &files);
    let core = Commit::on("agent/core").from("main");
    let core = core.file("core/b.rs", "b").delete("core/a.rs");
    repo.commit(core.file("shared/list", &LIST.replace('2', "core")));
    let ui = Commit::on("agent/ui").from("agent/core");
    repo.commit(ui.file("ui/b.rs", "ui"));
    let docs = Commit::on("agent/docs").from("main");
    repo.commit(docs.file("shared/list", &LIST.replace('8', "docs")));
    repo.gate(&["integrate", "--land"]).expect(0);
    repo
}

fn undo(repo: &TestRepo, arguments: &[&str], code: i32) -> Value {
    let run = repo.gate(&[&["undo"], arguments, &["--format", "json"]].concat());
    run.expect(code).json()
}

/// Merges what was prepared, as a person does.
fn merge(repo: &TestRepo, branch: &str) {
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge what was prepared",
        branch,
    ]);
}

#[test]
fn what_has_landed_is_taken_back_on_a_branch_and_nothing_else_moves() {
    let repo = landed();
    let before = repo.refs();
    let run = repo.gate(&["undo", "core"]).expect(0);
    let mut after = repo.refs();
    let made = after.remove("refs/heads/gate/undo/core").unwrap();
    assert_eq!(
        (after, repo.git(&["status", "--porcelain"])),
        (before, String::new())
    );
    insta::assert_snapshot!(run.stdout, @r"
    gate/undo/core is at 60ef6d27c6: it takes back 1 merge of core in 3 paths of
      main (395fe1474b)
    landed since, and depending on core: ui (merge 395fe1474b)
    landed since, with changes of the same paths: agent/docs (1 path, merge
      baddd82735)
    review it, `git diff main...gate/undo/core`, and merge it yourself, without
      --squash, which would hide from gate what it takes back:
      `git switch main && git merge --no-ff gate/undo/core`
    for core to land again, revert that merge, or make the commits anew: merge main
      into their branch, then
      `git cherry-pick $(git rev-list --reverse --no-merges 6a937c7b9e^..6a937c7b9e^2)`:
      as they are, main has them already
    ");
    assert_eq!(repo.id("gate/undo/core^"), repo.id("main"));
    let changes = repo.git(&["diff", "--name-status", "main", "gate/undo/core"]);
    assert_eq!(changes, "A\tcore/a.rs\nD\tcore/b.rs\nM\tshared/list");
    let list = repo.git(&["show", "gate/undo/core:shared/list"]);
    assert_eq!(list, LIST.replace('8', "docs").trim_end());
    insta::assert_snapshot!(repo.git(&["log", "-1", "--format=%an <%ae> %at%n%B", &made]), @r"
    gate <gate@localhost.invalid> 1700000240
    Undo core

    Takes back what gate has merged of it into main, newest first:

    - 6a937c7b9e Merge agent/core

    Gate-Undo: core
    Gate-Undone: 6a937c7b9e2e81d510c40deb44dda24f9749399c
    ");
    // Whoever asks again gets the same, and nothing is written.
    repo.gate(&["undo", "core"])
        .expect(0)
        .says("gate/undo/core is at");
    assert_eq!(repo.id("gate/undo/core"), made);
    let twin = landed();
    assert_eq!(undo(&twin, &["core"], 0)["commit"], made);
}

#[test]
fn one_that_was_killed_is_ended_by_the_next() {
    let repo = landed();
    undo(&repo, &["core"], 0);
    let made = repo.id("gate/undo/core");
    // The branch did not exist before.
    let begun = format!("head HEAD\nref - {made} refs/heads/gate/undo/core\n");
    repo.write(".git/gate/landing", &begun);
    // Only what writes ends it.
    undo(&repo, &["core", "--dry-run"], 0);
    assert_eq!(repo.kept_by_gate(), ["landing", "lock", "quarantines"]);
    undo(&repo, &["core"], 0);
    assert_eq!(repo.kept_by_gate(), ["lock", "quarantines"]);
    assert_eq!(repo.id("gate/undo/core"), made);
}

#[test]
fn whoever_built_on_it_is_named() {
    let mut repo = landed();
    repo.commit(Commit::on("feature/x").from("agent/core").file("x", "x"));
    repo.commit(Commit::on("feature/y").from("main~3").file("y", "y"));
    let found = undo(&repo, &["core"], 0);
    let merge = |parent: &str| json!(repo.id(parent));
    assert_eq!(
        found["dependents"],
        json!([{"agent": "ui", "branch": "agent/ui", "merge": merge("main")}])
    );
    assert_eq!(
        found["same_paths"],
        json!([{
            "agent": "docs", "branch": "agent/docs", "merge": merge("main~1"),
            "paths": [{"path": "shared/list"}],
        }])
    );
    assert_eq!(
        found["carriers"],
        json!([{"branch": "feature/x", "agent": null}])
    );
    assert_eq!(found["preparation"], "prepared");
    let began = repo.id("agent/core~1");
    assert_eq!(found["merges"][0]["began"], began);
    for format in ["full", "concise", "github", "markdown"] {
        let run = repo.gate(&["undo", "core", "--format", format]).expect(0);
        for name in ["ui (merge", "agent/docs (1 path, merge", "feature/x"] {
            assert!(
                run.stdout.contains(name),
                "{format}: {name} in {}",
                run.stdout
            );
        }
    }
    repo.gate(&["undo", "docs"])
        .expect(0)
        .says("nobody has built on docs");
}

#[test]
fn whoever_made_the_same_change_is_named_although_its_merge_changed_nothing() {
    let mut repo = TestRepo::new(MANIFEST, &[("shared/list", LIST), ("docs/a", "a")]);
    let more = format!("{LIST}10\n");
    for branch in ["agent/core", "agent/docs"] {
        repo.commit(Commit::on(branch).from("main").file("shared/list", &more));
    }
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.git(&["diff", "--exit-code", "main", "main~1"]);
    let same = json!([{
        "agent": "docs", "branch": "agent/docs", "merge": repo.id("main"),
        "paths": [{"path": "shared/list"}],
    }]);
    let found = undo(&repo, &["core"], 0);
    assert_eq!(found["same_paths"], same);
    let list = repo.git(&["show", "gate/undo/core:shared/list"]);
    assert_eq!(list, LIST.trim_end());
    // Who only carries it has changed nothing there.
    let docs = Commit::on("agent/docs").from("main").file("docs/a", "b");
    repo.commit(docs);
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.git(&["branch", "-q", "-D", "gate/undo/core"]);
    assert_eq!(undo(&repo, &["core"], 0)["same_paths"], same);
}

#[test]
fn what_was_changed_again_since_is_a_conflict_and_nothing_is_written() {
    let mut repo = landed();
    let docs = Commit::on("agent/docs").from("main");
    repo.commit(docs.file("shared/list", &LIST.replace(['2', '8'], "docs")));
    repo.gate(&["integrate", "--land"]).expect(0);
    let refs = repo.refs();
    let run = repo.gate(&["undo", "core"]).expect(1);
    assert_eq!(repo.refs(), refs);
    insta::assert_snapshot!(run.stdout, @r"
    refused[conflict] shared/list, in commit 6a937c7b9e
      × taking back core conflicts with agent/docs in 1 path(s)
      | shared/list: agent/docs modified it, the undo of core modified it (contents)
      |   line 2 in agent/docs:
      |     docs
      |   line 2 in the undo of core:
      |     2
      help: take back first what agent/docs did on top, or revert it by hand and
            resolve the conflict there:
            `git revert -m 1 6a937c7b9e2e81d510c40deb44dda24f9749399c`

    `gate explain conflict` says more
    nothing was changed: 1 merge of core cannot be taken back from main (1c474c5841)
      like this
    landed since, and depending on core: ui (merge 395fe1474b)
    landed since, with changes of the same paths: agent/docs (1 path, merge
      1c474c5841)
    ");
    let found = undo(&repo, &["core"], 1);
    assert_eq!(
        (&found["preparation"], &found["commit"]),
        (&json!("refused"), &Value::Null)
    );
    assert_eq!(
        found["findings"][0]["conflicts"]["paths"][0]["sides"][0]["who"],
        json!(["agent/docs"])
    );
    // The newer work first, and it goes.
    repo.gate(&["undo", "docs"])
        .expect(0)
        .says("takes back 2 merges of docs in 1 path");
    merge(&repo, "gate/undo/docs");
    repo.gate(&["undo", "core"]).expect(0);
}

#[test]
fn what_nobody_of_them_changed_is_never_taken_back() {
    let mut repo = TestRepo::new(MANIFEST, &[("core/big", LIST)]);
    let changed = LIST.replace('2', "core");
    let core = Commit::on("agent/core").from("main");
    repo.commit(core.file("core/big", &changed));
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.git(&["rm", "-q", "core/big"]);
    repo.git(&["commit", "-q", "-m", "Remove it"]);
    let docs = Commit::on("agent/docs").from("main");
    repo.commit(docs.file("docs/copy", &changed));
    repo.gate(&["integrate", "--land"]).expect(0);
    let refs = repo.refs();
    for mode in [&["undo", "core"][..], &["undo", "core", "--dry-run"]] {
        let run = repo.gate(mode).expect(1);
        run.says("refused[stray-merge] docs/copy")
            .says("nothing was changed")
            .says("would also change docs/copy");
    }
    assert_eq!(repo.refs(), refs);
}

#[test]
fn several_branches_runs_and_milestones_are_taken_back_together() {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a.rs", "1\n")]);
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a.rs", "1\n2\n"),
    );
    repo.gate(&["publish", "core", "--milestone", "api"])
        .expect(0);
    repo.commit(Commit::on("agent/core").file("core/a.rs", "1\n2\n3\n"));
    repo.commit(
        Commit::on("agent/core-2")
            .from("main")
            .file("core/c.rs", "c"),
    );
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.commit(Commit::on("agent/core").file("core/a.rs", "1\n4\n"));
    repo.gate(&["integrate", "--land"]).expect(0);
    let all = undo(&repo, &["core", "--dry-run"], 0);
    let branches: Vec<_> = all["merges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|merge| &merge["branch"])
        .collect();
    assert_eq!(
        branches,
        ["agent/core", "agent/core-2", "agent/core", "core@api"]
    );
    assert_eq!(all["preparation"], "dry-run");
    assert!(!repo.try_git(&["cat-file", "-e", all["commit"].as_str().unwrap()]));
    undo(&repo, &["core"], 0);
    repo.git(&["diff", "--exit-code", "gate/undo/core", "main~4"]);
    // What goes on from the milestone is in the way of taking back that alone.
    let part = undo(&repo, &["core", "--milestone", "api"], 1);
    assert_eq!(part["dependents"][0]["agent"], "core");
    assert_eq!(part["branch"], "gate/undo/core@api");
}

#[test]
fn where_there_is_nothing_to_take_back_it_says_so() {
    let repo = landed();
    repo.gate(&["undo", "cor"])
        .expect(2)
        .says("did you mean `core`?");
    repo.gate(&["undo", "core", "--milestone", "a b"]).expect(2);
    let run = repo.gate(&["undo", "core", "--milestone", "api"]).expect(1);
    run.says("nothing of core@api to take back: main has no merge of such a")
        .says("milestone, and none was published");
    repo.git(&["rm", "-q", "core/b.rs"]);
    repo.git(&["checkout", "-q", "main~3", "--", "core/a.rs"]);
    repo.write("shared/list", &(LIST.replace('8', "docs") + "\n"));
    repo.git(&["commit", "-q", "-a", "-m", "By hand"]);
    let run = repo.gate(&["undo", "core"]).expect(1);
    run.says("refused[nothing-to-undo]")
        .says("main has nothing left of it");
}

#[test]
fn what_would_leave_no_valid_manifest_is_refused() {
    let trusted = "[\"core/\"]\n    trusted_with: [ownership.yaml]\n";
    let manifest = MANIFEST.replace("[\"core/\"]\n", trusted);
    let mut repo = TestRepo::new(&manifest, &[]);
    let agent = "agents:\n  api:\n    branch: agent/api\n";
    let with_agent = manifest.replace("agents:\n", agent);
    let core = Commit::on("agent/core").from("main");
    repo.commit(core.file("ownership.yaml", &with_agent));
    repo.gate(&["integrate", "--land"]).expect(0);
    let named = with_agent.replace("[core, docs]", "[core, docs, api]");
    repo.commit(Commit::on("main").file("ownership.yaml", &named));
    let run = repo.gate(&["undo", "core"]).expect(1);
    run.says("refused[manifest-refused]")
        .says("nothing was changed");
    assert!(!repo.refs().contains_key("refs/heads/gate/undo/core"));
}

#[test]
fn a_branch_that_is_in_the_way_is_left_alone() {
    let repo = landed();
    repo.git(&["branch", "gate/undo/core", "main"]);
    let refs = repo.refs();
    repo.gate(&["undo", "core"])
        .expect(3)
        .says("undecided[branch-exists]");
    repo.git(&["branch", "-q", "-D", "gate/undo/core"]);
    repo.git(&["branch", "gate/undo", "main"]);
    repo.gate(&["undo", "core"])
        .expect(3)
        .says("refs/heads/gate/undo is in the way of refs/heads/gate/undo/core");
    repo.git(&["branch", "-q", "-D", "gate/undo"]);
    repo.git(&[
        "symbolic-ref",
        "refs/heads/gate/undo/core",
        "refs/heads/main",
    ]);
    repo.gate(&["undo", "core"])
        .expect(3)
        .says("symbolic-branch");
    repo.git(&["symbolic-ref", "-d", "refs/heads/gate/undo/core"]);
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/gate/undo/core"]);
    repo.gate(&["undo", "core"])
        .expect(3)
        .says("gate/undo/core is checked out in");
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    assert_ne!(repo.refs(), refs);
    repo.gate(&["undo", "core"]).expect(0);
    let manifest = MANIFEST.replace("\"agent/core-*\"", "\"gate/undo/*\"");
    repo.write("ownership.yaml", &manifest);
    repo.git(&["commit", "-q", "-a", "-m", "Rename"]);
    repo.gate(&["undo", "ui"])
        .expect(2)
        .says("would belong to the agent core");
}
