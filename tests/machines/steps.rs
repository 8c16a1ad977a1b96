//! `gate verify`: the steps that there are, what becomes of them, and what is published.

use super::{Machine, Project};
use crate::support::{Commit, Run, TestRepo};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What a machine lands by what origin says, and what it ran for it.
#[track_caller]
fn land(machine: &Machine, code: i32) -> (Run, Vec<String>) {
    let trust = ["integrate", "--land", "--trust-results", "origin"];
    let run = machine.gate(&[&trust[..], &["--format", "concise"]].concat());
    (run.expect(code), machine.ran())
}

#[test]
fn every_machine_finds_the_same_steps_in_the_order_of_an_integration() {
    let project = Project::new();
    let one = project.machine("one");
    let names = one.steps();
    let begins = [
        "agent-core-",
        "checkpoint-after-core-docs-",
        "agent-ui-",
        "whole",
    ];
    assert_eq!(names.len(), begins.len(), "{names:?}");
    for (name, begin) in names.iter().zip(begins) {
        assert!(name.starts_with(begin), "{names:?}");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        assert!(name.chars().all(plain), "{name}");
        one.git(&["check-ref-format", &format!("refs/x/{name}")]);
    }
    let listed = |machine: &Machine| machine.gate(&["verify", "--format", "json"]).stdout;
    assert_eq!(listed(&one), listed(&project.machine("two")));
    let said = one.gate(&["verify", "--format", "concise"]).expect(0);
    said.says("whole: the whole, tree ")
        .says("\n4 steps on main (");
    assert_eq!(one.ran(), [""; 0], "nothing is run");
    assert_eq!(project.passes(), [""; 0]);
}

#[test]
fn the_matrix_is_one_line_for_github() {
    let project = Project::new();
    let machine = project.machine("one");
    let matrix = machine
        .gate(&["plan", "--format", "github-matrix"])
        .expect(0);
    assert_eq!(matrix.stdout.matches('\n').count(), 1);
    let jobs: Vec<_> = machine
        .steps()
        .into_iter()
        .map(|step| serde_json::json!({ "steps": step }))
        .collect();
    assert_eq!(matrix.json(), serde_json::json!({ "include": jobs }));
    // What stands in the way of a matrix is a document, too.
    let failed = ["plan", "--format", "github-matrix", "--target", "nowhere"];
    let document = machine.gate(&failed).expect(2).json();
    assert_eq!(document["kind"], "failure");
    for other in [&["status"][..], &["verify", "whole"]] {
        let arguments = [other, &["--format", "github-matrix"]].concat();
        machine.gate(&arguments).expect(2);
    }
}

#[test]
fn a_name_outlives_commits_and_commands() {
    let mut project = Project::new();
    let before = project.machine("one").steps();
    project.deliver(Commit::on("agent/core").file("core/b", "more\n"));
    assert_eq!(project.machine("two").steps(), before);
}

#[test]
fn what_passed_elsewhere_is_not_run_where_it_lands() {
    let project = Project::new();
    let (one, two, three) = (
        project.machine("one"),
        project.machine("two"),
        project.machine("three"),
    );
    let steps = one.steps();
    let verify = ["verify", &steps[0], &steps[1], "--push", "origin"];
    let said = one.gate(&verify).expect(0).stdout.replace("\n  ", " ");
    assert!(said.contains("published as refs/gate/passes/"), "{said}");
    assert!(said.contains(", here and on origin\n"), "{said}");
    assert_eq!(one.ran(), ["core", "checkpoint"]);
    assert_eq!(project.passes().len(), 2);
    two.gate(&["verify", &steps[2], "--push", "origin"])
        .expect(0);
    assert_eq!(two.ran(), ["ui"]);
    assert_eq!(project.passes().len(), 3);
    // The whole was not verified: that is run here.
    let (run, ran) = land(&three, 0);
    assert_eq!(ran, ["whole"]);
    run.says("3 verifications not run, trusted to have passed by what origin says: agent/core, the checkpoint after core, docs, agent/ui");
    // Who trusts nobody comes to the same, the record included.
    let four = project.machine("four");
    four.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(four.ran(), ["core", "checkpoint", "ui", "whole"]);
    for name in ["main", "refs/gate/last-run"] {
        let (one, other) = (
            three.git(&["rev-parse", name]),
            four.git(&["rev-parse", name]),
        );
        assert_eq!(one, other, "{name}");
    }
}

#[test]
fn json_names_what_was_trusted_and_by_which_ref() {
    let project = Project::new();
    let (one, two) = (project.machine("one"), project.machine("two"));
    let verify = ["verify", "whole", "--push", "origin", "--format", "json"];
    let document = one.gate(&verify).expect(0).json();
    let step = &document["steps"][0];
    assert_eq!(document["kind"], "verify");
    assert_eq!(step["step"], "whole");
    assert_eq!(step["passed"], true);
    assert_eq!(step["pushed_to"], "origin");
    assert_eq!(project.passes(), [step["ref"].as_str().unwrap()]);
    let trust = ["integrate", "--trust-results", "origin", "--format", "json"];
    let document = two.gate(&trust).expect(0).json();
    let expected = serde_json::json!([{
        "subject": "the whole",
        "tree": step["tree"],
        "remote": "origin",
        "ref": step["ref"],
    }]);
    assert_eq!(document["trusted"], expected);
    assert_eq!(document["tree"], step["tree"]);
    // What was trusted once is not known for good.
    let ran = two.ran();
    assert_eq!(ran, ["core", "checkpoint", "ui"]);
    two.gate(&["integrate"]).expect(0);
    assert_eq!(two.ran(), ["whole"]);
}

#[test]
fn the_same_pass_is_the_same_ref_on_every_machine() {
    let project = Project::new();
    for name in ["one", "two"] {
        let machine = project.machine(name);
        let run = machine.gate(&["verify", "whole", "--push", "origin"]);
        run.expect(0);
        assert_eq!(machine.ran(), ["whole"], "{name}");
        assert_eq!(project.passes().len(), 1);
    }
}

#[test]
fn a_step_that_fails_is_not_published_and_ends_with_1() {
    let mut project = Project::new();
    project.deliver(Commit::on("agent/core").file("core/b", "BAD WORSE\n"));
    let machine = project.machine("one");
    let steps = machine.steps();
    let mut arguments = vec!["verify", "--push", "origin", "--format", "concise"];
    arguments.extend(steps.iter().map(String::as_str));
    let run = machine.gate(&arguments).expect(1);
    // One that fails stops no other.
    assert_eq!(machine.ran(), ["core", "checkpoint", "ui", "whole"]);
    assert_eq!(project.passes().len(), 2);
    run.says("agent/core: refused[verify-failed]: agent/core does not pass its verification")
        .says("the whole: refused[verify-failed]: the whole does not pass its verification")
        .says(&format!("{}: failed on the tree ", steps[0]));
    // Whoever lands tries what failed for itself.
    let two = project.machine("two");
    let (_, ran) = land(&two, 1);
    assert_eq!(ran[0], "core");
    let landed = ["merge-base", "--is-ancestor", "agent/core", "main"];
    let landed = two.command("git").args(landed).status().unwrap();
    assert!(!landed.success());
}

#[test]
fn what_cannot_be_asked_for_is_refused_by_name() {
    let project = Project::new();
    let machine = project.machine("one");
    let run = machine.gate(&["verify", "whol"]).expect(2);
    run.says("there is no step whol")
        .says("did you mean `whole`?");
    let run = machine.gate(&["verify", "whole", "--push", "nowhere"]);
    run.expect(2).says("there is no remote nowhere");
    let trust = ["integrate", "--trust-results", "nowhere"];
    machine
        .gate(&trust)
        .expect(2)
        .says("there is no remote nowhere");
    machine.gate(&["verify", "--push", "origin"]).expect(2);
    let both = ["integrate", "--fresh", "--trust-results", "origin"];
    machine.gate(&both).expect(2);
    // A remote that cannot be asked: nothing is taken for granted, and nothing is done.
    machine.git(&["remote", "add", "gone", "../gone.git"]);
    let before = machine.git(&["for-each-ref"]);
    let run = machine.gate(&["integrate", "--land", "--trust-results", "gone"]);
    run.expect(3).says("undecided[git]");
    assert_eq!(machine.ran(), [""; 0]);
    assert_eq!(machine.git(&["for-each-ref"]), before);
    machine
        .gate(&["verify", "whole", "--push", "gone"])
        .expect(3);
}

#[test]
fn where_nothing_is_to_be_merged_there_is_nothing_to_verify() {
    let project = Project::new();
    let machine = project.machine("one");
    machine.gate(&["integrate", "--land"]).expect(0);
    let matrix = machine.gate(&["plan", "--format", "github-matrix"]);
    assert_eq!(matrix.expect(0).stdout, "{\"include\":[]}\n");
    machine
        .gate(&["verify"])
        .expect(0)
        .says("nothing is to be verified");
}

/// Puts a hook into a repository.
fn hook(git_dir: &Path, name: &str, script: &str) {
    let path = git_dir.join("hooks").join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn two_machines_that_publish_the_same_at_once_both_succeed() {
    let project = Project::new();
    let machine = project.machine("one");
    // Whoever is faster: it pushes between the look at the remote and the push.
    let faster = "while read -r local id remote rest; do
  git push -q --no-verify origin \"$id:$remote\"
done";
    hook(&machine.folder.join(".git"), "pre-push", faster);
    let run = machine.gate(&["verify", "whole", "--push", "origin"]);
    run.expect(0).says("1 passed");
    assert_eq!(project.passes().len(), 1);
}

#[test]
fn a_remote_that_refuses_a_pass_is_named_and_the_exit_code_is_3() {
    let project = Project::new();
    let machine = project.machine("one");
    hook(&project.origin(), "pre-receive", "exit 1");
    let run = machine.gate(&["verify", "whole", "--push", "origin"]);
    run.expect(3)
        .says("undecided[push-refused]")
        .says("origin does not take it");
    assert_eq!(project.passes(), [""; 0]);
    // It has passed all the same, and need not run again.
    assert_eq!(machine.ran(), ["whole"]);
    fs::remove_file(project.origin().join("hooks/pre-receive")).unwrap();
    let run = machine.gate(&["verify", "whole", "--push", "origin"]);
    run.expect(0);
    assert_eq!(machine.ran(), [""; 0]);
    assert_eq!(project.passes().len(), 1);
    let fresh = ["verify", "whole", "--fresh", "--push", "origin"];
    machine.gate(&fresh).expect(0);
    assert_eq!(machine.ran(), ["whole"]);
}

#[test]
fn both_hash_algorithms_have_passes() {
    let mut seed = TestRepo::of_format("sha256", &super::manifest(), &[("README", "text\n")]);
    seed.commit(
        Commit::on("agent/docs")
            .from("main")
            .file("docs/a", "new\n"),
    );
    let bare = ["init", "-q", "--bare", "-b", "main"];
    let format = ["--object-format=sha256", "../origin.git"];
    seed.git(&[&bare[..], &format].concat());
    seed.git(&["remote", "add", "origin", "../origin.git"]);
    seed.git(&["push", "-q", "origin", "--all"]);
    let project = Project { seed };
    let (one, two) = (project.machine("one"), project.machine("two"));
    let verify = ["verify", "whole", "--push", "origin"];
    one.gate(&verify).expect(0);
    let trust = ["integrate", "--dry-run", "--trust-results", "origin"];
    let run = two.gate(&trust).expect(0);
    run.says("1 verification not run, trusted");
}
