//! Supervisors: a command may do to its own what it likes, it ends all the same, and nobody else's does.

use crate::support::{Run, clean_command};
use crate::verify::{
    gate, integrate, integrate_without_sandbox, nothing_is_left, repo, runs, sleep,
};
use std::time::{Duration, Instant};

/// How long a command may take whose limit is one second.
const BOUND: Duration = Duration::from_secs(1 + 5);

/// Integrates a branch with this verify command, whose limit is a second; it must be over in time.
fn refused(line: &str) -> Run {
    let repo = repo(&format!("[{{ run: '{line}', timeout: 1s }}]"));
    let begin = Instant::now();
    // In a sandbox it could not even reach its supervisor.
    let run = integrate_without_sandbox(&repo).expect(1);
    assert!(begin.elapsed() < BOUND, "{line}: {:?}", begin.elapsed());
    nothing_is_left(&repo);
    Run {
        stdout: run.stdout.replace("\n  │ ", " "),
        ..run
    }
}

#[test]
fn a_command_that_kills_its_supervisor_fails() {
    for (signal, line) in [("KILL", "sleep 100"), ("TERM", "exit 0"), ("KILL", "true")] {
        let sleep = sleep(60);
        let run = refused(&format!("{sleep} & kill -{signal} $PPID; {line}"));
        run.says("[verify-failed]")
            .says("killed the process that supervises it");
        assert!(!runs(&sleep), "{signal} {line}");
    }
    let repo = repo("['kill -KILL $PPID']");
    let json = Run::of(&mut gate(
        &repo,
        &["integrate", "--sandbox", "off", "--format", "json"],
    ))
    .expect(1);
    json.says("\"cause\":\"unsupervised\"");
    // The record says the same.
    repo.gate(&["integrate", "--replay", "last"]).expect(0);
}

#[test]
#[cfg(target_os = "linux")]
fn what_leaves_the_group_of_a_supervisor_that_is_killed_ends_too() {
    let sleep = sleep(61);
    let run = refused(&format!(
        "setsid {sleep} & kill -KILL $PPID; setsid {sleep}"
    ));
    run.says("killed the process that supervises it");
    assert!(!runs(&sleep));
}

#[test]
#[cfg(target_os = "linux")]
fn who_comes_and_goes_is_ended() {
    // Each of them starts the next one, in a session of its own, and ends.
    let mark = 1_000_000 + 10 * std::process::id() + 62;
    let next = format!(": {mark}; setsid sh -c \"$NEXT\" & exit 0");
    for first in ["", "kill -KILL $PPID; "] {
        let line = format!("export NEXT='{next}'; {first}eval \"$NEXT\"");
        let run = refused(&line.replace('\'', "''"));
        let end = match first {
            "" => "left a process behind",
            _ => "killed the process that supervises it",
        };
        run.says(end);
        assert!(!runs(&format!(": {mark}")), "{first}");
    }
}

#[test]
fn stopping_the_supervisor_gains_no_time() {
    refused("kill -STOP $PPID; exit 3").says("ended with exit code 3");
    refused("kill -STOP $PPID; sleep 100").says("did not end within 1 second");
    // The parent of the supervisor is gate.
    let stop = "kill -STOP $(ps -o ppid= -p $PPID)";
    refused(&format!("{stop}; sleep 100")).says("did not end within 1 second");
    refused(&format!("{stop}; exit 3")).says("ended with exit code 3");
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_else_speaks_for_a_supervisor() {
    // Neither through what the command inherits, nor through what the supervisor has open.
    let says = r#"printf "{\"exited\":{\"status\":0,\"left\":0,\"named\":[]}}\n""#;
    let tries = "for fd in 0 3 4 5 6 7 8 9; do FAKE > /proc/$PPID/fd/$fd; FAKE >&$fd; done";
    let line = format!("exec 2>/dev/null; {}; exit 3", tries.replace("FAKE", says));
    // A shell that cannot do one of these ends with 2.
    let run = refused(&format!("( {line} ) ; exit 3"));
    run.says("ended with exit code 3");
}

#[test]
#[cfg(target_os = "linux")]
fn a_command_is_away_from_the_terminal() {
    // A session that its supervisor leads, which has none.
    let session = "test $(ps -o sid= -p $$) -eq $PPID";
    integrate(&repo(&format!("['{session}; ! (: < /dev/tty)']"))).expect(0);
}

#[test]
fn nobody_starts_a_supervisor_by_hand() {
    let program = env!("CARGO_BIN_EXE_gate");
    let run = Run::of(clean_command(program).arg("supervise")).expect(2);
    assert!(run.stderr.is_empty());
    run.says("use `gate integrate`");
    for arguments in [&["--help"][..], &["help"]] {
        let help = Run::of(clean_command(program).args(arguments)).expect(0);
        assert!(!help.stdout.contains("supervise"), "{}", help.stdout);
    }
}
