//! Passes that nobody may believe.

use super::{Machine, Project};
use std::fs;
use std::io::Write as _;

/// A project in which everything passed on one machine, and another machine, that of who forges.
struct Forgery {
    project: Project,
    forger: Machine,
    /// The refs of the true passes, and their documents.
    passes: Vec<(String, String)>,
}

impl Forgery {
    fn new() -> Self {
        let project = Project::new();
        let forger = project.machine("forger");
        let steps = forger.steps();
        let names: Vec<_> = steps.iter().map(String::as_str).collect();
        forger.gate(&[&["verify"], &names[..]].concat()).expect(0);
        let refs = forger.git(&["for-each-ref", "--format=%(refname)", "refs/gate/passes/"]);
        let passes = refs.lines().map(|name| {
            let document = forger.git(&["cat-file", "blob", name]);
            (name.to_owned(), document + "\n")
        });
        let passes: Vec<_> = passes.collect();
        assert_eq!(passes.len(), 4);
        Self {
            project,
            forger,
            passes,
        }
    }

    /// Writes an object and returns its id.
    fn blob(&self, content: &str) -> String {
        let file = self.forger.home.join("content");
        fs::write(&file, content).unwrap();
        self.forger
            .git(&["hash-object", "-w", "--no-filters", file.to_str().unwrap()])
    }

    fn push(&self, id: &str, name: &str) {
        let (origin, what) = (self.project.origin(), format!("{id}:{name}"));
        let to = origin.to_str().unwrap();
        self.forger.git(&["push", "-q", "-f", to, &what]);
    }

    /// Whoever lands runs everything.
    #[track_caller]
    fn convinces_nobody(&self, what: &str) {
        let machine = self.project.machine("lander");
        let trust = ["integrate", "--dry-run", "--trust-results", "origin"];
        let run = machine.gate(&trust).expect(0);
        assert!(!run.stdout.contains("trusted"), "{what}: {}", run.stdout);
        let all = ["core", "checkpoint", "ui", "whole"];
        assert_eq!(machine.ran(), all, "{what}");
        fs::remove_dir_all(machine.home).unwrap();
    }
}

/// A ref's name without its last part, and that.
fn parts(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap()
}

#[test]
fn passes_are_believed_only_on_demand_and_only_those_of_the_remote_that_is_named() {
    let forgery = Forgery::new();
    forgery.convinces_nobody("passes that are on another machine only");
    let lander = forgery.project.machine("local");
    let from = forgery.forger.folder.to_str().unwrap();
    lander.git(&["fetch", "-q", from, "refs/gate/passes/*:refs/gate/passes/*"]);
    let tracking = "refs/gate/passes/*:refs/remotes/origin/gate/passes/*";
    lander.git(&["fetch", "-q", from, tracking]);
    lander.git(&["remote", "add", "forger", from]);
    let dry = ["integrate", "--dry-run", "--fresh"];
    lander.gate(&dry).expect(0);
    lander.ran();
    fs::remove_dir_all(lander.folder.join(".git/gate/passes")).unwrap();
    let all = ["core", "checkpoint", "ui", "whole"];
    for arguments in [&[][..], &["--trust-results", "origin"]] {
        let command = [&["integrate", "--dry-run"], arguments].concat();
        lander.gate(&command).expect(0);
        assert_eq!(lander.ran(), all, "{arguments:?}");
        fs::remove_dir_all(lander.folder.join(".git/gate/passes")).unwrap();
    }
    // Whoever names the other one believes it.
    let trust = ["integrate", "--dry-run", "--trust-results", "forger"];
    lander.gate(&trust).expect(0);
    assert_eq!(lander.ran(), [""; 0]);
}

#[test]
fn a_pass_of_another_tree_command_or_platform_is_none() {
    let forgery = Forgery::new();
    let other = "0123456789012345678901234567890123456789";
    for (name, document) in &forgery.passes {
        let (folder, id) = parts(name);
        // The right document below another tree.
        forgery.push(name, &format!("refs/gate/passes/{other}/{id}"));
        for (from, to) in [
            ("platform ", "platform other-"),
            ("command ", "command 0"),
            ("tree ", "tree 0"),
            ("pass 1", "pass 2"),
        ] {
            let forged = document.replacen(from, to, 1);
            assert_ne!(forged, *document);
            let forged = forgery.blob(&forged);
            // Under the name of the true one, and under its own.
            forgery.push(&forged, &format!("{folder}/{forged}"));
        }
    }
    forgery.convinces_nobody("documents that say something else");
}

#[test]
fn what_is_not_the_document_itself_is_none_under_its_name() {
    let forgery = Forgery::new();
    let everywhere = |id: &str| {
        for (name, _) in &forgery.passes {
            forgery.push(id, name);
        }
    };
    everywhere(&forgery.blob("garbage \u{1b}[2J\0"));
    forgery.convinces_nobody("garbage");
    everywhere(&forgery.blob(""));
    forgery.convinces_nobody("nothing");
    everywhere("HEAD");
    forgery.convinces_nobody("a commit");
    let (_, document) = &forgery.passes[0];
    let forged = document.replacen("platform ", "platform other-", 1);
    everywhere(&forgery.blob(&forged));
    forgery.convinces_nobody("another platform");
    let huge = forgery.forger.home.join("huge");
    let mut file = fs::File::create(&huge).unwrap();
    for (_, document) in &forgery.passes {
        file.write_all(document.as_bytes()).unwrap();
    }
    file.set_len(64 * 1024 * 1024).unwrap();
    let huge = huge.to_str().unwrap();
    let id = forgery
        .forger
        .git(&["hash-object", "-w", "--no-filters", huge]);
    everywhere(&id);
    forgery.convinces_nobody("something huge");
    // Nothing of all that has come here.
    let lander = forgery.project.machine("last");
    let trust = ["integrate", "--dry-run", "--trust-results", "origin"];
    lander.gate(&trust).expect(0);
    let run = lander.command("git").args(["cat-file", "-e", &id]).status();
    assert!(!run.unwrap().success(), "it was fetched");
}

#[test]
fn a_true_pass_takes_the_place_of_a_forged_one() {
    let forgery = Forgery::new();
    let garbage = forgery.blob("garbage");
    for (name, _) in &forgery.passes {
        forgery.push(&garbage, name);
    }
    let machine = forgery.project.machine("honest");
    machine
        .gate(&["verify", "whole", "--push", "origin"])
        .expect(0);
    let refs = forgery.project.refs();
    let sound = refs.iter().filter(|(name, id)| name.ends_with(id.as_str()));
    assert_eq!(sound.count(), 1);
}
