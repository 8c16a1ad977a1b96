//! The same commits get the same verdict wherever and however they are judged.

use crate::support::{Commit, Run, TestRepo};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [core]
  docs:
    branch: agent/docs
    owns: ["docs/", "*.md"]
  evil:
    branch: agent/evil
    owns: ["evil/"]
shared:
  - paths: ["shared/"]
    agents: [core, docs, ui]
verify: ["test -e ownership.yaml"]
"#;
const SHARED: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
/// Hands everything over to what the configuration says.
const ATTRIBUTES: &str = "* merge=hostile diff=hostile filter=hostile text eol=crlf\n";
/// What is asked in every place.
const QUESTIONS: &[&[&str]] = &[
    &["check", "branch", "--all"],
    &["integrate", "--dry-run"],
    &["who", "--tree"],
];

/// Branches of every kind: honest ones with merges that git has to make, a carried merge, an evil one,
/// a rename, a link, another's file, a name that is one with another for some systems.
fn build(init: &[&str]) -> TestRepo {
    let mut repo = TestRepo::with(init);
    let begin = Commit::on("main").file("ownership.yaml", MANIFEST);
    let begin = begin.file(".gitattributes", ATTRIBUTES);
    let begin = begin
        .file("core/a.rs", "a\nb\nc\nd\n")
        .file("ui/a.rs", "b\n");
    repo.commit(begin.file("docs/a", "c\n").file("shared/list", SHARED));
    let seven = SHARED.replace('7', "seven");
    let moved = Commit::on("agent/core").from("main").delete("core/a.rs");
    let moved = moved.file("core/moved.rs", "a\nb\nc\nd\n");
    let moved = moved.entry("core/run", "100755", b"#!/bin/sh\n");
    repo.commit(
        moved
            .entry("core/link", "120000", b"moved.rs")
            .file("shared/list", &seven),
    );
    let dependent = Commit::on("agent/ui").from("agent/core");
    repo.commit(dependent.file("ui/b.rs", "b\n"));
    let one = SHARED.replace('1', "one");
    repo.commit(
        Commit::on("main")
            .file("shared/list", &one)
            .file("core/a.rs", "a\nb\nC\nd\n"),
    );
    // As git merges it: the target's line goes into the file that was moved, and both lists are one.
    let both = seven.replace('1', "one");
    let carried = Commit::on("agent/ui")
        .merging("main")
        .file("shared/list", &both);
    repo.commit(carried.file("core/moved.rs", "a\nb\nC\nd\n"));
    repo.commit(
        Commit::on("agent/docs")
            .from("main~1")
            .file("docs/A", "c\n"),
    );
    repo.commit(Commit::on("agent/docs").file("shared/list", &SHARED.replace('9', "nine")));
    repo.commit(
        Commit::on("agent/evil")
            .from("main~1")
            .file("evil/a", "a\n"),
    );
    let evil = Commit::on("agent/evil")
        .merging("main")
        .file("core/a.rs", "evil\n");
    repo.commit(evil.file("shared/list", &one));
    repo.commit(Commit::on("agent/evil").file("core/a.rs", "a\nb\nC\nd\n"));
    repo
}

/// Everything that gate answers in `folder`, after `change` was made to the commands.
fn answers(repo: &TestRepo, folder: &Path, change: &dyn Fn(&mut Command)) -> Vec<(i32, String)> {
    let answer = |question: &&[&str]| {
        let mut command = repo.gate_command(folder, &[*question, &["--format", "json"]].concat());
        change(&mut command);
        let Run { code, stdout, .. } = Run::of(&mut command);
        (code, stdout)
    };
    QUESTIONS.iter().map(answer).collect()
}

/// Stages a file of another for `agent/core`, and says what gate says of it.
fn staged(repo: &TestRepo, change: &dyn Fn(&mut Command)) -> (i32, String) {
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/agent/core"]);
    repo.git(&["read-tree", "agent/core"]);
    let entry = format!(
        "100755,{},ui/a.rs",
        repo.git(&["rev-parse", "main:ui/a.rs"])
    );
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    let question = ["check", "staged", "--format", "json"];
    let mut command = repo.gate_command(&repo.path(), &question);
    change(&mut command);
    let Run { code, stdout, .. } = Run::of(&mut command);
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    assert_eq!(code, 1, "{stdout}");
    (code, stdout)
}

/// The answers in the plain repository: two branches go, two are refused.
fn expected(repo: &TestRepo) -> Vec<(i32, String)> {
    let expected = answers(repo, &repo.path(), &|_| {});
    let codes: Vec<_> = expected.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [1, 1, 0], "{expected:?}");
    let said = &expected[0].1;
    assert_eq!(
        said.matches(r#""standing":"accepted""#).count(),
        2,
        "{said}"
    );
    assert_eq!(said.matches(r#""standing":"refused""#).count(), 2, "{said}");
    expected
}

fn beside(repo: &TestRepo, name: &str) -> PathBuf {
    repo.path().parent().unwrap().join(name)
}

#[test]
fn from_every_place_and_every_storage() {
    let repo = build(&[]);
    let expected = expected(&repo);
    let same = |folder: &Path, what: &str| {
        assert_eq!(answers(&repo, folder, &|_| {}), expected, "{what}");
    };
    let linked = beside(&repo, "linked");
    let place = linked.display().to_string();
    repo.git(&["worktree", "add", "-q", "--detach", &place, "agent/evil"]);
    same(&linked, "a linked work tree of another commit");
    fs::create_dir(repo.path().join("below")).unwrap();
    same(&repo.path().join("below"), "a folder below");
    same(&repo.path().join(".git"), "the git directory");
    let alias = beside(&repo, "alias");
    symlink(repo.path(), &alias).unwrap();
    same(&alias, "a link to the repository");
    let bare = beside(&repo, "bare.git").display().to_string();
    repo.git(&["clone", "-q", "--bare", "--no-local", ".", &bare]);
    same(Path::new(&bare), "a bare clone");
    let borrowing = beside(&repo, "borrowing.git").display().to_string();
    repo.git(&["clone", "-q", "--mirror", "--shared", ".", &borrowing]);
    same(Path::new(&borrowing), "a clone that borrows its objects");
    for how in [
        &["pack-refs", "--all", "--prune"][..],
        &["commit-graph", "write", "--reachable", "--changed-paths"],
        &["repack", "-q", "-a", "-d", "-f", "--depth=50"],
        &["multi-pack-index", "write"],
        &["commit-graph", "write", "--reachable", "--split"],
    ] {
        repo.git(how);
        same(&repo.path(), how[0]);
    }
}

#[test]
fn with_refs_in_tables() {
    let tables = build(&["--ref-format=reftable"]);
    let files = build(&[]);
    assert_eq!(tables.id("agent/ui"), files.id("agent/ui"));
    let expected = expected(&files);
    assert_eq!(answers(&tables, &tables.path(), &|_| {}), expected);
}

/// Every object id, by the first ten digits, as a number in the order in which they come.
fn without_ids(text: &str) -> String {
    let mut numbers = BTreeMap::new();
    let mut plain = String::new();
    let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    for word in text.split_inclusive(|c: char| !is_digit(c)) {
        let digits = word.trim_end_matches(|c| !is_digit(c));
        if [10, 40, 64].contains(&digits.len()) {
            let next = numbers.len();
            let number = *numbers.entry(digits[..10].to_owned()).or_insert(next);
            let rest = &word[digits.len()..];
            write!(plain, "<{number}>{rest}").expect("a string");
        } else {
            plain += word;
        }
    }
    plain
}

#[test]
fn with_longer_object_ids() {
    let long = build(&["--object-format=sha256"]);
    assert_eq!(long.id("main").len(), 64);
    let short = build(&[]);
    let plain = |answers: Vec<(i32, String)>| -> Vec<_> {
        let plain = answers
            .into_iter()
            .map(|(code, text)| (code, without_ids(&text)));
        plain.collect()
    };
    let (one, other) = (expected(&long), expected(&short));
    assert_ne!(one, other);
    assert_eq!(plain(one), plain(other));
}

// One table: a row for each set of variables that could have a say.
#[test]
fn in_every_environment() {
    let repo = build(&[]);
    let expected = expected(&repo);
    let of_staged = staged(&repo, &|_| {});
    let nowhere = beside(&repo, "nowhere").display().to_string();
    for variables in [
        &[("RAYON_NUM_THREADS", "1")][..],
        &[("RAYON_NUM_THREADS", "8")],
        &[
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("LANGUAGE", "tr"),
        ],
        &[("LC_ALL", "no such locale"), ("TZ", "Pacific/Kiritimati")],
        &[("LC_ALL", "C"), ("LANG", "")],
        &[
            ("GIT_EXTERNAL_DIFF", "false"),
            ("GIT_DIFF_OPTS", "-u0"),
            ("GIT_MERGE_VERBOSITY", "5"),
            ("GIT_MERGE_AUTOEDIT", "yes"),
            ("GIT_EDITOR", "false"),
            ("GIT_PAGER", "false"),
            ("GIT_ASKPASS", "false"),
        ],
        &[
            ("GIT_LITERAL_PATHSPECS", "1"),
            ("GIT_FLUSH", "1"),
            ("GIT_OPTIONAL_LOCKS", "1"),
            ("GIT_ADVICE", "1"),
        ],
        &[("GIT_ICASE_PATHSPECS", "1")],
        &[
            ("GIT_NO_REPLACE_OBJECTS", "0"),
            ("GIT_REPLACE_REF_BASE", "refs/heads/"),
        ],
        &[
            ("GIT_GRAFT_FILE", "ownership.yaml"),
            ("GIT_ATTR_NOSYSTEM", "0"),
        ],
        &[("GIT_ATTR_SOURCE", "main")],
        &[
            ("GIT_DEFAULT_HASH", "sha256"),
            ("GIT_DEFAULT_REF_FORMAT", "reftable"),
        ],
        &[
            ("GIT_TRACE", "1"),
            ("GIT_TRACE2", "1"),
            ("GIT_TRACE_SETUP", "1"),
        ],
        &[
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "diff.renames"),
            ("GIT_CONFIG_VALUE_0", "copies"),
            ("GIT_CONFIG_KEY_1", "merge.directoryRenames"),
            ("GIT_CONFIG_VALUE_1", "true"),
        ],
        &[(
            "GIT_CONFIG_PARAMETERS",
            "'core.quotepath=false' 'merge.renames=false'",
        )],
        &[("GIT_TEMPLATE_DIR", &nowhere), ("GIT_NAMESPACE", "")],
        &[
            ("GIT_AUTHOR_DATE", "1 +0000"),
            ("GIT_COMMITTER_DATE", "1 +0000"),
        ],
        &[
            ("GIT_COMMITTER_NAME", "Eve"),
            ("GIT_AUTHOR_EMAIL", "eve@example.org"),
        ],
    ] {
        let change = |command: &mut Command| {
            command.envs(variables.iter().copied());
        };
        let found = answers(&repo, &repo.path(), &change);
        assert_eq!(found, expected, "{variables:?}");
        assert_eq!(staged(&repo, &change), of_staged, "{variables:?}");
    }
}

// One table: a row for each key that could have a say.
#[test]
fn with_every_configuration() {
    let repo = build(&[]);
    let expected = expected(&repo);
    let of_staged = staged(&repo, &|_| {});
    let attributes = beside(&repo, "attributes");
    fs::write(&attributes, ATTRIBUTES).unwrap();
    fs::write(repo.path().join(".git/info/attributes"), "* -merge -diff\n").unwrap();
    for settings in [
        &[
            ("merge.hostile.driver", "true"),
            ("merge.hostile.recursive", "binary"),
            ("merge.default", "union"),
            ("diff.hostile.textconv", "false"),
            ("diff.hostile.command", "false"),
            ("diff.external", "false"),
            ("filter.hostile.clean", "false"),
            ("filter.hostile.smudge", "false"),
            ("filter.hostile.process", "false"),
            ("filter.hostile.required", "true"),
            ("core.attributesFile", attributes.to_str().unwrap()),
        ][..],
        &[
            ("diff.renames", "false"),
            ("diff.renameLimit", "1"),
            ("merge.renames", "false"),
            ("merge.renameLimit", "1"),
            ("merge.directoryRenames", "true"),
            ("merge.conflictStyle", "zdiff3"),
            ("merge.renormalize", "true"),
        ],
        &[
            ("diff.algorithm", "patience"),
            ("diff.orderFile", "ownership.yaml"),
            ("diff.relative", "true"),
            ("diff.noprefix", "true"),
            ("diff.ignoreSubmodules", "all"),
            ("diff.submodule", "log"),
            ("diff.wsErrorHighlight", "all"),
            ("diff.interHunkContext", "9"),
        ],
        &[
            ("core.ignoreCase", "true"),
            ("core.precomposeUnicode", "true"),
            ("core.protectHFS", "false"),
            ("core.protectNTFS", "false"),
            ("core.fileMode", "false"),
            ("core.symlinks", "false"),
            ("core.autocrlf", "true"),
            ("core.eol", "crlf"),
            ("core.safecrlf", "true"),
            ("core.quotePath", "false"),
        ],
        &[
            ("core.useReplaceRefs", "true"),
            ("core.commitGraph", "false"),
            ("core.multiPackIndex", "false"),
            ("core.bigFileThreshold", "1"),
            ("core.abbrev", "4"),
            ("core.whitespace", "cr-at-eol"),
            ("core.hooksPath", "."),
            ("core.notesRef", "refs/heads/main"),
        ],
        &[
            ("log.showSignature", "true"),
            ("log.date", "relative"),
            ("color.ui", "always"),
            ("column.ui", "always"),
            ("i18n.logOutputEncoding", "UTF-16"),
            ("i18n.commitEncoding", "ISO-8859-1"),
            ("grep.patternType", "perl"),
            ("core.pager", "false"),
        ],
    ] {
        for (key, value) in settings {
            repo.git(&["config", key, value]);
        }
        let found = answers(&repo, &repo.path(), &|_| {});
        assert_eq!(found, expected, "{settings:?}");
        assert_eq!(staged(&repo, &|_| {}), of_staged, "{settings:?}");
    }
    repo.git(&["replace", "-f", &repo.id("agent/evil"), &repo.id("main")]);
    assert_eq!(
        answers(&repo, &repo.path(), &|_| {}),
        expected,
        "a replace ref"
    );
}
