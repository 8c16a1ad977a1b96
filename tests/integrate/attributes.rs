//! What `.gitattributes` say of merging: those of the target, and of nobody else.

use super::{MANIFEST, files};
use crate::support::{Commit, TestRepo};

const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n";

/// Both sides change both files: `shared/x` at its ends, `shared/list` at its end.
fn repo(attributes: &str) -> TestRepo {
    let mut files = vec![
        ("core/a.rs", "a"),
        ("ui/a.rs", "a"),
        ("docs/a.md", "a"),
        ("shared/x", LINES),
        ("shared/list", "first\n"),
    ];
    if !attributes.is_empty() {
        files.push((".gitattributes", attributes));
    }
    let mut repo = TestRepo::new(MANIFEST, &files);
    let [core, docs] =
        [("1\n", "one\n"), ("8\n", "eight\n")].map(|(from, to)| LINES.replace(from, to));
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("shared/x", &core)
            .file("shared/list", "first\ncore\n"),
    );
    let commit = Commit::on("agent/docs").from("main");
    repo.commit(commit.file("shared/x", &docs).file("docs/b.md", "b"));
    repo
}

#[test]
fn a_file_that_is_binary_in_the_target_is_in_conflict_as_in_git() {
    let repo = repo("shared/x binary\n");
    let refused = repo.gate(&["integrate", "--land"]);
    refused.expect(1).says("conflict").says("shared/x");
    assert!(!files(&repo, "main").contains(&"docs/b.md".to_owned()));
    let repo = self::repo("");
    repo.gate(&["integrate", "--land"]).expect(0);
}

#[test]
fn a_union_has_the_lines_of_both() {
    let mut repo = repo("shared/list merge=union\n");
    let docs = Commit::on("agent/docs").file("shared/list", "first\ndocs\n");
    repo.commit(docs);
    repo.gate(&["integrate", "--land"]).expect(0);
    let list = repo.git(&["show", "main:shared/list"]);
    assert_eq!(list, "first\ncore\ndocs");
    // The merge that git makes, too: so a branch that has merged the target is not blamed for it.
    repo.git(&["checkout", "-q", "main"]);
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("shared/list", "first\ncore\ndocs\nmore\n"),
    );
    repo.commit(Commit::on("main").file("shared/list", "first\ncore\ndocs\nlast\n"));
    let merged = "first\ncore\ndocs\nmore\nlast\n";
    let merge = Commit::on("agent/core").merging("main");
    repo.commit(merge.file("shared/list", merged));
    repo.gate(&["check", "branch", "agent/core"]).expect(0);
}

#[test]
fn what_a_branch_says_of_merging_counts_for_nothing() {
    let mut repo = repo("shared/list merge=union\n");
    let manifest = MANIFEST.replace(
        "owns: [\"docs/\"]",
        "owns: [\"docs/\"]\n    trusted_with: [\".gitattributes\"]",
    );
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    let docs = Commit::on("agent/docs").file(".gitattributes", "shared/x binary\n");
    repo.commit(docs.file("shared/list", "first\ndocs\n"));
    repo.gate(&["integrate"]).expect(0);
    let list = repo.git(&["show", "gate/integration:shared/list"]);
    assert_eq!(list, "first\ncore\ndocs");
}
