//! `gate publish`.

use super::{MANIFEST, publish, repo};
use crate::support::{Commit, TestRepo};
use serde_json::{Value, json};

const API: &str = "refs/gate/milestones/storage/api";

#[test]
fn a_milestone_is_the_tip_or_a_commit_below_it() {
    let repo = repo();
    let run = repo
        .gate(&["publish", "storage", "--milestone", "api"])
        .expect(0);
    let tip = repo.id("agent/storage");
    assert_eq!(
        run.stdout,
        format!(
            "storage@api is published at {}\nuser depends on it\nshare it: `git push REMOTE {API}`\n",
            &tip[..10]
        )
    );
    assert_eq!(repo.refs()[API], tip);
    let again = repo
        .gate(&["publish", "storage", "--milestone", "api"])
        .expect(0);
    again.says("is published at").says("already");
    publish(&repo, "storage", "other", "agent/storage~1").says("nobody depends on storage@other");
    assert_eq!(
        repo.refs()["refs/gate/milestones/storage/other"],
        repo.id("agent/storage~1")
    );
}

#[test]
fn programs_get_a_document() {
    let repo = repo();
    let run = repo
        .gate(&["publish", "storage", "--format", "json"])
        .expect(0);
    let document = run.json();
    assert_eq!(document["kind"], "publish");
    assert_eq!(document["ref"], "refs/gate/finished/storage");
    assert_eq!(document["commit"], repo.id("agent/storage").as_str());
    assert_eq!(document["milestone"], Value::Null);
    assert_eq!(document["before"], Value::Null);
    assert_eq!(document["dependents"], json!(["whole"]));
}

#[test]
fn whoever_depends_on_a_milestone_of_it_is_told_from_who_waits_for_the_end() {
    let publish = |repo: &TestRepo, format: &str| {
        let run = repo.gate(&["publish", "storage", "--format", format]);
        run.expect(0)
    };
    publish(&repo(), "full").says("\nwhole depends on it, user on storage@api\n");
    let mut nobody = repo();
    let manifest = MANIFEST.replace("    depends_on: [storage]\n", "");
    nobody.commit(Commit::on("main").file("ownership.yaml", &manifest));
    publish(&nobody, "full")
        .says("\nnobody depends on the whole of storage, user on storage@api\n");
    let document = publish(&nobody, "json").json();
    assert_eq!(document["dependents"], json!([]));
    assert_eq!(
        document["milestone_dependents"],
        json!([{"agent": "user", "milestone": "api"}])
    );
    // A milestone has no milestones.
    let document = repo()
        .gate(&[
            "publish",
            "storage",
            "--milestone",
            "api",
            "--format",
            "json",
        ])
        .json();
    assert_eq!(document["dependents"], json!(["user"]));
    assert_eq!(document["milestone_dependents"], json!([]));
}

#[test]
fn what_is_published_only_moves_forward() {
    let mut repo = repo();
    publish(&repo, "storage", "api", "agent/storage~1");
    publish(&repo, "storage", "api", "agent/storage").says("further on");
    let back = [
        "publish",
        "storage",
        "--milestone",
        "api",
        "--commit",
        "agent/storage~1",
    ];
    repo.gate(&back).expect(1).says("refused[taken-back]");
    assert_eq!(repo.refs()[API], repo.id("agent/storage"));
    let again = Commit::on("agent/storage").from("main");
    repo.commit(again.file("storage/api", "other"));
    repo.gate(&["publish", "storage", "--milestone", "api"])
        .expect(1)
        .says("is not on top\n");
}

#[test]
fn only_accepted_work_of_the_agent_is_published() {
    let mut repo = repo();
    let refs = repo.refs();
    for (arguments, code, says) in [
        (&["publish", "nobody"][..], 2, "error[unknown-agent]"),
        (&["publish", "storag"], 2, "did you mean `storage`?"),
        (
            &["publish", "storage", "--milestone", "a/b"],
            2,
            "error[usage]",
        ),
        (
            &["publish", "storage", "--milestone", "x.lock"],
            2,
            "error[usage]",
        ),
        (
            &["publish", "storage", "--commit", "nothing"],
            2,
            "there is no commit nothing",
        ),
        (
            &["publish", "storage", "--commit", "agent/user"],
            1,
            "refused[commit-elsewhere]",
        ),
    ] {
        repo.gate(arguments).expect(code).says(says);
    }
    repo.commit(Commit::on("agent/storage").file("user/a", "x"));
    repo.gate(&["publish", "storage"])
        .expect(1)
        .says("refused[owned-by-another]");
    repo.git(&["branch", "-q", "-D", "agent/storage"]);
    repo.gate(&["publish", "storage"])
        .expect(2)
        .says("storage has no branch yet");
    let published = |refs: std::collections::BTreeMap<String, String>| {
        refs.into_keys()
            .filter(|name| name.starts_with("refs/gate/"))
            .count()
    };
    assert_eq!((published(refs), published(repo.refs())), (0, 0));
}

#[test]
fn which_of_several_branches_is_meant_must_be_said() {
    let manifest = MANIFEST.replace("branch: agent/storage", "branch: 'agent/storage*'");
    let mut repo = TestRepo::new(&manifest, &[("storage/a", "a")]);
    for (branch, file) in [
        ("agent/storage", "storage/b"),
        ("agent/storage-2", "storage/c"),
    ] {
        repo.commit(Commit::on(branch).from("main").file(file, "x"));
    }
    repo.gate(&["publish", "storage"])
        .expect(2)
        .says("--commit BRANCH");
    repo.gate(&["publish", "storage", "--commit", "agent/storage-2"])
        .expect(0);
    assert_eq!(
        repo.refs()["refs/gate/finished/storage"],
        repo.id("agent/storage-2")
    );
}

#[test]
fn a_ref_that_is_no_commit_is_undecided() {
    let repo = repo();
    repo.git(&["update-ref", API, "main^{tree}"]);
    repo.gate(&["publish", "storage", "--milestone", "api"])
        .expect(3)
        .says("undecided[not-a-commit]");
    let run = repo
        .gate(&["check", "branch", "--all", "--format", "concise"])
        .expect(3);
    run.says("storage@api: undecided[not-a-commit]");
    repo.git(&["update-ref", "-d", API]);
    repo.git(&["symbolic-ref", API, "refs/heads/agent/storage"]);
    repo.gate(&["publish", "storage", "--milestone", "api"])
        .expect(3)
        .says("undecided[symbolic-branch]");
}

#[test]
fn rules_that_the_target_does_not_have_yet_publish_nothing() {
    let mut repo = TestRepo::empty();
    repo.commit(Commit::on("main").file("a", "a"));
    repo.git(&["reset", "-q", "--hard"]);
    repo.write("ownership.yaml", MANIFEST);
    repo.commit(
        Commit::on("agent/storage")
            .from("main")
            .file("storage/a", "a"),
    );
    repo.gate(&["publish", "storage"])
        .expect(2)
        .says("error[no-manifest]");
}
