//! `gate init`: what is written, and what is refused.

use crate::support::{Commit, TestRepo};

const CODEOWNERS: &str = "\
*           @org/core
/docs/      @org/docs @ada
!wrong      @org/docs
/src/web/   @org/web
/.github/   @org/core
";

/// A repository without a manifest that has these files.
fn repo(files: &[(&str, &str)]) -> TestRepo {
    let mut repo = TestRepo::empty();
    let begin = Commit::on("main").message("Begin");
    let first = files
        .iter()
        .fold(begin, |commit, (path, content)| commit.file(path, content));
    repo.commit(first);
    repo.git(&["reset", "-q", "--hard", "main"]);
    repo
}

fn with_codeowners() -> TestRepo {
    repo(&[
        (".github/CODEOWNERS", CODEOWNERS),
        (".github/workflows/ci.yml", "x"),
        ("README.md", "x"),
        ("docs/a.md", "x"),
        ("src/web/a.ts", "x"),
        ("src/b.rs", "x"),
    ])
}

#[test]
fn the_draft_is_a_valid_manifest_with_an_agent_for_each_directory() {
    let repo = repo(&[
        ("src/a.rs", "x"),
        ("Docs/a.md", "x"),
        ("docs/b.md", "x"),
        ("web [old]/x", "x"),
        (".github/workflows/ci.yml", "x"),
        ("README.md", "x"),
    ]);
    let printed = repo.gate(&["init", "--stdout"]).expect(0);
    assert!(!repo.path().join("ownership.yaml").exists());
    let run = repo.gate(&["init"]).expect(0);
    assert_eq!(run.stdout, "", "the manifest is the result");
    assert!(run.stderr.contains("wrote "), "{}", run.stderr);
    let written = std::fs::read_to_string(repo.path().join("ownership.yaml")).unwrap();
    assert_eq!(written, printed.stdout);
    let first = "# yaml-language-server: $schema=./ownership.schema.json\n";
    assert!(written.starts_with(first), "{written}");
    for agent in ["  docs:\n", "  docs-2:\n", "  src:\n", "  web--old-:\n"] {
        assert!(written.contains(agent), "{agent} in {written}");
    }
    assert!(
        !written.contains("github:"),
        "only protected files are there"
    );
    repo.gate(&["check", "manifest", "ownership.yaml"])
        .expect(0);
    repo.gate(&["check", "manifest"]).expect(0).says("4 agents");
}

#[test]
fn the_draft_of_an_empty_repository_is_valid() {
    let repo = TestRepo::empty();
    repo.gate(&["init"]).expect(0);
    repo.git(&["add", "."]);
    repo.git(&["commit", "-qm", "Begin"]);
    repo.gate(&["check", "manifest"]).expect(0).says("0 agents");
}

#[test]
fn nothing_is_overwritten() {
    let repo = with_codeowners();
    repo.write("ownership.yaml", "mine");
    for arguments in [&["init"][..], &["init", "--from", ".github/CODEOWNERS"]] {
        repo.gate(arguments)
            .expect(2)
            .says("ownership.yaml is there already");
    }
    let kept = std::fs::read_to_string(repo.path().join("ownership.yaml")).unwrap();
    assert_eq!(kept, "mine");
    repo.gate(&["init", "--stdout"])
        .expect(0)
        .says("version: 1");
}

#[test]
fn codeowners_become_a_manifest_that_means_the_same() {
    let mut repo = with_codeowners();
    let run = repo
        .gate(&["init", "--from", ".github/CODEOWNERS"])
        .expect(0);
    for said in [
        "made of .github/CODEOWNERS (GitHub)",
        "the same owners for each",
        "!wrong",
        "codeowners-line",
    ] {
        assert!(run.stderr.contains(said), "{said} in {}", run.stderr);
    }
    let written = std::fs::read_to_string(repo.path().join("ownership.yaml")).unwrap();
    assert!(
        written.contains("#   line 3: `!wrong`: GitHub does not support `!`"),
        "{written}"
    );
    repo.gate(&["check", "manifest", "ownership.yaml"])
        .expect(0)
        .says("6 of 6 files claimed");
    repo.commit(Commit::on("main").file("ownership.yaml", &written));
    let run = repo.gate(&[
        "who",
        "docs/a.md",
        "src/web/a.ts",
        "src/b.rs",
        ".github/workflows/ci.yml",
        "--format",
        "concise",
    ]);
    let may: Vec<String> = run.stdout.lines().map(str::to_owned).collect();
    assert_eq!(may.len(), 4, "{may:?}");
    for (line, agents) in may
        .iter()
        .zip([&["ada", "docs"][..], &["web"], &["core"], &["core"]])
    {
        for agent in agents {
            assert!(line.contains(agent), "{agent} in {line}");
        }
    }
}

#[test]
fn the_dialect_is_recognised_or_named() {
    let sections = "* @core\n[Docs] @docs\n*.md\n";
    let repo = repo(&[("CODEOWNERS", sections), ("a.md", "x"), ("b", "x")]);
    let run = repo
        .gate(&["init", "--stdout", "--from", "CODEOWNERS"])
        .expect(0);
    assert!(run.stderr.contains("(GitLab)"), "{}", run.stderr);
    assert!(
        run.stdout.contains("agents: [core, docs]"),
        "{}",
        run.stdout
    );
    let run = repo
        .gate(&[
            "init",
            "--stdout",
            "--from",
            "CODEOWNERS",
            "--dialect",
            "github",
        ])
        .expect(0);
    assert!(run.stderr.contains("(GitHub)"), "{}", run.stderr);
    repo.gate(&["init", "--from", "CODEOWNERS", "--dialect", "gitea"])
        .expect(2);
    repo.gate(&["init", "--dialect", "github"]).expect(2);
}

#[test]
fn what_a_manifest_cannot_say_is_no_matter_until_a_file_is_like_that() {
    let line = "* @core\n/a\\\\b @docs\n";
    let fine = repo(&[("CODEOWNERS", line), ("x", "x")]);
    let run = fine.gate(&["init", "--from", "CODEOWNERS"]).expect(0);
    assert!(
        run.stderr.contains("a manifest cannot say it"),
        "{}",
        run.stderr
    );
    let differs = repo(&[("CODEOWNERS", line), ("a\\b", "x")]);
    differs
        .gate(&["init", "--from", "CODEOWNERS"])
        .expect(3)
        .says("codeowners-differs")
        .says("is owned by docs, and would be by core");
    assert!(!differs.path().join("ownership.yaml").exists());
}

#[test]
fn what_cannot_be_read_is_refused() {
    let repo = repo(&[("CODEOWNERS", "* @core\n"), ("x", "x")]);
    repo.gate(&["init", "--from", "nowhere"]).expect(2);
    repo.gate(&["init", "--target", "nowhere"]).expect(2);
    std::fs::write(repo.path().join("raw"), b"* @a\n/\xff @b\n").unwrap();
    repo.gate(&["init", "--from", "raw"])
        .expect(2)
        .says("not UTF-8, on line 2");
}

#[test]
fn the_result_is_json_where_that_is_asked_for() {
    let repo = with_codeowners();
    let run = repo
        .gate(&["init", "--from", ".github/CODEOWNERS", "--format", "json"])
        .expect(0);
    let document = run.json();
    assert_eq!(document["kind"], "init");
    assert_eq!(document["dialect"], "github");
    assert_eq!(document["agents"], 4);
    assert_eq!(document["coverage"]["files"], 6);
    assert_eq!(document["findings"][0]["code"], "codeowners-line");
}
