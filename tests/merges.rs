//! Merge commits in a branch: what git could not settle, somebody did.

use crate::support::{Commit, TestRepo};
use gate::engine::merge_each;
use gate::repo::Merge;
use gate::words::ObjectId;

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [core]
"#;

fn repo() -> TestRepo {
    TestRepo::new(MANIFEST, &[("core/a", "base\n"), ("ui/a", "base\n")])
}

/// What a merge of these two leaves behind.
fn with_markers(repo: &TestRepo, ours: &str, theirs: &str, path: &str) -> String {
    let arguments = [
        "merge-tree",
        "--write-tree",
        &repo.id(ours),
        &repo.id(theirs),
    ];
    let mut git = crate::support::clean_command("git");
    let output = git
        .current_dir(repo.path())
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let tree = text.lines().next().unwrap();
    let content = repo.git(&["show", &format!("{tree}:{path}")]) + "\n";
    assert!(content.contains("<<<<<<<"), "{content}");
    content
}

/// `agent/ui`, on top of `agent/core` as it was; both core and the target have changed `core/a` since.
fn conflict() -> TestRepo {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a", "core\n"),
    );
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/core")
            .file("ui/b", "b\n"),
    );
    repo.commit(Commit::on("main").file("core/a", "main\n"));
    repo
}

#[test]
fn a_conflict_is_settled_by_the_version_of_the_target() {
    let mut repo = conflict();
    let settled = Commit::on("agent/ui").merging("main");
    repo.commit(settled.file("core/a", "main\n"));
    repo.judged("agent/ui", 0, "agent/ui: accepted");
    repo.commit(Commit::on("agent/ui").from("agent/ui~1"));
    let settled = Commit::on("agent/ui").merging("main");
    repo.commit(settled.file("core/a", "mine\n"));
    repo.judged("agent/ui", 1, "[owned-by-another]");
}

#[test]
fn conflict_markers_in_a_file_of_another_are_a_change() {
    let mut repo = conflict();
    let markers = with_markers(&repo, "agent/ui", "main", "core/a");
    let settled = Commit::on("agent/ui").merging("main");
    repo.commit(settled.file("core/a", &markers));
    let merge = repo.id("agent/ui");
    // Taken back by one more merge, which is in order itself.
    repo.commit(Commit::on("main").file("core/a", "more\n"));
    let settled = Commit::on("agent/ui").merging("main");
    repo.commit(settled.file("core/a", "more\n"));
    repo.judged("agent/ui", 1, &merge[..10]);
}

#[test]
fn a_merge_of_another_root_that_the_target_has_is_nobodys_fault() {
    let mut repo = repo();
    repo.commit(Commit::on("other").file("core/new", "new\n"));
    repo.commit(
        Commit::on("main")
            .merging("other")
            .file("core/new", "new\n"),
    );
    repo.commit(Commit::on("agent/ui").from("main~1").file("ui/b", "b\n"));
    let merge = Commit::on("agent/ui").merging("other");
    repo.commit(merge.file("core/new", "new\n"));
    repo.judged("agent/ui", 0, "agent/ui: waiting");
    // To leave it out is to delete it.
    repo.commit(Commit::on("agent/ui").from("agent/ui~1").merging("other"));
    repo.judged("agent/ui", 1, "core/new");
}

/// The target and `agent/ui` have merged each other twice, and settled `core/a` differently.
fn crossed() -> TestRepo {
    let mut repo = conflict();
    let core = repo.id("agent/core");
    let main = repo.id("main");
    repo.commit(
        Commit::on("agent/ui")
            .merging(&main)
            .file("core/a", "main\n"),
    );
    repo.commit(Commit::on("main").merging(&core).file("core/a", "core\n"));
    repo.git(&["branch", "-D", "agent/core"]);
    let bases = repo.git(&["merge-base", "--all", "main", "agent/ui"]);
    assert_eq!(bases.lines().count(), 2);
    repo
}

#[test]
fn where_merge_bases_contradict_each_other_a_known_version_is_no_change() {
    let mut net = crossed();
    let manifest = MANIFEST.replace("version: 1", "version: 1\nhistory: net");
    net.commit(Commit::on("main").file("ownership.yaml", &manifest));
    net.judged("agent/ui", 0, "agent/ui: waiting");
    // That of the other base, too.
    net.commit(Commit::on("agent/ui").file("core/a", "core\n"));
    net.judged("agent/ui", 0, "agent/ui: waiting");
    net.commit(Commit::on("agent/ui").file("core/a", "mine\n"));
    net.judged("agent/ui", 1, "core/a: refused[owned-by-another]");
    // What the merge of the bases leaves behind is nobody's version.
    let bases = net.git(&["merge-base", "--all", "main", "agent/ui"]);
    let (one, other) = bases.split_once('\n').unwrap();
    let markers = with_markers(&net, one, other, "core/a");
    net.commit(Commit::on("agent/ui").file("core/a", &markers));
    net.judged("agent/ui", 1, "core/a: refused[owned-by-another]");
}

#[test]
fn many_merges_at_once_are_those_of_one_after_the_other() {
    let lines = |changed: usize, text: &str| -> String {
        let line = |number| match number {
            number if number == changed => format!("{text}\n"),
            number => format!("{number}\n"),
        };
        (0..60).map(line).collect()
    };
    let mut repo = TestRepo::new(MANIFEST, &[("core/a", &lines(60, ""))]);
    let mut names = Vec::new();
    for number in 0..6 {
        let name = format!("topic/{number}");
        let content = lines(number / 2 * 10, &name);
        repo.commit(Commit::on(&name).from("main").file("core/a", &content));
        names.push(name);
    }
    let opened = gate::repo::Repo::open(&repo.path()).expect("a repository");
    let id = |name: &String| ObjectId::from_hex(&repo.id(name)).expect("an id");
    let ids: Vec<_> = names.iter().map(id).collect();
    let each = |one| ids.iter().map(move |other| (one, *other));
    let pairs: Vec<_> = ids.iter().flat_map(|one| each(*one)).collect();
    let quarantine = opened.quarantine().expect("a quarantine");
    let one_by_one: Vec<_> = pairs
        .iter()
        .map(|(one, other)| quarantine.merge(*one, *other).expect("a merge"))
        .collect();
    let is_conflict = |merge: &&Merge| matches!(merge, Merge::Conflict { .. });
    assert_eq!(one_by_one.iter().filter(is_conflict).count(), 6);
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads");
        let quarantine = opened.quarantine().expect("a quarantine");
        let merged = pool.install(|| merge_each(&quarantine, &pairs));
        assert_eq!(merged.expect("merges"), one_by_one, "{threads} threads");
    }
}
