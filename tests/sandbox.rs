//! The sandbox: a command writes below its own folders and nowhere else; where there is no sandbox, that is
//! said or refused. And the folders themselves: what is cached is found again.

use crate::support::{Run, TestRepo};
use crate::verify::{gate, repo, temporary};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What JSON calls the sandbox that there is on this machine.
fn sandbox_here() -> String {
    let run = Run::of(&mut gate(
        &repo("['true']"),
        &["integrate", "--format", "json"],
    ))
    .expect(0);
    run.json()["sandbox"].as_str().unwrap().to_owned()
}

/// Runs gate where neither Landlock nor bubblewrap is to be had.
pub(crate) fn without_sandbox(command: &mut Command) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let programs = std::env::var_os("PATH").unwrap();
    let mut folders = std::env::split_paths(&programs).map(|folder| folder.join("git"));
    let git = folders.find(|git| git.exists()).unwrap();
    std::os::unix::fs::symlink(git, folder.path().join("git")).unwrap();
    command.env("PATH", folder.path());
    without_landlock(|| Run::of(command))
}

/// Runs something in a thread that has used up Landlock, of which there are only so many layers.
#[cfg(target_os = "linux")]
fn without_landlock<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    use landlock::{AccessFs, PathBeneath, PathFd, Ruleset, RulesetAttr};
    use landlock::{RulesetCreatedAttr, RulesetStatus};
    let layer = || -> Result<bool, Box<dyn std::error::Error>> {
        let made = Ruleset::default().handle_access(AccessFs::MakeChar | AccessFs::Refer)?;
        // Whoever says nothing of it gives it up.
        let everywhere = PathBeneath::new(PathFd::new("/")?, AccessFs::Refer);
        let restricted = made.create()?.add_rule(everywhere)?.restrict_self()?;
        Ok(restricted.ruleset != RulesetStatus::NotEnforced)
    };
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let layers = (0..100).take_while(|_| layer().is_ok_and(|enforced| enforced));
            assert!(layers.count() < 100, "there is no end to it");
            run()
        });
        thread.join().unwrap()
    })
}

#[cfg(not(target_os = "linux"))]
fn without_landlock<T>(run: impl FnOnce() -> T) -> T {
    run()
}

/// Integrates with these arguments a branch whose command is `line`.
fn with(repo: &TestRepo, arguments: &[&str]) -> Run {
    Run::of(&mut gate(
        repo,
        &[&["integrate", "--format", "json"], arguments].concat(),
    ))
}

/// The remark about the sandbox among the notes of the only branch, if there is one.
fn remark(run: &Run) -> Option<String> {
    let json = run.json();
    let notes = json["branches"][0]["findings"][0]["notes"]
        .as_array()?
        .clone();
    let mut notes = notes.iter().filter_map(|note| note.as_str());
    notes
        .find(|note| note.contains("sandbox"))
        .map(str::to_owned)
}

#[test]
fn a_command_writes_below_its_own_folders() {
    let line = "set -e; for at in . \"$TMPDIR\" \"$GATE_CACHE_DIR\" \"$XDG_CACHE_HOME\"; do \
                mkdir -p \"$at/folder\"; echo x > \"$at/folder/file\"; mv \"$at/folder/file\" file; \
                ln file \"$at/linked\"; rm file; done; \
                echo > /dev/null; test -r /dev/zero; : > /dev/full; git commit -qm x --allow-empty";
    // The author of that commit.
    let line = format!(
        "export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b; {line}"
    );
    for sandbox in ["auto", "off"] {
        let repo = repo(&format!("['{line}']"));
        with(&repo, &["--sandbox", sandbox]).expect(0);
        assert_eq!(fs::read_dir(temporary(&repo)).unwrap().count(), 0);
    }
}

#[test]
fn a_command_writes_nowhere_else() {
    let is_to_be_had = ["landlock", "bubblewrap"].contains(&sandbox_here().as_str());
    let outside = tempfile::tempdir().unwrap();
    let there = outside.path().join("there");
    fs::write(&there, "untouched").unwrap();
    let at = there.display();
    for line in [
        format!("echo touched > {at}"),
        format!("echo touched >> {at}"),
        format!("rm {at}"),
        format!("mv {at} ."),
        format!("truncate -s 0 {at}"),
        format!("touch {at}.new"),
        format!("mkdir {at}.new"),
        format!("ln -s x {at}.new"),
        format!("ln {at} linked"),
        // The real repository, and what lies beside the checkout.
        "touch ../beside".to_owned(),
        "cd \"$GATE_CACHE_DIR\"/../../..; echo x >> lock".to_owned(),
    ] {
        let repo = repo(&format!("['{}']", line.replace('\'', "''")));
        if !is_to_be_had {
            // Then nothing runs at all where it must not.
            with(&repo, &["--sandbox", "require"]).expect(3);
            continue;
        }
        let run = with(&repo, &["--sandbox", "require"]).expect(1);
        assert!(remark(&run).is_some(), "{line}: {}", run.stdout);
        assert_eq!(fs::read_to_string(&there).unwrap(), "untouched", "{line}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "{line}");
    }
}

#[test]
fn what_the_sandbox_has_to_do_with_a_failure_is_said() {
    let is_to_be_had = ["landlock", "bubblewrap"].contains(&sandbox_here().as_str());
    let denied = repo("['touch ../x']");
    let other = repo("['echo something else; false']");
    let unsandboxed = repo("['echo Permission denied; false']");
    assert_eq!(
        remark(&with(&denied, &[]).expect(i32::from(is_to_be_had))).is_some(),
        is_to_be_had
    );
    assert_eq!(remark(&with(&other, &[]).expect(1)), None);
    assert_eq!(
        remark(&with(&unsandboxed, &["--sandbox", "off"]).expect(1)),
        None
    );
}

#[test]
fn what_there_is_of_a_sandbox_is_said_once() {
    let repo = repo("['true', 'true # again']");
    for (arguments, says) in [
        (
            &["integrate", "--sandbox", "off"][..],
            "no sandbox for verify commands, as asked",
        ),
        (&["integrate"], " verify commands"),
    ] {
        let run = Run::of(&mut gate(&repo, arguments)).expect(0);
        assert_eq!(run.stdout.matches(says).count(), 1, "{}", run.stdout);
    }
    assert_eq!(
        with(&repo, &["--sandbox", "off"]).expect(0).json()["sandbox"],
        "off"
    );
    // Without a command there is nothing to say.
    let silent = self::repo("[]");
    assert!(with(&silent, &[]).expect(0).json()["sandbox"].is_null());
}

#[test]
fn where_none_is_to_be_had_that_is_said_or_refused() {
    let repo = repo("[': > ran']");
    let run = |arguments: &[&str]| without_sandbox(&mut gate(&repo, arguments));
    run(&["integrate", "--sandbox", "require", "--land"])
        .expect(3)
        .says("undecided[no-sandbox]");
    assert!(
        !repo.path().join(".git/gate/logs").exists(),
        "something ran"
    );
    // Nor where the result would not be kept.
    run(&["integrate", "--sandbox", "require", "--dry-run"]).expect(3);
    run(&["integrate", "--sandbox", "off", "--dry-run"]).expect(0);
    let auto = run(&["integrate", "--dry-run"]).expect(0);
    auto.says("no sandbox for verify commands: neither Landlock nor bubblewrap works");
    let json = run(&["integrate", "--dry-run", "--format", "json"]).expect(0);
    assert_eq!(json.json()["sandbox"], "unavailable");
}

#[test]
fn the_result_is_the_same_with_and_without() {
    let commits = ["auto", "off"].map(|sandbox| {
        let repo = repo("['true', 'exit 0']");
        with(&repo, &["--sandbox", sandbox]).expect(0);
        (repo.id("gate/integration"), repo.id("refs/gate/last-run"))
    });
    assert_eq!(commits[0], commits[1]);
}

#[test]
fn what_a_command_caches_is_found_again_by_it_alone() {
    let line = "echo x >> \"$GATE_CACHE_DIR/runs\"; wc -l < \"$GATE_CACHE_DIR/runs\"";
    let expects =
        |number: &str| format!("{{ run: '{line}', expect: {{ stdout: \"{number}\\n\" }} }}");
    // The same lines are the same command, whatever is expected of it; another line has another folder.
    let other = line.replace('x', "y");
    let verify = format!(
        "[{}, {}, {{ run: '{other}', expect: {{ stdout: \"1\\n\" }} }}]",
        expects("1"),
        expects("2")
    );
    let mut repo = repo(&verify);
    with(&repo, &["--dry-run", "--fresh"]).expect(0);
    let cache = repo.path().join(".git/gate/cache");
    let folders = |at: &Path| fs::read_dir(at).unwrap().count();
    assert_eq!((folders(&cache), folders(&cache.join("core"))), (1, 2));
    // The second time all of it is there: the first line counts on.
    let run = with(&repo, &["--dry-run", "--fresh"]).expect(1);
    assert!(run.stdout.contains("verify-expectation"), "{}", run.stdout);
    // Its place decides about nothing: another clone comes to the same.
    fs::remove_dir_all(&cache).unwrap();
    with(&repo, &["--dry-run", "--fresh"]).expect(0);
    let manifest = repo.git(&["show", "main:ownership.yaml"]);
    let whole = format!("{manifest}\nverify: ['touch \"$GATE_CACHE_DIR/x\"']\n");
    fs::remove_dir_all(&cache).unwrap();
    repo.commit(crate::support::Commit::on("main").file("ownership.yaml", &whole));
    with(&repo, &["--dry-run", "--fresh"]).expect(0);
    assert_eq!(folders(&cache.join(".whole")), 1);
    assert_eq!(fs::read_dir(temporary(&repo)).unwrap().count(), 0);
}

#[test]
fn what_is_open_where_gate_is_started_leads_nowhere() {
    let repo = repo("['! echo mine >&9']");
    let victim = repo.path().parent().unwrap().join("victim");
    let gate = gate(&repo, &["integrate", "--dry-run"]);
    let mut shell = crate::support::clean_command("/bin/sh");
    shell
        .args(["-c", "exec 9>\"$0\"; exec \"$@\""])
        .arg(&victim)
        .arg(gate.get_program())
        .args(gate.get_args())
        .current_dir(gate.get_current_dir().unwrap());
    for (name, value) in gate.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    Run::of(&mut shell).expect(0);
    assert_eq!(fs::read_to_string(victim).unwrap(), "");
}

#[test]
fn the_environment_says_it_where_the_command_line_does_not() {
    let repo = repo("['true']");
    let run = |when: &str, arguments: &[&str]| {
        let all = [&["integrate", "--dry-run", "--format", "json"], arguments].concat();
        Run::of(gate(&repo, &all).env("GATE_SANDBOX", when))
    };
    assert_eq!(run("off", &[]).expect(0).json()["sandbox"], "off");
    assert_ne!(
        run("off", &["--sandbox", "auto"]).expect(0).json()["sandbox"],
        "off"
    );
    run("on", &[])
        .expect(2)
        .says("GATE_SANDBOX is wrong: it is auto, require or off");
    run("off", &["--sandbox", "on"]).expect(2);
}
