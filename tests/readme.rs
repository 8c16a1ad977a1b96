//! What the README shows is what gate does.

use crate::support::{Commit, Run, TestRepo, clean_command};

const README: &str = include_str!("../README.md");

/// The first block of this language.
fn block(language: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_refusal_at_the_top_is_what_the_demo_prints() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_gate"));
    command.arg("demo").env("TMPDIR", folder.path());
    Run::of(&mut command).expect(0).says(block("text"));
}

#[test]
fn the_first_command_is_the_demo() {
    let commands: Vec<_> = block("console").lines().collect();
    assert_eq!(commands, ["$ cargo run --release -- demo", "$ cargo test"]);
}

#[test]
fn every_demo_plays() {
    for system in gate::engine::SYSTEMS {
        assert!(README.contains(&format!("demo {}", system.name)));
        let folder = tempfile::tempdir().unwrap();
        let mut command = clean_command(env!("CARGO_BIN_EXE_gate"));
        command
            .args(["demo", system.name])
            .env("TMPDIR", folder.path());
        let run = Run::of(&mut command).expect(0).says("refused[");
        let landing = match system.name {
            "tusklang" => "\nnothing landed: main stays at ",
            _ => "\nlanded: main ",
        };
        run.says(landing).says("\n  git branch -f ");
    }
}

#[test]
fn the_manifest_and_the_commands_of_the_five_minutes_work() {
    let mut repo = TestRepo::new(
        block("yaml"),
        &[
            ("src/storage/a.rs", "a"),
            ("web/a.ts", "a"),
            ("api/a.txt", "a"),
        ],
    );
    repo.commit(
        Commit::on("agent/storage")
            .from("main")
            .file("src/storage/b.rs", "b"),
    );
    repo.commit(
        Commit::on("agent/web-2")
            .from("agent/storage")
            .file("web/b.ts", "b"),
    );
    for command in [
        &["check", "manifest"][..],
        &["check", "manifest", "ownership.yaml"],
        &["check", "branch", "--all"],
        &["check", "staged"],
        &["who", "src/storage/a.rs", "api/new.txt"],
        &["explain", "owned-by-another"],
        &["schema"],
        &["integrate"],
        &["integrate", "--dry-run"],
        &["integrate", "--land"],
    ] {
        repo.gate(command).expect(0);
    }
    assert!(repo.path().join("web/b.ts").exists());
}
