//! Verify commands that misbehave: each is ended within its limit and five seconds, and what it prints harms
//! nobody.

use crate::support::{Run, clean_command};
use crate::verify::{gate, integrate, nothing_is_left, repo, runs, sleep};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The limit that the commands here have.
const LIMIT: Duration = Duration::from_secs(1);
/// How much later they must be over.
const GRACE: Duration = Duration::from_secs(5);

/// Integrates a branch with this verify command, which must fail with `code`.
fn refused(line: &str, code: &str) -> Run {
    let repo = repo(&format!("[{{ run: '{line}', timeout: 1s }}]"));
    let begin = Instant::now();
    let run = integrate(&repo).expect(1);
    let took = begin.elapsed();
    assert!(took < LIMIT + GRACE, "{line}: {took:?}");
    let tag = format!("[{code}]");
    assert!(run.stdout.contains(&tag), "{line}: {}", run.stdout);
    nothing_is_left(&repo);
    run
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_mounted_in_the_checkout_is_not_removed() {
    let data = tempfile::tempdir().unwrap();
    let mine = data.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    let command = format!("mkdir m && mount --bind {} m", data.path().display());
    let repo = repo(&format!("[\"{command}\"]"));
    let gate = gate(&repo, &["integrate", "--sandbox", "off"]);
    // In a mount namespace of its own, so that nothing of it outlives the test.
    let mut apart = clean_command("unshare");
    apart
        .args(["--map-root-user", "--mount"])
        .arg(gate.get_program())
        .args(gate.get_args())
        .current_dir(gate.get_current_dir().unwrap());
    for (name, value) in gate.get_envs() {
        apart.env(name, value.unwrap_or_default());
    }
    let run = Run::of(&mut apart);
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    match run.code {
        3 => run.says("has left a file system mounted at"),
        // Where nobody may mount anything, the command fails.
        _ => run.expect(1).says("verify-failed"),
    };
}

#[test]
#[cfg(target_os = "linux")]
fn three_hundred_strays_are_ended() {
    let sleep = sleep(50);
    let line = format!("i=0; while [ $i -lt 300 ]; do setsid {sleep} & i=$((i+1)); done; exit 0");
    let repo = repo(&format!("['{line}']"));
    let run = integrate(&repo).expect(1);
    let said = run.stdout.replace("\n  │ ", " ");
    assert!(said.contains("left 300 processes behind"), "{said}");
    assert!(!runs(&sleep));
    nothing_is_left(&repo);
}

#[test]
fn a_command_that_ignores_every_signal_is_ended() {
    let traps = "trap \"\" HUP INT QUIT PIPE ALRM TERM USR1 USR2 TSTP TTIN TTOU";
    refused(
        &format!("{traps}; while :; do sleep 0.05; done"),
        "verify-timeout",
    );
    refused(&format!("{traps}; while :; do :; done"), "verify-timeout");
}

#[test]
fn what_becomes_of_its_output_does_not_decide_when_a_command_ends() {
    refused("exec >&- 2>&-; sleep 0.1; exit 3", "verify-failed");
    refused("exec >&- 2>&-; sleep 100", "verify-timeout");
    refused("yes | head -c 1000000; sleep 100", "verify-timeout");
    refused("yes", "verify-timeout");
    refused("sleep 100 & exit 3", "verify-failed");
}

#[test]
fn of_much_output_the_beginning_and_the_end_are_kept() {
    let size = 64 * 1024 * 1024;
    for line in [
        format!("echo first; head -c {size} /dev/zero; echo; echo last; false"),
        format!("echo first; yes | head -c {size}; echo last; false"),
    ] {
        let repo = repo(&format!("['{line}']"));
        let run = integrate(&repo).expect(1);
        run.says("  | last\n");
        let logs = files(repo.path().join(".git/gate/logs"));
        let [log] = &logs[..] else {
            panic!("{logs:?}");
        };
        let kept = fs::read(log).unwrap();
        assert!(kept.len() < 4 * 1024 * 1024 + 100, "{}", kept.len());
        assert!(kept.starts_with(b"first\n") && kept.ends_with(b"last\n"));
        let left_out = size + 6 + 5 + usize::from(line.contains("echo;")) - 4 * 1024 * 1024;
        let note = format!("\n[gate: {left_out} bytes are left out here]\n");
        assert!(String::from_utf8_lossy(&kept).contains(&note));
    }
}

/// The files below a folder of folders.
fn files(folder: PathBuf) -> Vec<PathBuf> {
    let folders = fs::read_dir(folder).unwrap();
    let entries = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn output_that_is_no_text_is_shown_harmlessly_in_every_format() {
    let line =
        "head -c 100000 /dev/urandom; printf \"\\\\0\\\\r\\\\033[2J\\\\033]0;x\\\\a\\\\n\"; false";
    let repo = repo(&format!("['{line}']"));
    for format in ["full", "concise", "json", "github", "sarif", "markdown"] {
        let run = Run::of(&mut gate(&repo, &["integrate", "--format", format])).expect(1);
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!run.stdout.contains(raw), "{format}: {:?}", run.stdout);
        if matches!(format, "json" | "sarif") {
            serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap();
        }
    }
}

#[test]
fn output_cannot_command_a_ci_system() {
    let line = "printf \"::set-env name=A::b\\\\n  ::stop-commands::x\\\\n::x::\\\\n##[error]y\\\\n%%0A::warning::z\\\\n\"; false";
    let repo = repo(&format!("['{line}']"));
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let run = Run::of(&mut gate(&repo, &["integrate", "--format", "github"])).expect(1);
        let lines: Vec<_> = run.stdout.lines().collect();
        let begins = |line: &str| line.starts_with("::stop-commands::");
        let begin = lines.iter().position(|line| begins(line)).unwrap();
        let token = lines[begin].trim_start_matches("::stop-commands::");
        let end = lines
            .iter()
            .position(|line| *line == format!("::{token}::"));
        let block = &lines[begin + 1..end.unwrap()];
        assert_eq!(block[0], "output:");
        assert_eq!(
            &block[1..6],
            [
                "\\x3a:set-env name=A::b",
                "  \\x3a:stop-commands::x",
                "\\x3a:x::",
                "##\\x5berror]y",
                "%0A::warning::z"
            ]
        );
        assert!(block[6].starts_with("log: /"), "{block:?}");
        let commands = lines
            .iter()
            .filter(|line| line.trim_start().starts_with("::"));
        let commands: Vec<_> = commands.collect();
        assert_eq!(commands.len(), 3, "{commands:?}");
        assert!(
            commands[0].starts_with("::error file=ownership.yaml,"),
            "{commands:?}"
        );
        assert!(token.len() == 37 && token.starts_with("gate-"), "{token}");
        tokens.push(token.to_owned());
    }
    assert_ne!(tokens[0], tokens[1]);
}
