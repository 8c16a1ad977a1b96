//! The hook itself: what it is given, where it runs, and what it leaves behind.

use super::{FILES, LIST, MANIFEST, Server, landed, listing, two_branches};
use crate::support::{Commit, Run, TestRepo, clean_command};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The hook by hand, with this on its standard input.
fn by_hand(server: &Server, arguments: &[&str], input: &[u8]) -> Run {
    let arguments = [&["check", "receive"], arguments].concat();
    let mut command = server.clone.gate_command(&server.bare(), &arguments);
    let file = server.bare().join("../input");
    fs::write(&file, input).unwrap();
    Run::of(command.stdin(fs::File::open(file).unwrap()))
}

#[test]
fn input_that_git_would_not_give_is_a_usage_error() {
    let server = Server::new();
    let id = server.clone.id("main");
    for input in ["", "main\n", &format!("{id} {id}\n")] {
        let run = by_hand(&server, &["--format", "concise"], input.as_bytes()).expect(2);
        run.says("error[usage]: standard input");
    }
    let pushed = format!("{id} {id} refs/tags/x\n").repeat(2);
    by_hand(&server, &["--format", "concise"], pushed.as_bytes())
        .expect(2)
        .says("refs/tags/x is pushed twice");
    let name = [format!("{id} {id} refs/heads/").as_bytes(), b"\xff\n"].concat();
    by_hand(&server, &["--format", "concise"], &name)
        .expect(3)
        .says(r#"the name of the ref "refs/heads/\377" is not UTF-8"#);
}

/// The master of a pseudo-terminal passes for a terminal on Linux.
#[test]
#[cfg(target_os = "linux")]
fn nobody_has_to_type_what_git_says() {
    let server = Server::new();
    let terminal = fs::File::options().read(true).write(true).open("/dev/ptmx");
    let mut command = server
        .clone
        .gate_command(&server.bare(), &["check", "receive"]);
    Run::of(command.stdin(terminal.unwrap()))
        .expect(2)
        .says("install it as the pre-receive hook");
}

#[test]
fn what_the_push_says_of_a_ref_is_not_believed() {
    let server = landed();
    let (core, main) = (server.clone.id("agent/core"), server.clone.id("main~3"));
    let (null, gone) = ("0".repeat(40), "1".repeat(40));
    for line in [
        // git deletes a branch that is said to be at an object which is not there.
        format!("{gone} {null} refs/heads/agent/core\n"),
        format!("{main} {null} refs/heads/agent/core\n"),
        format!("{null} {main} refs/heads/agent/core\n"),
        format!("{core} {null} refs/heads/agent/none\n"),
        format!("{core} {main} refs/heads/main\n"),
    ] {
        by_hand(&server, &["--format", "concise"], line.as_bytes())
            .expect(3)
            .says("undecided[stale-push]");
    }
}

#[test]
fn every_format_says_the_same() {
    let server = landed();
    let (core, docs) = (server.clone.id("agent/core"), server.clone.id("agent/docs"));
    let input = format!("{core} {docs} refs/heads/agent/core\n");
    for (format, begins) in [
        ("full", "refused[owned-by-another] agent/core: docs/b.md"),
        (
            "concise",
            "agent/core: docs/b.md: refused[owned-by-another]",
        ),
        ("github", "::error file=docs/b.md"),
        ("markdown", "### gate: exit code 1"),
        ("sarif", "{\"$schema\""),
        ("json", r#"{"version":1,"exit_code":1,"kind":"check""#),
    ] {
        let run = by_hand(&server, &["--format", format], input.as_bytes()).expect(1);
        assert!(run.stdout.starts_with(begins), "{}", run.stdout);
    }
}

#[test]
fn neither_the_server_nor_whoever_pushes_configures_the_verdict() {
    let mut server = landed();
    for (key, value) in [
        ("diff.renames", "copies"),
        ("diff.external", "false"),
        ("merge.renames", "false"),
        ("merge.directoryRenames", "true"),
        ("core.attributesFile", "/dev/null"),
        ("core.useReplaceRefs", "true"),
        ("color.ui", "always"),
        ("merge.ours.driver", "true"),
    ] {
        server.git(&["config", key, value]);
        server.clone.git(&["config", key, value]);
    }
    fs::create_dir_all(server.bare().join("info")).unwrap();
    fs::write(server.bare().join("info/attributes"), "* merge=ours\n").unwrap();
    let script = format!(
        "#!/bin/sh\nexport CLICOLOR_FORCE=1 COLUMNS=300 LC_ALL=tr_TR.UTF-8\nexec '{}' check receive\n",
        env!("CARGO_BIN_EXE_gate")
    );
    server.install(&script);
    let moved = Commit::on("agent/ui")
        .delete("ui/a.rs")
        .file("core/a2.rs", "a\n");
    server.clone.commit(moved);
    let said = server.refuses(
        &["agent/ui"],
        "refused[owned-by-another] agent/ui: core/a2.rs",
    );
    assert!(!said.contains('\x1b'), "{said}");
    assert!(
        said.lines()
            .all(|line| line.trim_end().chars().count() <= 80),
        "{said}"
    );
    server.accepts(&["main"]);
}

#[test]
fn a_server_without_gate_refuses_every_push() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    let hook = include_str!("../../hooks/pre-receive");
    server.install(&hook.replace("command -v gate", "command -v no-such-gate"));
    server.refuses(&["agent/core"], "gate is not on the PATH of the server");
    server.install(hook);
    let folder = server.bare().join("../programs");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_gate"), folder.join("gate")).unwrap();
    let programs = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command = clean_command("git");
    command
        .current_dir(server.clone.path())
        .env("PATH", programs);
    command.arg("push").arg(server.bare()).arg("agent/core");
    let run = Run::of(&mut command).expect(0);
    assert!(run.stderr.contains("1 accepted"), "{}", run.stderr);
}

#[test]
fn a_repository_with_a_work_tree_is_judged_by_its_target_all_the_same() {
    let mut clone = TestRepo::empty();
    clone.commit(Commit::on("main").file("README.md", "a"));
    let server = Server::of(clone);
    let tree = server.bare().join("../tree");
    server.clone.git(&[
        "clone",
        "-q",
        server.bare().to_str().unwrap(),
        tree.to_str().unwrap(),
    ]);
    // What nobody has committed is nobody's rule, least of all on a server.
    fs::write(tree.join("ownership.yaml"), "version: 7\n").unwrap();
    let id = server.clone.id("main");
    let line = format!("{} {id} refs/heads/agent/core\n", "0".repeat(40));
    fs::write(tree.join("../input"), &line).unwrap();
    let arguments = ["check", "receive", "--format", "concise"];
    let mut command = server.clone.gate_command(&tree, &arguments);
    let input = fs::File::open(tree.join("../input")).unwrap();
    Run::of(command.stdin(input))
        .expect(0)
        .says("main has no ownership.yaml yet");
}

/// Elsewhere it would be kept for the next command.
#[test]
fn nothing_is_kept_of_a_long_manifest() {
    let long = format!("{MANIFEST}{}", "# Nothing is said here.\n".repeat(200));
    let mut server = Server::of(TestRepo::new(&long, FILES));
    two_branches(&mut server.clone);
    server.accepts(&["agent/core", "agent/ui"]);
}

#[test]
fn a_namespace_is_refused_by_name() {
    let server = Server::new();
    let mut command = server
        .clone
        .gate_command(&server.bare(), &["check", "receive"]);
    Run::of(command.env("GIT_NAMESPACE", "part"))
        .expect(2)
        .says("error[not-supported-yet]");
}

/// Once where everything is, once for the configuration, once for all refs.
#[test]
fn git_is_asked_three_times_however_many_refs_there_are() {
    let mut server = Server::new();
    two_branches(&mut server.clone);
    let log = server.bare().join("../asked");
    install_with_git(&server, &format!("echo \"$1\" >> '{}'", log.display()));
    server.accepts(&["agent/core", "agent/ui"]);
    let asked = fs::read_to_string(log).unwrap();
    let mut asked: Vec<_> = asked.lines().collect();
    asked.sort_unstable();
    assert_eq!(asked, ["config", "for-each-ref", "rev-parse"]);
}

/// A `git` that does `first`, in front of the real one.
fn install_with_git(server: &Server, first: &str) {
    let real = std::env::var("PATH").unwrap();
    let folder = server.bare().join("../programs");
    fs::create_dir(&folder).unwrap();
    let script = format!("#!/bin/sh\nPATH='{real}'\n{first}\nexec git \"$@\"\n");
    fs::write(folder.join("git"), script).unwrap();
    fs::set_permissions(folder.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    server.install(&format!(
        "#!/bin/sh\nPATH='{}':$PATH exec '{}' check receive\n",
        folder.display(),
        env!("CARGO_BIN_EXE_gate")
    ));
}

/// What a `git` does that does `this` only when it is asked for a merge.
fn when_merging(this: &str) -> String {
    format!("case \"$*\" in *merge-tree*) {this};; esac")
}

/// Makes a branch with a merge that git has to repeat, and returns that.
fn with_merge(server: &mut Server) -> String {
    let (mine, theirs) = (LIST.replace('1', "one"), LIST.replace('7', "seven"));
    let branch = Commit::on("agent/core").from("main");
    server.clone.commit(branch.file("shared/list", &mine));
    let side = Commit::on("agent/docs").from("main");
    server.clone.commit(side.file("shared/list", &theirs));
    let merge = Commit::on("agent/core").merging("agent/docs");
    let both = mine.replace('7', "seven");
    server.clone.commit(merge.file("shared/list", &both))
}

#[test]
fn a_hook_that_is_killed_refuses_the_push_and_leaves_nothing_behind() {
    for signal in ["TERM", "KILL"] {
        let mut server = Server::new();
        with_merge(&mut server);
        install_with_git(&server, &when_merging(&format!("kill -{signal} $PPID")));
        let said = server.refuses(&["agent/core"], "pre-receive hook declined");
        assert!(!said.contains("checked"), "it was not killed: {said}");
    }
}

#[test]
fn nothing_is_left_behind_where_git_has_no_quarantine_either() {
    let mut server = Server::new();
    let merge = with_merge(&mut server);
    server.accepts(&["agent/core:people/objects"]);
    let line = format!("{} {merge} refs/heads/agent/core\n", "0".repeat(40));
    let before = listing(&server.bare());
    by_hand(&server, &[], line.as_bytes()).expect(0);
    assert_eq!(listing(&server.bare()), before);
}

#[test]
fn a_target_that_moves_meanwhile_stays_where_it_went() {
    let server = landed();
    let shared = server.bare();
    let other = server.clone.git(&["rev-parse", "main~2"]);
    // Somebody else moves the target while the push is judged.
    let moves = format!(
        "git -C '{}' update-ref refs/heads/main {other}",
        shared.display()
    );
    server.git(&[
        "fetch",
        "-q",
        server.clone.path().to_str().unwrap(),
        "main:refs/tmp/main",
    ]);
    let script = format!(
        "#!/bin/sh\n'{}' check receive && env -u GIT_QUARANTINE_PATH {moves}\n",
        env!("CARGO_BIN_EXE_gate")
    );
    server.install(&script);
    let run = server.push(&["main"]).expect(1);
    run.says("1 accepted").says("failed to update ref");
    assert_eq!(server.git(&["rev-parse", "main"]), other);
}

#[test]
fn objects_are_found_wherever_the_server_has_them() {
    // Under a path that git has to quote, in a pack, and borrowed from another repository.
    for (name, options) in [
        ("a:b\"c\\.git", &["--bare"][..]),
        ("server.git", &["--bare", "--shared"]),
    ] {
        let clone = TestRepo::new(MANIFEST, FILES);
        let mut server = Server::called(name, clone, options);
        server.git(&["config", "receive.unpackLimit", "1"]);
        two_branches(&mut server.clone);
        let (mine, theirs) = (LIST.replace('1', "one"), LIST.replace('7', "seven"));
        let core = Commit::on("agent/core").file("shared/list", &mine);
        server.clone.commit(core);
        let docs = Commit::on("agent/docs").from("main");
        server.clone.commit(docs.file("shared/list", &theirs));
        server.clone.gate(&["integrate", "--land"]).expect(0);
        server.accepts(&["agent/core", "agent/docs", "agent/ui", "main"]);
        let bad = Commit::on("agent/ui").file("core/x", "x");
        server.clone.commit(bad);
        server.refuses(&["agent/ui"], "refused[owned-by-another]");
    }
}
