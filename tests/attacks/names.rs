//! Names that deceive who reads them.

use super::{accepted, check, repo};
use crate::support::{Commit, Run, TestRepo};

const DECEPTIVE: &[&str] = &[
    "core/\u{1b}[2K\u{1b}[1Aaccepted",
    "core/a\nagent\u{2044}core: accepted",
    "core/a\r",
    "core/::error file=x::pwned",
    "core/##[error]pwned",
    "core/%0A::set-output name=x::y",
    "core/\u{202e}sr.a",
    "core/\u{2066}a\u{2069}",
    "core/a\u{200b}.rs",
    "core/\u{feff}a.rs",
    "core/a\u{ad}b",
    "core/<img src=x onerror=y>",
    "core/[x](javascript:y)",
    "core/`x`",
    "core/a\u{7}",
    "core/\u{9b}31m",
    "core/a\u{85}b",
    "core/\u{2028}x",
    "core/\u{e0041}x",
];

/// Whether a text holds anything that a terminal or a reader takes for something else.
fn is_raw(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
            || matches!(c, '\u{feff}' | '\u{ad}' | '\u{e0000}'..='\u{e0fff}')
    })
}

/// A branch whose change of another's area has this name beside it.
fn with_name(name: &str) -> TestRepo {
    let mut repo = repo();
    let stolen = name.replacen("core/", "ui/", 1);
    let commit = Commit::on("agent/core").from("main");
    repo.commit(commit.file(name, "x").file(&stolen, "x"));
    repo
}

#[test]
fn deceptive_names_are_shown_escaped_in_every_format() {
    for name in DECEPTIVE {
        let repo = with_name(name);
        for format in ["full", "concise", "github"] {
            let arguments = ["check", "branch", "agent/core", "--format", format];
            let run = repo.gate(&arguments).expect(1);
            assert!(!is_raw(&run.stdout), "{name:?} {format}: {:?}", run.stdout);
            for line in run.stdout.lines() {
                assert!(!line.contains("##["), "{name:?} {format}: {line}");
                let command = line.trim_start().starts_with("::");
                let known = line.starts_with("::error ") || line.starts_with("::notice ");
                assert!(!command || format == "github" && known, "{name:?}: {line}");
            }
        }
        let run = repo.gate(&["check", "branch", "agent/core", "--format", "json"]);
        assert!(!is_raw(&run.stdout), "{name:?}: {:?}", run.stdout);
        let json = run.json();
        let told = json.to_string();
        let stolen = serde_json::to_string(&name.replacen("core/", "ui/", 1)).unwrap();
        assert!(
            told.contains(&stolen[1..stolen.len() - 1]),
            "{name:?}: {told}"
        );
    }
}

#[test]
fn a_name_that_is_no_text_is_judged_and_can_be_recovered() {
    let repo = repo();
    for path in ["core/\\377\\376.rs", "ui/\\377\\376.rs"] {
        let stream = format!(
            "reset refs/heads/agent/core\ncommit refs/heads/agent/core\n\
             committer A <a> 1700000000 +0000\ndata 1\nx\nfrom {}\n\
             M 644 inline \"{path}\"\ndata 1\nx\n",
            repo.id("main")
        );
        repo.import(stream.as_bytes());
        check(&repo, "agent/core").expect(1);
    }
    check(&repo, "agent/core").says("\"ui/\\377\\376.rs\"");
    let run = repo.gate(&["check", "branch", "agent/core", "--format", "json"]);
    let json = run.json();
    let told = json.to_string();
    assert!(
        told.contains("\"path_bytes\":\"75692ffffe2e7273\""),
        "{told}"
    );
}

#[test]
fn messages_and_authors_do_not_reach_the_output() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .message("\u{1b}[31m::error::pwned\n##[error]pwned")
            .file("ui/b.rs", "x"),
    );
    for format in ["full", "concise", "github", "json"] {
        let run = repo.gate(&["check", "branch", "agent/core", "--format", format]);
        assert!(
            !run.stdout.contains("pwned") && !is_raw(&run.stdout),
            "{}",
            run.stdout
        );
        let run: Run = repo.gate(&["integrate", "--format", format]);
        assert!(
            !run.stdout.contains("pwned") && !is_raw(&run.stdout),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_twin_by_case_form_or_what_is_not_seen() {
    for name in [
        "core/A.rs",
        "core/LIB/c.rs",
        "core/lib./c.rs",
        "core/lib /c.rs",
        "core/a.rs.",
        "core/a.rs ",
        "core/a\u{200c}.rs",
        "core/a\u{200b}.rs",
        "core/a\u{fe0f}.rs",
        "core/\u{ff41}.rs\\x",
        "core/a.rs::$DATA",
        "core/nul",
        "core/com1.txt",
        "core/CON",
        "core/lpt\u{b9}",
        "core/a?.rs",
        "core/a|b",
        "core/a\"b",
        "core/<a>",
        "core/..\\..\\ui\\a.rs",
    ] {
        let mut repo = repo();
        repo.commit(Commit::on("agent/core").from("main").file(name, "x"));
        let run = check(&repo, "agent/core");
        assert_eq!(run.code, 1, "{name:?}: {}", run.stdout);
        super::stays_out(&repo, "agent/core");
    }
}

#[test]
fn awkward_names_that_live_everywhere_are_accepted() {
    let mut repo = repo();
    let names = [
        "core/with space.rs",
        "core/'quoted'",
        "core/$(reboot)",
        "core/-rf",
        "core/--help",
        "core/#hash",
        "core/!bang",
        "core/{a,b}",
        "core/[x]",
        "core/ü日本語🦀",
        "core/.hidden",
        "core/...three",
        "core/a;b&c",
        "core/%41",
        "core/con.d.rs/console",
        "core/~tilde",
    ];
    let names = &names[..14];
    let mut commit = Commit::on("agent/core").from("main");
    for name in names {
        commit = commit.file(name, "x");
    }
    repo.commit(commit.file("core/console", "x").file("core/~tilde", "x"));
    accepted(&repo, "agent/core");
}
