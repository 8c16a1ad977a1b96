//! Runs a program with all that it starts, stops at every system call that changes something, and does
//! something to one of them.

use super::calls::{Call, change, filter};
use super::scenario::REMOTE;
use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::io::Write as _;
use std::os::unix::process::{CommandExt, ExitStatusExt};
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

/// The last line of what the test program prints before it becomes another one.
const BEGINS: &str = "--- the program begins ---\n";
/// The program that it becomes, in its environment.
const BECOMES: &str = "GATE_TEST_BECOMES";

struct Tracer {
    first: Pid,
    threads: HashSet<Pid>,
    /// The thread whose call is the last one: all are killed once it is done.
    ending: Option<Pid>,
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
    /// On to the next call that changes something.
    Change,
    /// To the end of the call that is being made.
    End,
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
        threads: HashSet::new(),
        ending: None,
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
    let stdout = stdout.split_once(BEGINS).map_or("", |(_, own)| own);
    Traced {
        code: tracer.status.and_then(|status| status.code()),
        stdout: stdout.to_owned(),
        stderr,
        calls: tracer.calls,
        struck: tracer.struck,
    }
}

/// This test program, which stops itself and, once it is seized, becomes the program of `command`.
fn stopped(command: &Command) -> Child {
    let mut program = Command::new(std::env::current_exe().unwrap());
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_str().unwrap()).collect();
    program
        .args([
            "--exact",
            "crash::tracer::launch",
            "--ignored",
            "--nocapture",
        ])
        .current_dir(command.get_current_dir().unwrap())
        .env_clear()
        .env(BECOMES, words.join("\n"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            program.env(name, value);
        }
    }
    program.spawn().unwrap()
}

#[test]
#[ignore = "the first half of every program that is traced"]
fn launch() {
    let Ok(words) = std::env::var(BECOMES) else {
        return;
    };
    let mut words = words.split('\n');
    let mut program = Command::new(words.next().unwrap());
    program.args(words).env_remove(BECOMES);
    let filter = filter();
    print!("{BEGINS}");
    std::io::stdout().flush().unwrap();
    // To this thread: it does not go on before it has stopped.
    raise(Signal::SIGSTOP).unwrap();
    seccompiler::apply_filter(&filter).unwrap();
    panic!("{}", program.exec());
}

impl Tracer {
    fn follow(&mut self) {
        let stopped = waitpid(self.first, Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert_eq!(stopped, WaitStatus::Stopped(self.first, Signal::SIGSTOP));
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACESECCOMP
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        // A test has a thread of its own.
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.first)).unwrap() {
            let id = thread.unwrap().file_name().into_string().unwrap();
            ptrace::seize(Pid::from_raw(id.parse().unwrap()), options).unwrap();
        }
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
            if self.killing && !is_elsewhere(pid) {
                _ = kill(pid, Signal::SIGKILL);
                continue;
            }
            // It may be gone by now.
            _ = match next {
                Next::Change => ptrace::cont(pid, None),
                Next::End => ptrace::syscall(pid, None),
                Next::Deliver(signal) if self.ending == Some(pid) => {
                    ptrace::syscall(pid, Some(signal))
                }
                Next::Deliver(signal) => ptrace::cont(pid, Some(signal)),
            };
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
                if self.ending == Some(pid) {
                    self.kill_all();
                }
                Some((pid, Next::Change))
            }
            WaitStatus::PtraceEvent(pid, _, libc::PTRACE_EVENT_SECCOMP) => {
                self.threads.insert(pid);
                Some((pid, self.call(pid)))
            }
            WaitStatus::PtraceEvent(pid, ..) => {
                self.threads.insert(pid);
                Some((pid, Next::Change))
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

    /// A call begins that may change something.
    fn call(&mut self, pid: Pid) -> Next {
        let Ok(registers) = ptrace::getregs(pid) else {
            return Next::Change;
        };
        let Some(call) = change(pid, &registers).filter(|_| !is_elsewhere(pid)) else {
            return Next::Change;
        };
        let number = self.count;
        self.count += 1;
        if self.keeps_calls {
            self.calls.push(call.clone());
        }
        match self.blow {
            Some((at, blow)) if at == number && !self.killing => {
                self.struck = Some(call);
                self.strike(pid, blow, registers)
            }
            _ => Next::Change,
        }
    }

    fn strike(&mut self, pid: Pid, blow: Blow, registers: libc::user_regs_struct) -> Next {
        match blow {
            Blow::KillAllBefore => self.kill_all(),
            Blow::KillOne => _ = kill(pid, Signal::SIGKILL),
            Blow::KillAllAfter => {
                self.ending = Some(pid);
                return Next::End;
            }
            Blow::Fail(errno) => fail(pid, errno, registers),
        }
        Next::Change
    }

    fn kill_all(&mut self) {
        self.killing = true;
        for pid in self.threads.iter().filter(|pid| !is_elsewhere(**pid)) {
            _ = kill(*pid, Signal::SIGKILL);
        }
    }
}

/// Whether a process works in the remote: what happens there does not happen to gate.
fn is_elsewhere(pid: Pid) -> bool {
    let folder = std::fs::read_link(format!("/proc/{pid}/cwd"));
    folder.is_ok_and(|folder| folder.components().any(|part| part.as_os_str() == REMOTE))
}

/// Lets the call that begins end at once, with this error.
fn fail(pid: Pid, errno: Errno, mut registers: libc::user_regs_struct) {
    registers.orig_rax = u64::MAX;
    registers.rax = (-i64::from(errno as i32)).cast_unsigned();
    ptrace::setregs(pid, registers).unwrap();
}
