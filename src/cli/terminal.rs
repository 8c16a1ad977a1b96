//! The terminal: what it can show, and the writing to it.

use crate::engine::Failure;
use crate::report::{Format, Report, Style, render};
use crate::words::{Code, Finding, Severity};
use anstream::AutoStream;
use anstream::stream::RawStream;
use clap::ColorChoice;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{ErrorKind, IsTerminal, Write, stderr, stdout};

/// How wide text is set where neither a terminal nor `COLUMNS` says how wide the other end is.
const WIDTH: usize = 80;

/// How wide it is set for whoever pushes: git puts `remote: ` in front of each line.
const REMOTE_WIDTH: usize = WIDTH - 8;

/// Standard output and standard error, and how results are written to them.
pub(super) struct Terminal {
    format: Format,
    color: anstream::ColorChoice,
    /// How wide text is set, whatever is found out about the other end.
    width: Option<usize>,
    token: u128,
}

impl Terminal {
    /// A terminal that is written to in this format.
    pub(super) fn new(format: Format, color: ColorChoice) -> Self {
        let color = match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Self {
            format,
            color,
            width: None,
            token: unpredictable(),
        }
    }

    /// The same for a hook whose output git carries to whoever pushes: nothing is known of that end,
    /// and what is known of this one does not count.
    pub(super) fn of_whoever_pushes(self) -> Self {
        let color = match self.color {
            anstream::ColorChoice::Auto => anstream::ColorChoice::Never,
            asked => asked,
        };
        Self {
            color,
            width: Some(REMOTE_WIDTH),
            ..self
        }
    }

    /// The format that it is written to in.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// For arguments that are wrong: the format that they, or else the environment, ask for, if
    /// there is such a format.
    pub(super) fn of_wrong_arguments(arguments: &[OsString]) -> Self {
        let text: Vec<_> = arguments
            .iter()
            .map(|argument| argument.to_string_lossy())
            .collect();
        let joined = text
            .iter()
            .find_map(|argument| argument.strip_prefix("--format="));
        let apart = || {
            text.windows(2)
                .find(|pair| pair[0] == "--format")
                .map(|pair| &*pair[1])
        };
        let environment = std::env::var("GATE_FORMAT").unwrap_or_default();
        let named = joined.or_else(apart).unwrap_or(&environment);
        Self::new(named.parse().unwrap_or_default(), ColorChoice::Auto)
    }

    /// Writes a report to standard output and returns its exit code; that of a failed write if it
    /// cannot be written, unless the command has changed something already.
    pub(super) fn show(&self, report: &Report<'_>) -> u8 {
        let mut text = Vec::new();
        let written =
            render(report, self.format, self.style(), &mut text).and_then(|()| self.write(&text));
        match written {
            Ok(()) => report.exit_code(),
            // Who closed the pipe has read what it wanted; the exit code stays true.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => report.exit_code(),
            Err(error) if report.is_of_a_change() => {
                let what = "what was asked for is done, but the result cannot be written";
                self.note(&format!("gate: {what}: {error}"));
                report.exit_code()
            }
            Err(error) => {
                self.note(&format!("gate: cannot write the result: {error}"));
                report.exit_code().max(Severity::Undecided.exit_code())
            }
        }
    }

    /// Writes a report to standard error, beside a result that is not a report.
    pub(super) fn show_aside(&self, report: &Report<'_>) -> u8 {
        let mut text = Vec::new();
        let style = self.style_of(&stderr());
        if let Err(error) = render(report, self.format, style, &mut text) {
            self.note(&format!("gate: cannot write the report: {error}"));
            return report.exit_code().max(Severity::Undecided.exit_code());
        }
        self.note(String::from_utf8_lossy(&text).trim_end());
        report.exit_code()
    }

    /// Whether results are for people to read.
    pub(super) fn is_for_people(&self) -> bool {
        matches!(self.format, Format::Full | Format::Concise)
    }

    /// Writes text for people to standard output as it is.
    pub(super) fn say(&self, text: &str) -> std::io::Result<()> {
        self.write(text.as_bytes())
    }

    /// Prints help or version, as asked for.
    pub(super) fn print(&self, text: &clap::Error) -> u8 {
        match self.write(text.render().ansi().to_string().as_bytes()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Severity::Undecided.exit_code(),
            _ => 0,
        }
    }

    /// Says why the arguments are wrong: to people on standard error, to programs as a result.
    pub(super) fn complain(&self, error: &clap::Error) -> u8 {
        if !self.is_for_people() {
            let text = error.render().to_string();
            // The first paragraph says what is wrong; what follows is how to call it.
            let lines: Vec<_> = text.lines().take_while(|line| !line.is_empty()).collect();
            let message = lines.join(" ").replace("error: ", "");
            let finding = Finding::new(Code::Usage, message).hint("see `gate --help`");
            return self.show(&Report::Failure(&Failure::new(finding)));
        }
        self.note(error.render().ansi().to_string().trim_end());
        Severity::Usage.exit_code()
    }

    /// Writes a line to standard error. There is nobody left to tell if that fails.
    pub(super) fn note(&self, line: &str) {
        let mut stream = AutoStream::new(stderr(), self.color);
        _ = writeln!(stream, "{line}");
    }

    /// Whether progress can be drawn on standard error.
    pub(super) fn shows_progress(&self) -> bool {
        stderr().is_terminal() && self.is_for_people()
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut stream = AutoStream::new(stdout(), self.color);
        stream.write_all(bytes)?;
        stream.flush()
    }

    fn style(&self) -> Style {
        self.style_of(&stdout())
    }

    fn style_of<S: RawStream>(&self, stream: &S) -> Style {
        let color = match self.color {
            anstream::ColorChoice::Auto => {
                AutoStream::choice(stream) != anstream::ColorChoice::Never
            }
            choice => choice != anstream::ColorChoice::Never,
        };
        let drawn = terminal_size::terminal_size()
            .filter(|_| stream.is_terminal())
            .map(|(width, _)| usize::from(width.0));
        let said = || std::env::var("COLUMNS").ok()?.parse().ok();
        let width = self.width.or(drawn).or_else(said).unwrap_or(WIDTH);
        Style {
            color,
            width: width.max(40),
            unicode: true,
            token: self.token,
        }
    }
}

/// A number that nobody can predict: hashes of nothing under keys that the system has chosen at random.
fn unpredictable() -> u128 {
    let half = || u128::from(RandomState::new().build_hasher().finish());
    (half() << 64) | half()
}
