//! Manifests that mean to exhaust or to deceive; whatever they hold, no branch passes by them.

use super::{MANIFEST, repo_with};
use crate::support::Commit;

// One table: a row for each such manifest.
#[test]
fn hostile_manifests_are_refused_quickly_and_judge_nobody() {
    let owns = |text: &str| MANIFEST.replacen("[\"core/\"]", text, 1);
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n".to_owned() + MANIFEST;
    let manifests = [
        ("an alias bomb", laughs),
        ("an anchor", owns("&x [\"core/\"]")),
        ("a duplicate", format!("{MANIFEST}version: 1\n")),
        (
            "a duplicate agent",
            format!("{MANIFEST}  core:\n    branch: x\n    owns: [\"x/\"]\n"),
        ),
        ("two documents", format!("{MANIFEST}---\n{MANIFEST}")),
        ("a tag", owns("!!python/object:os.system [\"core/\"]")),
        (
            "a merge key",
            MANIFEST.replacen("  core:\n", "  core:\n    <<: {owns: [x]}\n", 1),
        ),
        (
            "deep nesting",
            format!("{MANIFEST}x: {}{}\n", "[".repeat(5_000), "]".repeat(5_000)),
        ),
        ("a number for a text", owns("[1]")),
        ("a mapping for a list", owns("{a: b}")),
        (
            "a word for a list",
            MANIFEST.replacen("agents:", "agents: yes\nx:", 1),
        ),
        (
            "another version",
            MANIFEST.replacen("version: 1", "version: 1.0", 1),
        ),
        (
            "a huge pattern",
            owns(&format!("[\"{}\"]", "a".repeat(1025))),
        ),
        ("a pattern that escapes", owns("[\"../x/\"]")),
        ("a pattern with a backslash", owns("['core\\x']")),
        ("a pattern into .git", owns("[\".git/hooks/\"]")),
        ("nested braces", owns(&format!("[\"{}\"]", "{".repeat(500)))),
        (
            "a cycle",
            MANIFEST.replacen("  docs:\n", "  docs:\n    depends_on: [ui]\n", 1),
        ),
        (
            "itself as a dependency",
            MANIFEST.replacen("  docs:\n", "  docs:\n    depends_on: [docs]\n", 1),
        ),
        (
            "a byte order mark in between",
            MANIFEST.replacen("agents", "\u{feff}agents", 1),
        ),
        (
            "a right-to-left override",
            MANIFEST.replacen("core/", "\u{202e}core/", 1),
        ),
        ("a NUL", MANIFEST.replacen("core/", "co\0re/", 1)),
        ("an overlap", MANIFEST.replacen("\"docs/\"", "\"**\"", 1)),
        ("nothing", String::new()),
        ("a list", "- a\n".to_owned()),
        ("no YAML", "{".to_owned()),
        (
            "too much",
            format!("{MANIFEST}# {}\n", "x".repeat(17 * 1024 * 1024)),
        ),
    ];
    for (what, manifest) in manifests {
        let mut repo = repo_with(&manifest);
        repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
        let main = repo.id("main");
        let run = repo.gate(&["check", "branch", "agent/core"]);
        assert_eq!(run.code, 2, "{what}: {}{}", run.stdout, run.stderr);
        let run = repo.gate(&["integrate", "--land"]);
        assert_eq!(run.code, 2, "{what}: {}{}", run.stdout, run.stderr);
        assert_eq!(main, repo.id("main"), "{what}");
    }
}

#[test]
fn other_encodings_are_refused() {
    let utf16: Vec<u8> = MANIFEST.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&b"\xff\xfe"[..], &utf16].concat();
    let latin = MANIFEST.replace("core/", "c\u{e9}re/").into_bytes();
    let latin: Vec<u8> = latin.into_iter().filter(|byte| *byte != 0xc3).collect();
    for data in [utf16, marked, latin] {
        let mut repo = repo_with(MANIFEST);
        repo.commit(Commit::on("main").entry("ownership.yaml", "100644", &data));
        repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
        repo.gate(&["check", "branch", "agent/core"]).expect(2);
    }
}

#[test]
fn a_manifest_that_is_a_link_or_a_folder() {
    for (path, mode, content) in [
        ("ownership.yaml", "120000", "core/mine.yaml"),
        ("ownership.yaml/x", "100644", "x"),
    ] {
        let mut repo = repo_with(MANIFEST);
        repo.commit(
            Commit::on("main")
                .delete("ownership.yaml")
                .entry(path, mode, content.as_bytes())
                .file("core/mine.yaml", MANIFEST),
        );
        repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
        let run = repo.gate(&["check", "branch", "agent/core"]);
        assert!(matches!(run.code, 2 | 3), "{}{}", run.stdout, run.stderr);
    }
}
