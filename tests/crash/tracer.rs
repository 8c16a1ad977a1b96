//! Runs a program with all that it starts, one system call after the other, and does something to one
//! of them.

use super::calls::{Call, change};
use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

/// What is done to a call that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// All processes are killed instead of it.
    KillAllBefore,
    /// All processes are killed once it is done.
    KillAllAfter,
    /// The process that makes it is killed, and no other.
    KillOne,
    /// It fails.
    Fail(Errno),
}

/// What came of a run.
pub(super) struct Traced {
    /// `None` if it was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Every call that changed something, in order.
    pub(super) calls: Vec<Call>,
    /// The call that was struck.
    pub(super) struck: Option<Call>,
}

/// Where a thread of a traced process stands.
#[derive(Default)]
struct Thread {
    in_call: bool,
    /// What to do when the call ends.
    ending: Option<Blow>,
}

struct Tracer {
    first: Pid,
    threads: HashMap<Pid, Thread>,
    calls: Vec<Call>,
    keeps_calls: bool,
    count: usize,
    blow: Option<(usize, Blow)>,
    struck: Option<Call>,
    killing: bool,
    status: Option<ExitStatus>,
}

/// What follows a stop.
enum Next {
    Call,
    Deliver(Signal),
}

/// Runs `command` to its end and the end of everything that it starts, and strikes the call with the
/// number in `blow`, counted from 0. With `keeps_calls` all of them are told.
#[expect(
    clippy::zombie_processes,
    reason = "it is waited for by its number, as all that it starts is"
)]
pub(super) fn run(command: &Command, blow: Option<(usize, Blow)>, keeps_calls: bool) -> Traced {
    let mut child = stopped(command);
    let first = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let mut tracer = Tracer {
        first,
        threads: HashMap::new(),
        calls: Vec::new(),
        keeps_calls,
        count: 0,
        blow,
        struck: None,
        killing: false,
        status: None,
    };
    // So that what is printed cannot fill a pipe while nobody reads.
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let readers = [
        std::thread::spawn(move || std::io::read_to_string(stdout).unwrap()),
        std::thread::spawn(move || std::io::read_to_string(stderr).unwrap()),
    ];
    tracer.follow();
    let [stdout, stderr] = readers.map(|reader| reader.join().unwrap());
    Traced {
        code: tracer.status.and_then(|status| status.code()),
        stdout,
        stderr,
        calls: tracer.calls,
        struck: tracer.struck,
    }
}

/// The same program behind a shell that has stopped itself: so it can be seized before it begins.
fn stopped(command: &Command) -> Child {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "kill -STOP $$; exec \"$0\" \"$@\""])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell.spawn().unwrap()
}

impl Tracer {
    fn follow(&mut self) {
        let stopped = waitpid(self.first, Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert!(matches!(stopped, WaitStatus::Stopped(_, Signal::SIGSTOP)));
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(self.first, options).unwrap();
        kill(self.first, Signal::SIGCONT).unwrap();
        // Other threads of this process trace other programs.
        let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let status = match waitpid(None, Some(flags)) {
                Ok(status) => status,
                Err(Errno::ECHILD) => return,
                Err(Errno::EINTR) => continue,
                Err(error) => panic!("{error}"),
            };
            let Some((pid, next)) = self.next(status) else {
                continue;
            };
            if self.killing {
                _ = kill(pid, Signal::SIGKILL);
                continue;
            }
            let signal = match next {
                Next::Call => None,
                Next::Deliver(signal) => Some(signal),
            };
            // It may be gone by now.
            _ = ptrace::syscall(pid, signal);
        }
    }

    fn next(&mut self, status: WaitStatus) -> Option<(Pid, Next)> {
        match status {
            WaitStatus::Exited(pid, code) => {
                self.gone(pid, code << 8);
                None
            }
            WaitStatus::Signaled(pid, signal, _) => {
                self.gone(pid, signal as i32);
                None
            }
            WaitStatus::PtraceSyscall(pid) => {
                self.call(pid);
                Some((pid, Next::Call))
            }
            WaitStatus::PtraceEvent(pid, _, event) => {
                self.threads.entry(pid).or_default();
                if event == libc::PTRACE_EVENT_EXEC {
                    // All other threads are gone, and the call has not ended yet.
                    self.threads.insert(
                        pid,
                        Thread {
                            in_call: true,
                            ending: None,
                        },
                    );
                }
                Some((pid, Next::Call))
            }
            WaitStatus::Stopped(pid, signal) => Some((pid, Next::Deliver(signal))),
            other => panic!("{other:?}"),
        }
    }

    fn gone(&mut self, pid: Pid, status: i32) {
        self.threads.remove(&pid);
        if pid == self.first {
            self.status = Some(ExitStatus::from_raw(status));
        }
    }

    /// A call begins or ends.
    fn call(&mut self, pid: Pid) {
        let thread = self.threads.entry(pid).or_default();
        thread.in_call = !thread.in_call;
        if !thread.in_call {
            match thread.ending.take() {
                Some(Blow::KillAllAfter) => self.kill_all(),
                Some(Blow::Fail(errno)) => fail(pid, errno),
                _ => {}
            }
            return;
        }
        let Ok(registers) = ptrace::getregs(pid) else {
            return;
        };
        let Some(call) = change(pid, &registers) else {
            return;
        };
        let number = self.count;
        self.count += 1;
        if self.keeps_calls {
            self.calls.push(call.clone());
        }
        match self.blow {
            Some((at, blow)) if at == number && !self.killing => {
                self.struck = Some(call);
                self.strike(pid, blow, registers);
            }
            _ => {}
        }
    }

    fn strike(&mut self, pid: Pid, blow: Blow, mut registers: libc::user_regs_struct) {
        match blow {
            Blow::KillAllBefore => self.kill_all(),
            Blow::KillOne => _ = kill(pid, Signal::SIGKILL),
            Blow::KillAllAfter | Blow::Fail(_) => {
                if let Some(thread) = self.threads.get_mut(&pid) {
                    thread.ending = Some(blow);
                }
                if let Blow::Fail(_) = blow {
                    // No such call: nothing happens, and its answer is replaced when it ends.
                    registers.orig_rax = u64::MAX;
                    ptrace::setregs(pid, registers).unwrap();
                }
            }
        }
    }

    fn kill_all(&mut self) {
        self.killing = true;
        for pid in self.threads.keys() {
            _ = kill(*pid, Signal::SIGKILL);
        }
    }
}

fn fail(pid: Pid, errno: Errno) {
    if let Ok(mut registers) = ptrace::getregs(pid) {
        registers.rax = (-i64::from(errno as i32)).cast_unsigned();
        _ = ptrace::setregs(pid, registers);
    }
}
