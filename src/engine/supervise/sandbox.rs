//! What a command may write to, and by what it is kept from everything else.

#[cfg(target_os = "linux")]
use super::landlock;
use crate::words::{Code, Finding, Result};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The program that is asked where the system itself offers nothing.
const BUBBLEWRAP: &str = "bwrap";

/// Whether commands are kept from writing where they have no business.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sandbox {
    /// Where that is to be had.
    #[default]
    Auto,
    /// Nothing runs without.
    Require,
    /// They are not.
    Off,
}

/// What keeps commands from writing anywhere but below their own folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Landlock, a part of Linux.
    Landlock,
    /// The program bubblewrap.
    Bubblewrap,
    /// Nothing: neither of them is to be had.
    Unavailable,
    /// Nothing, as it was asked for.
    Off,
}

/// How one command is confined.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confinement {
    by: Means,
    /// The folders below which it may write; absolute.
    writable: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Means {
    Landlock,
    Bubblewrap,
}

impl Sandbox {
    /// What there is for it here.
    ///
    /// # Errors
    /// [`Code::NoSandbox`]
    pub(in crate::engine) fn find(self) -> Result<Isolation> {
        if self == Self::Off {
            return Ok(Isolation::Off);
        }
        let found = if landlock::is_there() {
            Isolation::Landlock
        } else if is_bubblewrap_there() {
            Isolation::Bubblewrap
        } else {
            Isolation::Unavailable
        };
        if self == Self::Require && found == Isolation::Unavailable {
            let message = "there is no sandbox for verify commands: neither Landlock nor bubblewrap works here";
            let finding = Finding::new(Code::NoSandbox, message);
            return Err(Box::new(finding.hint(
                "use Linux 6.2 or newer with Landlock, or install bubblewrap (`bwrap`)",
            )));
        }
        Ok(found)
    }
}

impl Isolation {
    /// It as programs see it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Landlock => "landlock",
            Self::Bubblewrap => "bubblewrap",
            Self::Unavailable => "unavailable",
            Self::Off => "off",
        }
    }

    /// It as people call it, if it is anything.
    pub fn title(self) -> Option<&'static str> {
        match self {
            Self::Landlock => Some("Landlock"),
            Self::Bubblewrap => Some("bubblewrap"),
            Self::Unavailable | Self::Off => None,
        }
    }

    /// The confinement of a command that may write below these folders.
    pub(super) fn confinement(self, writable: &[PathBuf]) -> Option<Confinement> {
        let by = match self {
            Self::Landlock => Means::Landlock,
            Self::Bubblewrap => Means::Bubblewrap,
            Self::Unavailable | Self::Off => return None,
        };
        let writable = writable.iter().map(|folder| folder.clone().into());
        Some(Confinement {
            by,
            writable: writable.collect(),
        })
    }
}

impl Confinement {
    /// The arguments of bubblewrap: everything is there, and can be read only, but for the devices and for
    /// these folders.
    fn arguments(&self) -> Vec<OsString> {
        let words = ["--die-with-parent", "--ro-bind", "/", "/"];
        let devices = ["--dev-bind", "/dev", "/dev"];
        let mut arguments: Vec<OsString> = words
            .into_iter()
            .chain(devices)
            .map(OsString::from)
            .collect();
        for folder in &self.writable {
            arguments.extend(["--bind".into(), folder.clone(), folder.clone()]);
        }
        arguments.push("--".into());
        arguments
    }
}

/// Starts what `prepare` makes of a command that runs `program` with these `arguments`, confined.
pub(super) fn start(
    confinement: Option<&Confinement>,
    program: &str,
    arguments: &[&str],
    prepare: impl Fn(&mut Command) + Sync,
) -> io::Result<Child> {
    let plain = || {
        let mut command = Command::new(program);
        prepare(command.args(arguments));
        command.spawn()
    };
    match confinement {
        None => plain(),
        Some(confined) if confined.by == Means::Bubblewrap => {
            let mut command = Command::new(BUBBLEWRAP);
            command.args(confined.arguments()).arg(program);
            prepare(command.args(arguments));
            command.spawn()
        }
        Some(confined) => {
            let writable: Vec<_> = confined.writable.iter().map(PathBuf::from).collect();
            // What a thread gives up, it gives up for itself and for what it starts.
            let restricted = || landlock::restrict(&writable).and_then(|()| plain());
            std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().spawn_scoped(scope, restricted)?;
                let panicked = |_| Err(io::Error::other("the thread that starts it has panicked"));
                thread.join().unwrap_or_else(panicked)
            })
        }
    }
}

fn is_bubblewrap_there() -> bool {
    let nothing = Confinement {
        by: Means::Bubblewrap,
        writable: Vec::new(),
    };
    let quiet = |command: &mut Command| {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    };
    let started = start(Some(&nothing), "/bin/sh", &["-c", ":"], quiet);
    let ended = started.and_then(|mut child| child.wait());
    ended.is_ok_and(|status| status.success())
}

/// Only Linux has it.
#[cfg(not(target_os = "linux"))]
mod landlock {
    use std::io::{Error, Result};
    use std::path::PathBuf;

    pub(super) fn is_there() -> bool {
        false
    }

    pub(super) fn restrict(_writable: &[PathBuf]) -> Result<()> {
        Err(Error::other("there is no Landlock on this system"))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    #[ignore = "needs bubblewrap where it may make namespaces: .ci/run"]
    fn bubblewrap_lets_a_command_write_below_its_folders_only() {
        assert!(is_bubblewrap_there());
        // Temporary files may be in shared memory, where everybody may write.
        let folder = || tempfile::tempdir_in("/var/tmp").expect("a folder");
        let (mine, others) = (folder(), folder());
        let confinement = Isolation::Bubblewrap
            .confinement(&[mine.path().to_owned()])
            .expect("a confinement");
        fs::write(others.path().join("known"), "to be read\n").expect("a file");
        let line = [
            "cat \"$1/known\" > read",
            "echo x > /dev/null",
            "! echo x 2> /dev/null > \"$1/new\"",
            "! rm \"$1/known\" 2> /dev/null",
            "! echo x 2> /dev/null >> \"$1/known\"",
        ];
        let line = line.join(" && ");
        let place = others.path().to_str().expect("a path");
        let arguments = ["-c", &line, "sh", place];
        let started = start(Some(&confinement), "/bin/sh", &arguments, |command| {
            command.current_dir(mine.path());
        });
        let ended = started.expect("a child").wait().expect("an end");
        assert!(ended.success());
        let text = |folder: &tempfile::TempDir, name| fs::read_to_string(folder.path().join(name));
        assert_eq!(text(&mine, "read").expect("a file"), "to be read\n");
        assert_eq!(text(&others, "known").expect("a file"), "to be read\n");
        assert!(text(&others, "new").is_err());
    }
}
