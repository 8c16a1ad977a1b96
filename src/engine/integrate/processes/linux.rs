//! Linux: gate adopts orphans, and `/proc` says who they are.

use super::Survivor;
use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, getpid, set_child_subreaper, waitpid};
use std::collections::HashSet;
use std::fs;
use std::io::{Error, ErrorKind, Result};

/// How much of a command line names a process.
const NAME_CHARACTERS: usize = 60;

/// While this exists, the orphans among the descendants of gate become its children.
pub(super) struct Orphans {
    /// The children that gate had already.
    before: HashSet<Pid>,
}

/// What `/proc` says of a process.
struct Process {
    pid: Pid,
    parent: Option<Pid>,
    group: Option<Pid>,
    ended: bool,
}

impl Orphans {
    /// Begins to adopt.
    pub(super) fn adopt() -> Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        let mut orphans = Self {
            before: HashSet::new(),
        };
        let children = processes()?.into_iter().filter(Process::is_child);
        orphans.before = children.map(|process| process.pid).collect();
        Ok(orphans)
    }

    /// Who else is in the group that its leader `group` has left, who is a child of gate by now, and
    /// all that descend from them.
    pub(super) fn survivors(&self, group: Pid) -> Result<Vec<Survivor>> {
        let processes = processes()?;
        let adopted = |process: &Process| process.is_child() && !self.before.contains(&process.pid);
        let mut found = HashSet::new();
        let mut known = 0;
        loop {
            for process in processes.iter().filter(|process| process.pid != group) {
                let is_known = process.parent.is_some_and(|parent| found.contains(&parent));
                if is_known || adopted(process) || process.group == Some(group) {
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
                survivors.push(Survivor {
                    pid: Some(process.pid),
                    name: name(process.pid),
                });
            } else if adopted(process) {
                // Its parent has to ask for it before it is gone.
                match waitpid(Some(process.pid), WaitOptions::NOHANG) {
                    Ok(_) | Err(Errno::CHILD) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(survivors)
    }
}

impl Drop for Orphans {
    fn drop(&mut self) {
        _ = set_child_subreaper(None);
    }
}

impl Process {
    fn is_child(&self) -> bool {
        self.parent == Some(getpid())
    }
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
    // Its name stands between parentheses and may hold anything; then state, parent, group.
    let fields = text
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace());
    let fields: Vec<_> = fields.into_iter().flatten().take(3).collect();
    let [state, parent, group] = fields[..] else {
        return Err(Error::other("/proc cannot be understood"));
    };
    // Whoever is about to disappear has the group -1.
    let positive = |text: &str| text.parse().ok().filter(|number: &i32| *number > 0);
    let number = |text: &str| positive(text).and_then(Pid::from_raw);
    Ok(Some(Process {
        pid,
        parent: number(parent),
        group: number(group),
        ended: matches!(state, "Z" | "X"),
    }))
}

fn is_gone(error: &Error) -> bool {
    let no_such_process = Errno::SRCH.raw_os_error();
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(no_such_process)
}

/// The command line of a process, or what can be said instead.
fn name(pid: Pid) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    match words.join(" ") {
        line if line.is_empty() => format!("process {pid}"),
        line => line.chars().take(NAME_CHARACTERS).collect(),
    }
}
