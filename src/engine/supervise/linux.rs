//! Linux: a process can be made to adopt the orphans among its descendants, and `/proc` says who they are.

use crate::repo::OwnChild;
use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper,
    set_dumpable_behavior, waitpid,
};
use std::collections::HashSet;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How much of a command line names a process.
const NAME_CHARACTERS: usize = 60;

/// How often the children alone are looked for, which is quick, after all descendants are.
pub(super) const PASSES: usize = 50;

/// How many commands of this process run that could leave it something.
static EXPECTED: Mutex<usize> = Mutex::new(0);

/// A process that a command started, and that has not ended.
pub(super) struct Survivor(Pid);

/// What `/proc` says of a process.
struct Process {
    pid: Pid,
    parent: Option<Pid>,
    ended: bool,
}

impl Survivor {
    pub(super) fn signal(&self, signal: Signal) {
        // Who is not reached has gone: looking again tells.
        _ = kill_process(self.0, signal);
    }

    /// Its command line, or what can be said instead.
    pub(super) fn name(&self) -> String {
        let pid = self.0;
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        match words.join(" ") {
            line if line.is_empty() => format!("process {pid}"),
            line => line.chars().take(NAME_CHARACTERS).collect(),
        }
    }
}

/// From now on the orphans among the descendants of this process become its children, and nobody but the
/// superuser can look into it or lead it.
pub(super) fn adopt() -> Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// All descendants of this process that have not ended, but for its child `command`. Whoever comes and goes
/// meanwhile may be missing.
pub(super) fn survivors(command: Pid) -> Result<Vec<Survivor>> {
    let found = descendants(|_| true)?.into_iter();
    let alive = found.filter(|process| !process.ended && process.pid != command);
    Ok(alive.map(|process| Survivor(process.pid)).collect())
}

/// Kills the children of this process, as far as they are found.
pub(super) fn kill_children() {
    kill_such_children(|_| true);
}

fn kill_such_children(meant: impl Fn(Pid) -> bool) {
    for task in fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten()
    {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let numbers = children
            .split_whitespace()
            .filter_map(|number| number.parse().ok());
        for child in numbers
            .filter_map(Pid::from_raw)
            .filter(|child| meant(*child))
        {
            // Who is not reached has gone: looking again tells.
            _ = kill_process(child, Signal::KILL);
        }
    }
}

/// Whether nobody is in the process group that `command` has left: all are children or descendants of this
/// process, which has none any more.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same face as on other systems"
)]
pub(super) fn is_deserted(_command: Pid) -> Result<bool> {
    Ok(true)
}

/// What a supervisor leaves behind that is killed: while one of these exists, it comes to this process.
pub(super) struct Inheritance;

impl Inheritance {
    pub(super) fn expect() -> Result<Self> {
        let mut expected = expected();
        if *expected == 0 {
            set_child_subreaper(Some(getpid()))?;
        }
        *expected += 1;
        Ok(Self)
    }

    /// Kills all children of this process that are none of its own, and their descendants; whether there were
    /// none. No child goes before this process has asked for its end, so however quickly they come and go, as
    /// long as there is one of them, one is found.
    #[expect(
        clippy::unused_self,
        reason = "nothing comes to this process without one"
    )]
    pub(super) fn end(&self) -> Result<bool> {
        OwnChild::while_none_starts(|own| {
            let is_inherited = |child: Pid| {
                let number = child.as_raw_nonzero().get().unsigned_abs();
                !own.contains(&number)
            };
            let inherited = descendants(is_inherited)?;
            for process in &inherited {
                _ = kill_process(process.pid, Signal::KILL);
            }
            // Whoever has become an orphan by that has children of its own.
            for _ in 0..PASSES {
                kill_such_children(is_inherited);
            }
            for process in inherited.iter().filter(|process| process.is_child()) {
                match waitpid(Some(process.pid), WaitOptions::NOHANG) {
                    Ok(_) | Err(Errno::CHILD) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(inherited.is_empty())
        })
    }
}

impl Drop for Inheritance {
    fn drop(&mut self) {
        let mut expected = expected();
        *expected -= 1;
        if *expected == 0 {
            _ = set_child_subreaper(None);
        }
    }
}

fn expected() -> MutexGuard<'static, usize> {
    EXPECTED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    fn is_child(&self) -> bool {
        self.parent == Some(getpid())
    }
}

/// The children of this process that are `meant`, and all that descend from them; of those that have ended,
/// the ones that their parents have not asked about.
fn descendants(meant: impl Fn(Pid) -> bool) -> Result<Vec<Process>> {
    let mut processes = processes()?;
    let mut found = HashSet::new();
    let mut known = 0;
    loop {
        for process in &processes {
            let is_known = process.parent.is_some_and(|parent| found.contains(&parent));
            if is_known || process.is_child() && meant(process.pid) {
                found.insert(process.pid);
            }
        }
        if found.len() == known {
            break;
        }
        known = found.len();
    }
    processes.retain(|process| found.contains(&process.pid));
    Ok(processes)
}

fn processes() -> Result<Vec<Process>> {
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let number = entry?.file_name().to_string_lossy().parse().ok();
        if let Some(pid) = number.and_then(Pid::from_raw)
            && let Some(process) = process(pid)?
        {
            processes.push(process);
        }
    }
    Ok(processes)
}

/// The process `pid`, unless it is gone.
fn process(pid: Pid) -> Result<Option<Process>> {
    let text = match fs::read(format!("/proc/{pid}/stat")) {
        Ok(text) => text,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let text = String::from_utf8_lossy(&text);
    // Its name stands between parentheses and may hold anything; then state and parent.
    let fields = text
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace());
    let fields: Vec<_> = fields.into_iter().flatten().take(2).collect();
    let [state, parent] = fields[..] else {
        return Err(Error::other("/proc cannot be understood"));
    };
    let parent = parent.parse().ok().filter(|number: &i32| *number > 0);
    Ok(Some(Process {
        pid,
        parent: parent.and_then(Pid::from_raw),
        ended: matches!(state, "Z" | "X"),
    }))
}

fn is_gone(error: &Error) -> bool {
    let no_such_process = Errno::SRCH.raw_os_error();
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(no_such_process)
}
