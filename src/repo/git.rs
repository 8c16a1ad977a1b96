//! Running git: every command is built here, with an environment of its own.

use super::children::OwnChild;
use super::disk::says_no_space;
use crate::words::{Code, Finding, Result};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;

/// The oldest git that gate works with: the first that merges by the attributes of a tree.
const OLDEST: (u32, u32) = (2, 41);
/// How many lines of git's complaint a finding repeats.
const LAST_LINES: usize = 8;

/// Whose configuration a command reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Config {
    /// The user's, the system's and the repository's, as the user's own git does.
    Users,
    /// Only that of the repository named by `GIT_DIR`: for repositories that gate made itself.
    Isolated,
}

/// A git command that has not run yet.
pub(super) struct Git {
    command: Command,
    what: String,
    input: Input,
}

/// What a command reads from its standard input.
enum Input {
    Nothing,
    Bytes(Vec<u8>),
    File(File),
}

impl Git {
    /// `git SUBCOMMAND`, run in `dir`, with nothing of the caller's git environment but what
    /// `config` allows, in the C locale, without replacement objects and grafts.
    pub(super) fn new(config: Config, dir: &Path, subcommand: &str) -> Self {
        let mut git = Self::with_callers_environment(dir, subcommand);
        for (name, _) in std::env::vars_os() {
            let keep = config == Config::Users && is_about_configuration(&name);
            if name.as_encoded_bytes().starts_with(b"GIT_") && !keep {
                git.command.env_remove(name);
            }
        }
        if config == Config::Isolated {
            git.command
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_SYSTEM", "/dev/null")
                .env("GIT_ATTR_NOSYSTEM", "1");
        }
        git.constants();
        git
    }

    /// `git SUBCOMMAND` as a hook runs it: with `GIT_DIR`, `GIT_INDEX_FILE` and whatever else the
    /// caller has set. Only for finding out which repository is meant.
    pub(super) fn with_callers_environment(dir: &Path, subcommand: &str) -> Self {
        let mut command = Command::new("git");
        command.current_dir(dir).arg(subcommand);
        let what = format!("git {subcommand}");
        let mut git = Self {
            command,
            what,
            input: Input::Nothing,
        };
        git.constants();
        git
    }

    fn constants(&mut self) {
        self.command
            .env("LC_ALL", "C")
            .env("LANGUAGE", "C")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_GRAFT_FILE", "/dev/null")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ADVICE", "0")
            .env_remove("GIT_TRACE");
    }

    /// With one more argument.
    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// With more arguments.
    pub(super) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// With a variable of the environment.
    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Without these variables of the caller's environment.
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        for name in names {
            self.command.env_remove(name);
        }
        self
    }

    /// With this on its standard input, which is empty otherwise.
    pub(super) fn input(mut self, bytes: Vec<u8>) -> Self {
        self.input = Input::Bytes(bytes);
        self
    }

    /// With this file on its standard input, from where it stands. A lock on it lasts at least as long as
    /// the command: that is how one that outlives gate is waited for. What the command starts in its turn
    /// (hooks, filters) is given another standard input by git, and so does not hold the lock.
    pub(super) fn input_from(mut self, file: File) -> Self {
        self.input = Input::File(file);
        self
    }

    /// With this setting, whatever is configured. Only the last one counts.
    pub(super) fn with_setting(self, key: &str, value: &str) -> Self {
        self.env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", key)
            .env("GIT_CONFIG_VALUE_0", value)
    }

    /// With these components, as `core.fsync` names them, flushed to disk before the command ends.
    pub(super) fn flushing(self, components: &str) -> Self {
        self.with_setting("core.fsync", components)
    }

    /// What the command printed, if it ended with 0.
    pub(super) fn run(self) -> Result<Vec<u8>> {
        let what = self.what.clone();
        let output = self.output()?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(failure(&what, &output))
    }

    /// Everything about how the command ended, whatever its exit status.
    pub(super) fn output(self) -> Result<Output> {
        self.start()?.output()
    }

    /// Starts the command. Whoever does so waits for its end.
    pub(super) fn start(mut self) -> Result<Running> {
        let (stdin, input) = match self.input {
            Input::Nothing => (Stdio::null(), None),
            Input::Bytes(bytes) => (Stdio::piped(), Some(bytes)),
            Input::File(file) => (file.into(), None),
        };
        self.command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = OwnChild::start(&mut self.command);
        let (child, own) = started.map_err(|error| not_started(&self.what, &error))?;
        Ok(Running {
            child,
            _own: own,
            what: self.what,
            input,
        })
    }

    /// Starts the command, to write to it and read from it by turns. What it complains of is lost.
    pub(super) fn talk(mut self) -> Result<Talk> {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let started = OwnChild::start(&mut self.command);
        let (mut child, own) = started.map_err(|error| not_started(&self.what, &error))?;
        match child.stdin.take().zip(child.stdout.take()) {
            Some((input, output)) => Ok(Talk {
                child,
                own,
                input,
                output,
            }),
            None => Err(Finding::error(
                Code::Git,
                format!("`{}` has no pipes", self.what),
            )),
        }
    }
}

/// A git command that has been started.
pub(super) struct Running {
    child: Child,
    _own: OwnChild,
    what: String,
    input: Option<Vec<u8>>,
}

impl Running {
    /// Everything about how it ended.
    pub(super) fn output(mut self) -> Result<Output> {
        let pipe = self.child.stdin.take();
        // A thread of its own, since git may answer before it has read everything.
        let waited = std::thread::scope(|scope| {
            if let (Some(mut pipe), Some(bytes)) = (pipe, self.input) {
                // A git that stops reading says why on its standard error.
                scope.spawn(move || drop(pipe.write_all(&bytes)));
            }
            self.child.wait_with_output()
        });
        waited.map_err(|error| not_started(&self.what, &error))
    }
}

/// A command that runs, with both ends of a talk.
pub(super) struct Talk {
    pub child: Child,
    pub own: OwnChild,
    pub input: ChildStdin,
    pub output: ChildStdout,
}

/// What the git program says of its version, asked once. Fails unless it is there and not older than 2.41.
pub fn git_version_check() -> Result<String> {
    static ANSWER: OnceLock<Result<String>> = OnceLock::new();
    ANSWER.get_or_init(git_version).clone()
}

fn git_version() -> Result<String> {
    let output = Git::new(Config::Isolated, Path::new("/"), "version").run()?;
    let text = String::from_utf8_lossy(&output).trim().to_owned();
    let numbers: Vec<u32> = text
        .trim_start_matches("git version ")
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect();
    match numbers[..] {
        [major, minor, ..] if (major, minor) >= OLDEST => Ok(text),
        _ => Err(Box::new(
            Finding::new(Code::Git, format!("`{text}` is too old or unknown"))
                .hint("install git 2.41 or newer"),
        )),
    }
}

/// The finding for a command that ran and failed: its last lines are the notes.
pub(super) fn failure(what: &str, output: &Output) -> Box<Finding> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = if says_no_space(&output.stderr) {
        Code::DiskFull
    } else {
        Code::Git
    };
    let finding = Finding::new(code, format!("`{what}` failed: {}", output.status));
    let lines = stderr.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<&str> = lines.collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    let finding = last
        .iter()
        .fold(finding, |finding, line| finding.note(*line));
    Box::new(finding)
}

fn not_started(what: &str, error: &std::io::Error) -> Box<Finding> {
    let finding = Finding::new(Code::Git, format!("`{what}` could not be run")).because(error);
    Box::new(finding.hint("install git 2.41 or newer, and see that it is on the PATH"))
}

/// The variables by which a user says where configuration is, which is not about any repository.
fn is_about_configuration(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("GIT_CONFIG_NOSYSTEM")
        || name.starts_with("GIT_CONFIG_GLOBAL")
        || name.starts_with("GIT_CONFIG_SYSTEM")
        || name == "GIT_EXEC_PATH"
}

/// Whether nothing in the caller's environment tells git which repository is meant, or how to trust it.
pub(super) fn environment_is_plain() -> bool {
    const HARMLESS: [&str; 15] = [
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_AUTHOR_",
        "GIT_COMMITTER_",
        "GIT_EDITOR",
        "GIT_SEQUENCE_EDITOR",
        "GIT_PAGER",
        "GIT_REFLOG_ACTION",
        "GIT_OPTIONAL_LOCKS",
        "GIT_TERMINAL_PROMPT",
        "GIT_ASKPASS",
        "GIT_SSH",
        "GIT_SSL_",
        "GIT_HTTP_",
        "GIT_TRACE",
    ];
    std::env::vars_os().all(|(name, _)| {
        let text = name.to_string_lossy();
        let is_harmless = || HARMLESS.iter().any(|harmless| text.starts_with(harmless));
        !text.starts_with("GIT_") || is_about_configuration(&name) || is_harmless()
    })
}

/// A path as git printed it.
pub(super) fn path_from(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_git_will_do() {
        let version = git_version_check().expect("a git");
        assert!(version.starts_with("git version "), "{version}");
    }

    #[test]
    fn a_failure_carries_what_git_said() {
        let error = Git::new(Config::Isolated, Path::new("/"), "no-such-command")
            .run()
            .expect_err("there is no such command");
        assert_eq!(error.code, Code::Git);
        assert!(error.notes.concat().contains("no-such-command"));
    }
}
