//! What became of a verify command: why it did not pass, and whose fault that is.

/// A verify command that did not pass, or not at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The command line.
    pub command: String,
    /// Why it did not pass the last time that it did not.
    pub cause: Cause,
    /// Whose fault that is.
    pub blame: Blame,
    /// How many times it was tried.
    pub attempts: u32,
}

/// Why a command did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The shell did not find a program.
    NotFound,
    /// The shell was not allowed to execute a program, or could not.
    NotExecutable,
    /// It ended with this exit code.
    ExitCode(i32),
    /// This signal ended it, or ended the program of it that its shell speaks of.
    Signal(i32),
    /// Its time was up.
    Timeout,
    /// It left processes behind.
    LeftProcesses,
    /// It killed the process that supervises it.
    Unsupervised,
    /// It did not print what it is expected to print.
    Expectation,
    /// There was no space left on the disk.
    DiskFull,
}

/// Whose fault it is that a command does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// That of the branch.
    Branch,
    /// That of the target as it is.
    Target,
    /// Nobody's: an outage.
    Nobody,
}

impl Cause {
    /// The exit code by which a shell says that it did not find a program.
    pub const NOT_FOUND: i32 = 127;
    /// The exit code by which it says that it could not execute one.
    pub const NOT_EXECUTABLE: i32 = 126;

    /// What the command ended with, if it ended by itself and that is why it did not pass.
    pub fn exit_code(self) -> Option<i32> {
        match self {
            Self::ExitCode(code) => Some(code),
            Self::NotFound => Some(Self::NOT_FOUND),
            Self::NotExecutable => Some(Self::NOT_EXECUTABLE),
            _ => None,
        }
    }

    /// The signal that ended it.
    pub fn signal(self) -> Option<i32> {
        match self {
            Self::Signal(signal) => Some(signal),
            _ => None,
        }
    }

    /// The cause as programs see it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::NotExecutable => "not-executable",
            Self::ExitCode(_) => "exit-code",
            Self::Signal(_) => "signal",
            Self::Timeout => "timeout",
            Self::LeftProcesses => "left-processes",
            Self::Unsupervised => "unsupervised",
            Self::Expectation => "expectation",
            Self::DiskFull => "disk-full",
        }
    }

    /// Whether the same may happen through no fault of whoever is verified: then it is tried without
    /// the branch before anybody is blamed.
    pub fn may_be_an_outage(self) -> bool {
        matches!(self, Self::NotFound | Self::NotExecutable | Self::DiskFull)
    }
}

impl Blame {
    /// Who is blamed, as programs see it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Target => "target",
            Self::Nobody => "nobody",
        }
    }
}
