//! `docs/codes.md`: one section for each code, and each example is what gate prints.

mod of_branches;
mod of_landings;
mod of_manifests;
mod of_pushes;
mod of_repositories;

use crate::sandbox::without_sandbox;
use crate::support::{Commit, Run, TestRepo, clean_command};
use gate::words::{Code, Explanation};

/// A repository, and a command that finds something in it.
pub(super) struct Scene {
    repo: TestRepo,
    command: &'static [&'static str],
    /// What it reads from its standard input, if anything.
    input: Option<String>,
    /// Where programs are looked for, if not where they always are.
    programs: Option<String>,
    /// Whether it runs where no sandbox is to be had.
    is_bare: bool,
    /// What marks the finding, where people are not shown its code.
    mark: Option<&'static str>,
}

impl Scene {
    fn new(repo: TestRepo, command: &'static [&'static str]) -> Self {
        Self {
            repo,
            command,
            input: None,
            programs: None,
            is_bare: false,
            mark: None,
        }
    }

    /// What the page is to show: the command, and of what it prints all that has this code.
    fn example(&self, code: Code) -> String {
        let folder = self.repo.path();
        let mut command = self.repo.gate_command(&folder, self.command);
        if let Some(programs) = &self.programs {
            command.env("PATH", programs);
        }
        if let Some(input) = &self.input {
            let file = folder.join("../input");
            std::fs::write(&file, input).unwrap();
            command.stdin(std::fs::File::open(file).unwrap());
        }
        let run = if self.is_bare {
            without_sandbox(&mut command)
        } else {
            Run::of(&mut command)
        };
        // `init` reports beside its result, which is the manifest.
        let printed = (run.stdout.clone() + &run.stderr)
            .replace(folder.to_str().unwrap(), "/home/ada/project");
        let mark = self.mark.map(str::to_owned);
        let mark = mark.unwrap_or_else(|| format!("[{}]", code.name()));
        let is_full = !self.command.contains(&"concise");
        let marked: Vec<_> = if is_full {
            let blocks = printed.split("\n\n");
            let begins = |block: &&str| block.lines().next().unwrap_or("").contains(&mark);
            blocks.filter(begins).take(1).collect()
        } else {
            printed
                .lines()
                .filter(|line| line.contains(&mark))
                .collect()
        };
        assert!(!marked.is_empty(), "no {mark} in {printed}{}", run.stderr);
        let arguments = self.command.join(" ");
        format!("$ gate {arguments}\n{}", marked.join("\n").trim_end())
    }
}

/// What a command finds with this code; `None` where no test can make it happen.
fn scene(code: Code) -> Option<Scene> {
    let scene = of_branches::scene(code)
        .or_else(|| of_manifests::scene(code))
        .or_else(|| of_landings::scene(code))
        .or_else(|| of_pushes::scene(code))
        .or_else(|| of_repositories::scene(code));
    // Only the administrator can give a folder away.
    assert_eq!(scene.is_none(), code == Code::ForeignRepository, "{code:?}");
    scene
}

/// `main` with this manifest, and `agent/core` with one change.
fn change(manifest: &str, files: &[(&str, &str)], path: &str) -> TestRepo {
    let mut repo = TestRepo::new(manifest, files);
    repo.commit(Commit::on("agent/core").from("main").file(path, "new"));
    repo
}

/// The examples of the page that gate does not print.
fn untrue(explanations: &[Explanation]) -> Vec<String> {
    let mut untrue = Vec::new();
    for explanation in explanations {
        let Some(scene) = scene(explanation.code) else {
            continue;
        };
        let printed = scene.example(explanation.code);
        if printed != explanation.example {
            let name = explanation.code.name();
            untrue.push(format!(
                "{name}, docs/codes.md:\n{}\ngate:\n{printed}",
                explanation.example
            ));
        }
    }
    untrue
}

#[test]
fn examples_are_what_gate_prints() {
    let explanations = Explanation::all();
    let untrue = std::thread::scope(|scope| {
        let parts = explanations.chunks(8);
        let parts: Vec<_> = parts.map(|part| scope.spawn(|| untrue(part))).collect();
        let found = parts.into_iter().flat_map(|part| part.join().unwrap());
        found.collect::<Vec<_>>()
    });
    assert!(untrue.is_empty(), "{}", untrue.join("\n\n"));
}

/// `gate explain` with these arguments, anywhere.
fn explain(arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_gate"));
    command.current_dir(folder.path()).arg("explain");
    Run::of(command.args(arguments))
}

#[test]
fn a_code_is_explained_in_80_columns() {
    let run = explain(&["owned-by-another"]).expect(0);
    insta::assert_snapshot!(run.stdout, @r#"
    refused[owned-by-another] (exit code 1)
    A path was changed that another agent owns.

    Every path has one owner, so that two agents never write the same file without
    knowing of each other. What counts is every commit of the branch, not only what
    is left in the end: a change that was taken back later has still been built on.
    With `history: net` only what is left counts.

    $ gate check branch agent/core
    refused[owned-by-another] agent/core: ui/a.rs, in commit 2025fc09b8
      × agent/core modified ui/a.rs: it belongs to ui
        ╭─[main:ownership.yaml:10:13]
      9 │     branch: agent/ui
     10 │     owns: ["ui/"]
        ·             ─┬─
        ·              ╰── owned by ui
     11 │     depends_on: [core]
        ╰────
      note: every commit counts: one more that takes it back does not undo it
      help: rewrite agent/core without it, or ask ui to make the change

    fix: Take the change out of every commit of the branch
         (`git rebase --interactive` onto the target), and ask the owner for what
         you need. If you need the owner's unfinished work, ask whoever keeps the
         manifest for `depends_on`, and build on the owner's branch; its changes are
         then not blamed on you.
    "#);
}

#[test]
fn all_codes_are_listed() {
    let run = explain(&[]).expect(0);
    let names = run.stdout.lines().filter(|line| !line.starts_with(' '));
    let names: Vec<_> = names.filter_map(|line| line.split(' ').next()).collect();
    let all: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names, all);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80));
    let run = explain(&["--format", "concise"]).expect(0);
    assert_eq!(run.stdout.lines().count(), Code::ALL.len());
}

#[test]
fn an_unknown_code_is_an_error() {
    let run = explain(&["owned-by-anyone"]).expect(2);
    run.says("error[usage]")
        .says("did you mean `owned-by-another`?");
    explain(&["refusal"])
        .expect(2)
        .says("`gate explain` lists all codes");
}

#[test]
fn programs_get_the_same() {
    let one = explain(&["overlap", "--format", "json"]).expect(0);
    let one = one.json();
    let all = explain(&["--format", "json"]).expect(0);
    let all = all.json();
    let codes = all["codes"].as_array().unwrap();
    assert_eq!(
        (codes.len(), &one["kind"]),
        (Code::ALL.len(), &"explain".into())
    );
    let overlap = codes.iter().find(|code| code["code"] == "overlap");
    assert_eq!(overlap, Some(&one["codes"][0]));
    assert_eq!(one["codes"][0]["exit_code"], 2);
}

#[test]
fn a_refusal_says_where_to_read_more() {
    let repo = change(
        "version: 1\nagents: { core: { branch: agent/core } }\n",
        &[],
        "a",
    );
    let run = repo.gate(&["check", "branch", "agent/core"]).expect(1);
    run.says("`gate explain unowned` says more\n");
    let repo = change(
        "version: 1\nunowned: warn\nagents: { core: { branch: agent/core } }\n",
        &[],
        "a",
    );
    let run = repo.gate(&["check", "branch", "agent/core"]).expect(0);
    assert!(!run.stdout.contains("gate explain"), "{}", run.stdout);
}

#[test]
fn a_code_is_known_as_it_is_printed() {
    for name in ["refused[overlap]", "OVERLAP", "[overlap]"] {
        explain(&[name]).expect(0).says("error[overlap]");
    }
}
