//! `gate conflicts`: who clashes with whom, alone, in pairs and in the order of the plan.

use crate::oracle::random::Random;
use crate::support::{Commit, TestRepo, clean_command};
use serde_json::Value;
use std::collections::BTreeSet;

const MANIFEST: &str = r#"version: 1
unowned: allow
agents:
  a: { branch: agent/a }
  b: { branch: agent/b }
  c: { branch: agent/c, depends_on: [b] }
  d: { branch: agent/d }
  e: { branch: agent/e }
shared:
  - { paths: ["list.txt"], agents: [d, e], rule: disjoint-lines }
"#;

const LIST: &str = "1\n2\n3\n4\n5\n6\n7\n8\n";

/// A repository with these files besides a list.
fn repo(files: &[(&str, &str)]) -> TestRepo {
    TestRepo::new(MANIFEST, &[&[("list.txt", LIST)], files].concat())
}

/// What `gate conflicts --format json` says, and its exit code.
fn forecast(repo: &TestRepo) -> (Value, i32) {
    let run = repo.gate(&["conflicts", "--format", "json"]);
    let document = run.json();
    (document, run.code)
}

/// What comes of every two branches: `a b merges`.
fn pairs(document: &Value) -> Vec<String> {
    let short = |name: &Value| name.as_str().unwrap().replace("agent/", "");
    let pair = |pair: &Value| {
        let result = pair["result"].as_str().unwrap();
        format!(
            "{} {} {result}",
            short(&pair["first"]),
            short(&pair["second"])
        )
    };
    document["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(pair)
        .collect()
}

/// One of each: lines, a dependency, a renamed directory, a file against a folder, a rule.
fn everything() -> TestRepo {
    let mut repo = repo(&[
        ("dir/one", "1\n2\n3\n"),
        ("dir/two", "1\n2\n3\n4\n"),
        ("x", "x\n"),
    ]);
    let on = |branch| Commit::on(branch).from("main");
    let renamed = on("agent/a").delete("dir/one").delete("dir/two");
    let renamed = renamed.file("folder/one", "1\n2\n3\n");
    repo.commit(renamed.file("folder/two", "1\n2\n3\n4\n"));
    repo.commit(on("agent/b").file("dir/three", "new").file("x", "b\n"));
    repo.commit(Commit::on("agent/c").from("agent/b").file("x", "c\n"));
    let line = LIST.replace('2', "two");
    repo.commit(
        on("agent/d")
            .file("file/below", "1")
            .file("list.txt", &line),
    );
    let line = LIST.replace('3', "three");
    repo.commit(on("agent/e").file("file", "1").file("list.txt", &line));
    repo
}

#[test]
fn people_see_the_plan_the_clashes_and_a_matrix() {
    let run = everything().gate(&["conflicts"]).expect(1);
    insta::assert_snapshot!(run.stdout, @r"
    in the order of the plan
       1. merges   agent/a (a)
       2. clashes  agent/b (b)
                   with 1: dir/three and 1 path more
       3. held     agent/c (c)
                   b, which it depends on, is out
       4. merges   agent/d (d)
       5. clashes  agent/e (e)
                   with 4: list.txt (disjoint-lines)

    clashes
       1 and 2: dir/three and 1 path more
       1 and 3: dir/three and 1 path more
       4 and 5: list.txt (disjoint-lines)

                       1  2  3  4
       2. agent/b (b)  x
       3. agent/c (c)  x  +
       4. agent/d (d)  .  .  .
       5. agent/e (e)  .  .  .  x

    . cannot meet   + merges   x clashes

    `gate explain CODE` says more
    compared 5 branches on main (2a973881be): 10 pairs, 6 apart, 1 merging, 3
      clashing; 3 left out in the order of the plan
    ");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn each_clash_has_one_concise_line() {
    let run = everything().gate(&["conflicts", "--format", "concise"]);
    insta::assert_snapshot!(run.expect(1).stdout, @r"
    dir/three: refused[conflict]: agent/b conflicts with agent/a in 2 path(s)
    dir/three: refused[conflict]: agent/c conflicts with agent/a in 2 path(s)
    list.txt: refused[disjoint-lines]: agent/e and agent/d change list.txt too close to each other: line 2 and line 3 (ownership.yaml:10:50)
    compared 5 branches on main (2a973881be): 10 pairs, 6 apart, 1 merging, 3 clashing; 3 left out in the order of the plan
    ");
}

#[test]
fn programs_get_all_pairs() {
    let repo = everything();
    let (document, code) = forecast(&repo);
    assert_eq!((code, &document["kind"]), (1, &"conflicts".into()));
    assert_eq!(
        pairs(&document),
        [
            "a b conflict",
            "a c conflict",
            "a d apart",
            "a e apart",
            "b c merges",
            "b d apart",
            "b e apart",
            "c d apart",
            "c e apart",
            "d e disjoint-lines",
        ]
    );
    let turns: Vec<_> = document["branches"].as_array().unwrap().iter().collect();
    let turns: Vec<_> = turns
        .iter()
        .map(|branch| branch["turn"].as_str().unwrap())
        .collect();
    assert_eq!(turns, ["merges", "clashes", "held", "merges", "clashes"]);
    assert_eq!(document["branches"][2]["held_on"], "b");
    assert_eq!(
        document["branches"][1]["with"],
        serde_json::json!(["agent/a"])
    );
    for format in ["github", "sarif", "markdown"] {
        repo.gate(&["conflicts", "--format", format]).expect(1);
    }
}

#[test]
fn nobody_clashes_where_everything_merges() {
    let mut repo = repo(&[("common", LIST)]);
    for branch in ["agent/a", "agent/b", "agent/d"] {
        let line = LIST.replace(if branch == "agent/a" { '2' } else { '7' }, "x");
        let commit = Commit::on(branch).from("main");
        repo.commit(
            commit
                .file(&format!("{branch}.txt"), "1")
                .file("common", &line),
        );
    }
    repo.git(&["branch", "agent/e", "main"]);
    let before = repo.refs();
    let (document, code) = forecast(&repo);
    assert_eq!(code, 0, "{document}");
    assert_eq!(pairs(&document), ["a b merges", "a d merges", "b d merges"]);
    assert_eq!(document["branches"][3]["turn"], "nothing-new");
    assert_eq!(before, repo.refs());
}

#[test]
fn what_does_not_merge_alone_says_nothing_of_others() {
    let mut repo = repo(&[("x", "1\n")]);
    for branch in ["agent/a", "agent/b"] {
        repo.commit(Commit::on(branch).from("main").file(branch, "1"));
    }
    repo.commit(Commit::on("agent/a").file("x", "a\n"));
    repo.commit(Commit::on("main").file("x", "main\n"));
    let run = repo.gate(&["conflicts", "--format", "concise"]).expect(1);
    run.says("x: refused[conflict]: agent/a conflicts with main in 1 path(s)");
    let (document, _) = forecast(&repo);
    assert_eq!(pairs(&document), ["a b untold"]);
    assert_eq!(document["branches"][0]["alone"]["result"], "conflict");
    assert_eq!(document["branches"][1]["turn"], "merges");
    // Nor does it merge behind others.
    repo.commit(Commit::on("agent/d").from("agent/a").file("y", "1"));
    let (document, _) = forecast(&repo);
    assert_eq!(document["branches"][2]["turn"], "clashes");
}

#[test]
fn what_only_three_cannot_do_is_found_in_the_order_of_the_plan() {
    // Two remove half of a directory each, and the third one adds to it.
    let text = "1\n2\n3\n4\n5\n6\n";
    let mut repo = repo(&[("dir/one", text), ("dir/two", &format!("{text}7\n"))]);
    let on = |branch| Commit::on(branch).from("main");
    repo.commit(on("agent/a").delete("dir/one").file("new/one", text));
    let other = format!("{text}7\n");
    repo.commit(on("agent/b").delete("dir/two").file("new/two", &other));
    repo.commit(on("agent/d").file("dir/three", "3"));
    let (document, code) = forecast(&repo);
    assert_eq!(pairs(&document), ["a b apart", "a d apart", "b d apart"]);
    assert_eq!(
        (&document["branches"][2]["turn"], code),
        (&"clashes".into(), 1)
    );
    let run = repo.gate(&["conflicts", "--format", "concise"]).expect(1);
    run.says("agent/d conflicts with several branches before it together");
}

#[test]
fn what_is_known_is_not_found_out_again_and_nothing_else_is_believed() {
    let mut repo = everything();
    let answers = |document: &Value| {
        let mut document = document.clone();
        document["remembered"].take();
        document
    };
    let (first, _) = forecast(&repo);
    assert_eq!(first["remembered"], 0);
    let (second, code) = forecast(&repo);
    assert_eq!(answers(&first), answers(&second));
    // Five branches and ten pairs; the order of the plan asks for nothing else.
    assert_eq!((&second["remembered"], code), (&15.into(), 1));
    // A branch that moves is asked about again, the others are not.
    repo.commit(Commit::on("agent/e").file("list.txt", LIST));
    let (third, _) = forecast(&repo);
    assert!(
        pairs(&third).contains(&"d e conflict".to_owned()),
        "{third}"
    );
    assert!(third["remembered"].as_u64().unwrap() >= 10, "{third}");
    // What was damaged is not believed, nor is what was kept under other rules.
    let file = repo.path().join(".git/gate/conflicts");
    let kept = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        kept.replace("clashes", "Clashes")
            .replace("apart", "merges"),
    )
    .unwrap();
    let (fourth, _) = forecast(&repo);
    assert_eq!(
        (answers(&fourth), &fourth["remembered"]),
        (answers(&third), &0.into())
    );
    let manifest = MANIFEST.replace("disjoint-lines", "merge");
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    assert_eq!(forecast(&repo).0["remembered"], 0);
    let left: Vec<_> = std::fs::read_dir(repo.path().join(".git/gate"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 2, "the lock and what is known: {left:?}");
}

#[test]
fn branches_of_a_remote_are_looked_at_where_one_is_named() {
    let repo = everything();
    let bare = repo.path().parent().unwrap().join("server.git");
    let bare = bare.to_str().unwrap();
    repo.git(&["clone", "-q", "--bare", ".", bare]);
    repo.git(&["remote", "add", "origin", bare]);
    repo.git(&["fetch", "-q", "origin"]);
    for branch in ["agent/a", "agent/b", "agent/c", "agent/d", "agent/e"] {
        repo.git(&["branch", "-D", branch]);
    }
    repo.gate(&["conflicts"]).expect(0);
    let run = repo.gate(&["conflicts", "--remote", "origin"]).expect(1);
    run.says("compared 5 branches on main");
    let run = repo.gate(&["conflicts", "--target", "nowhere"]).expect(2);
    run.says("there is no branch nowhere");
}

/// What git makes of merging `tip` onto `onto`: a commit, if it merges.
fn merged(repo: &TestRepo, onto: &str, tip: &str) -> Option<String> {
    let mut git = clean_command("git");
    let merge = ["merge-tree", "--write-tree", onto, tip];
    let output = git.args(merge).current_dir(repo.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let tree = text.lines().next().unwrap_or_default();
    let commit = ["commit-tree", tree, "-p", onto, "-p", tip, "-m", "merge"];
    output.status.success().then(|| repo.git(&commit))
}

/// Fails unless all that `document` says of merges is what git makes of them.
fn check_against_git(repo: &TestRepo, document: &Value) {
    let list = |key: &str| {
        let list = document[key].as_array();
        list.unwrap_or_else(|| panic!("{document}"))
    };
    for pair in list("pairs") {
        let text = |key: &str| pair[key].as_str().unwrap();
        let onto = merged(repo, "main", text("first"));
        let merges = onto.is_some_and(|onto| merged(repo, &onto, text("second")).is_some());
        match text("result") {
            "untold" => {}
            result => assert_eq!(merges, result != "conflict", "{pair}"),
        }
    }
    let mut line = "main".to_owned();
    for branch in list("branches") {
        let name = branch["branch"].as_str().unwrap();
        match (branch["turn"].as_str().unwrap(), merged(repo, &line, name)) {
            ("merges", Some(commit)) => line = commit,
            ("clashes", None) | ("held" | "nothing-new", _) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Moves, changes, deletes or adds something.
fn change<'a>(
    commit: Commit<'a>,
    files: &'a [(String, String)],
    random: &mut Random,
) -> Commit<'a> {
    let (path, content) = &files[random.below(files.len())];
    let folder = path.split('/').next().unwrap_or_default();
    let inside = files.iter().filter(|(other, _)| other.starts_with(folder));
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    match random.below(6) {
        0 => commit.delete(path),
        1 => inside.fold(commit, |commit, (other, content)| {
            let moved = other.replacen(folder, "moved", 1);
            commit.delete(other).file(leak(moved), content)
        }),
        2 => commit.delete(path).file("elsewhere/file", content),
        3 => commit.file(leak(format!("{folder}/new{}", random.below(2))), "new\n"),
        4 => commit
            .delete(path)
            .file(leak(format!("{path}/below")), "new\n"),
        _ => commit.file(path, leak(content.replace('5', "five"))),
    }
}

#[test]
fn what_a_killed_run_left_behind_goes_where_nothing_is_merged_either() {
    let repo = everything();
    let all_known = |repo: &TestRepo| {
        forecast(repo);
        repo.kept_by_gate()
    };
    let kept = all_known(&repo);
    for command in [&["conflicts"][..], &["check", "branch", "--all"]] {
        repo.write(".git/gate/quarantine-dead/lock", "");
        drop(repo.gate(command));
        assert_eq!(repo.kept_by_gate(), kept, "{command:?}");
    }
}

/// Set `GATE_TEST_FORECASTS` for more than the usual number.
#[test]
fn pairs_come_out_as_git_merges_them() {
    let rounds = std::env::var("GATE_TEST_FORECASTS").map_or(Ok(2), |text| text.parse());
    let mut seen = BTreeSet::new();
    for round in 0..rounds.expect("a number") {
        let mut random = Random::new(round);
        let files: Vec<_> = ["one/a", "one/b", "two/a", "two/b/c", "three/a"]
            .iter()
            .enumerate()
            .map(|(at, path)| {
                let lines = (0..9).map(|line| format!("{at}{line}\n"));
                ((*path).to_owned(), lines.collect::<String>())
            })
            .collect();
        let given: Vec<_> = files
            .iter()
            .map(|(path, content)| (&**path, &**content))
            .collect();
        let mut repo = repo(&given);
        let old = repo.id("main");
        repo.commit(Commit::on("main").file("three/late", "1\n"));
        for branch in ["agent/a", "agent/b", "agent/c", "agent/d"] {
            let from = if random.below(2) == 0 { "main" } else { &old };
            let commit = Commit::on(branch).from(from);
            repo.commit(change(commit, &files, &mut random));
        }
        let (document, _) = forecast(&repo);
        check_against_git(&repo, &document);
        for pair in document["pairs"].as_array().unwrap() {
            seen.insert(pair["result"].as_str().unwrap().to_owned());
        }
    }
    assert!(
        seen.contains("apart") && seen.contains("conflict"),
        "{seen:?}"
    );
}
