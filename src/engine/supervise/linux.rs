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
    pub(super) fn pid(&self) -> Option<Pid> {
        Some(self.0)
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

/// All descendants of this process that have not ended, but for its child `command`.
pub(super) fn survivors(command: Pid) -> Result<Vec<Survivor>> {
    let mut survivors = descendants(|_| true, |child| child != command)?;
    survivors.retain(|survivor| survivor.0 != command);
    Ok(survivors)
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

    /// Kills all children of this process that are none of its own, and their descendants; whether there
    /// were none.
    pub(super) fn end(&self) -> Result<bool> {
        OwnChild::while_none_starts(|own| {
            let is_inherited = |child: Pid| {
                let number = child.as_raw_nonzero().get().unsigned_abs();
                !own.contains(&number)
            };
            let inherited = descendants(is_inherited, is_inherited)?;
            for survivor in &inherited {
                // Who is not reached has gone: looking again tells.
                _ = kill_process(survivor.0, Signal::KILL);
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

/// The children of this process that are `meant`, and all that descend from them, without those that have
/// ended: children of this process that are `unclaimed` by anybody else are then gone for good.
fn descendants(
    meant: impl Fn(Pid) -> bool,
    unclaimed: impl Fn(Pid) -> bool,
) -> Result<Vec<Survivor>> {
    let processes = processes()?;
    let this = Some(getpid());
    let is_child = |process: &Process| process.parent == this;
    let mut found = HashSet::new();
    let mut known = 0;
    loop {
        for process in &processes {
            let is_known = process.parent.is_some_and(|parent| found.contains(&parent));
            if is_known || is_child(process) && meant(process.pid) {
                found.insert(process.pid);
            }
        }
        if found.len() == known {
            break;
        }
        known = found.len();
    }
    let mut survivors = Vec::new();
    for process in processes
        .iter()
        .filter(|process| found.contains(&process.pid))
    {
        if !process.ended {
            survivors.push(Survivor(process.pid));
        } else if is_child(process) && unclaimed(process.pid) {
            // Its parent has to ask for it before it is gone.
            match waitpid(Some(process.pid), WaitOptions::NOHANG) {
                Ok(_) | Err(Errno::CHILD) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(survivors)
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
