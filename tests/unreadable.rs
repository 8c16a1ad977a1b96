//! Branches that bring what nobody here can read.

use crate::support::{Commit, TestRepo};

const MANIFEST: &str = "\
version: 1
agents:
  core:
    branch: agent/core
    owns: [\"core/\"]
";

/// A commit on `agent/core` whose tree holds nothing but `z` in `core/`, with this mode and id.
fn with_entry(repo: &TestRepo, mode: &str, id: &str) {
    let mut core = format!("{mode} z\0").into_bytes();
    let digits = id.as_bytes().chunks(2);
    core.extend(digits.map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()));
    let core = repo.git_with_input(&["hash-object", "-w", "-t", "tree", "--stdin"], &core);
    let root = repo.git(&["ls-tree", "main"]);
    let others = root.lines().filter(|line| !line.ends_with("\tcore"));
    let mut root: Vec<_> = others.map(str::to_owned).collect();
    root.push(format!("040000 tree {core}\tcore\n"));
    let tree = repo.git_with_input(&["mktree"], root.join("\n").as_bytes());
    let tip = repo.git(&["commit-tree", &tree, "-p", "main", "-m", "Unreadable"]);
    repo.git(&["update-ref", "refs/heads/agent/core", &tip]);
}

#[test]
fn what_brings_an_object_that_nobody_can_read_is_undecided() {
    let missing = "2".repeat(40);
    for history in ["every-commit", "net"] {
        for passing in [false, true] {
            let manifest = format!("history: {history}\n{MANIFEST}");
            let mut repo = TestRepo::new(&manifest, &[("core/a.rs", "a"), ("docs/a", "a")]);
            let docs = repo.git(&["rev-parse", "main:docs"]);
            for (mode, id, code) in [
                ("100644", &missing, "missing-object"),
                ("120000", &missing, "missing-object"),
                ("100644", &docs, "broken-object"),
            ] {
                with_entry(&repo, mode, id);
                if passing {
                    repo.commit(
                        Commit::on("agent/core")
                            .delete("core/z")
                            .file("core/b", "b"),
                    );
                }
                let before = repo.id("main");
                repo.gate(&["check", "branch", "agent/core", "--format", "concise"])
                    .expect(3)
                    .says(&format!("agent/core: core/z: undecided[{code}]"));
                repo.gate(&["integrate", "--land"]).expect(1);
                assert_eq!(before, repo.id("main"), "{history} {mode} {id}");
            }
            // What a submodule points at is never here.
            with_entry(&repo, "160000", &missing);
            repo.gate(&["check", "branch", "agent/core", "--format", "concise"])
                .expect(1)
                .says("[submodule]");
        }
    }
}

#[test]
fn a_partial_clone_says_how_to_get_what_it_lacks() {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a.rs", "a")]);
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.path().display());
    let all = ["check", "branch", "--all", "--remote", "origin"];
    let refetch = "git fetch --refetch --no-filter";
    for (number, options, commands) in [
        ("1", &["--filter=blob:none"][..], &[refetch][..]),
        ("2", &["--filter=tree:0"], &[refetch]),
        (
            "3",
            &["--filter=tree:0", "--depth=1", "--no-single-branch"],
            &["git fetch --unshallow", refetch],
        ),
    ] {
        repo.git(&[&["clone", "-q", &url, number], options].concat());
        let clone = repo.path().join(number);
        let mut run = repo.gate_in(&clone, &all).expect(3);
        run = run.says("undecided[missing-object]");
        for command in commands {
            run = run.says(command);
            let words: Vec<_> = command.split(' ').skip(1).collect();
            repo.git(&[&["-C", number], &words[..], &["-q"]].concat());
        }
        repo.gate_in(&clone, &all).expect(0);
    }
}
