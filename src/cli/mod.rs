//! The program's face: arguments in, exit code out. The only room that writes to the terminal.

mod args;
mod check;
mod conflicts;
mod demo;
mod explain;
mod init;
mod input;
mod integrate;
mod plan;
mod planned;
mod progress;
mod publish;
mod schema;
mod signals;
mod status;
mod supervise;
mod terminal;
mod undo;
mod verify;
mod who;

use self::args::{Arguments, Check, Command};
use self::terminal::Terminal;
use crate::engine::{Failure, Outcome};
use crate::repo::Repo;
use crate::report::{Format, Report};
use crate::words::{Code, Finding, Result};
use clap::Parser;
use clap::error::ErrorKind;
use std::ffi::OsString;
use std::path::Path;

/// Runs the program with these arguments, the first of which is its name, and returns the exit
/// code: 0 accepted, 1 refused, 2 usage or manifest, 3 undecided, 4 the target moved, 128 and more a
/// signal.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let raw: Vec<_> = arguments.into_iter().collect();
    match Arguments::try_parse_from(&raw) {
        Ok(arguments) => run(&arguments),
        Err(error) => refuse_arguments(&error, &Terminal::of_wrong_arguments(&raw)),
    }
}

fn run(arguments: &Arguments) -> u8 {
    let format = arguments.format.map_or_else(format_of_environment, Ok);
    let terminal = match format {
        Ok(format) => Terminal::new(format, arguments.color),
        Err(finding) => {
            let terminal = Terminal::new(Format::default(), arguments.color);
            return terminal.show(&Report::Failure(&Failure::from(finding)));
        }
    };
    let terminal = match arguments.command {
        Command::Check(Check::Receive(_)) => terminal.of_whoever_pushes(),
        _ => terminal,
    };
    if let Err(finding) = check_format(&arguments.command, terminal.format()) {
        return terminal.show(&Report::Failure(&Failure::from(finding)));
    }
    let place = arguments.directory.as_path();
    let done = match &arguments.command {
        Command::Check(check) => check::run(check, place, &terminal),
        Command::Integrate(integrate) => integrate::run(integrate, place, &terminal),
        Command::Plan(plan) => plan::run(plan, place, &terminal),
        Command::Verify(verify) => verify::run(verify, place, &terminal),
        Command::Publish(publish) => publish::run(publish, place, &terminal),
        Command::Undo(undo) => undo::run(undo, place, &terminal),
        Command::Status(status) => status::run(status, place, &terminal),
        Command::Conflicts(conflicts) => conflicts::run(conflicts, place, &terminal),
        Command::Who(who) => who::run(who, place, &terminal),
        Command::Explain(explain) => explain::run(explain, &terminal),
        Command::Schema(_) => schema::run(&terminal),
        Command::Init(init) => init::run(init, place, &terminal),
        Command::Demo(demo) => demo::run(demo, &terminal),
        Command::Supervise(_) => supervise::run(),
    };
    done.unwrap_or_else(|failure| terminal.show(&Report::Failure(&failure)))
}

/// The format that `GATE_FORMAT` asks for; the usual one where it is not set, or empty.
fn format_of_environment() -> Result<Format> {
    let name = std::env::var_os("GATE_FORMAT").unwrap_or_default();
    if name.is_empty() {
        return Ok(Format::default());
    }
    let parsed: std::result::Result<Format, Finding> = name.to_string_lossy().parse();
    parsed.map_err(|finding| {
        let message = format!(
            "the environment variable GATE_FORMAT is wrong: {}",
            finding.message
        );
        Box::new(Finding { message, ..finding })
    })
}

/// Whether there is something to write in this format.
fn check_format(command: &Command, format: Format) -> Result<()> {
    let (message, hint) = match (command, format) {
        (Command::Who(_) | Command::Explain(_) | Command::Status(_), Format::Sarif) => (
            "sarif says what was found, and here nothing is looked for",
            "use --format json, or one for people",
        ),
        (Command::Plan(_), _) => return Ok(()),
        (_, Format::GithubMatrix) => (
            "only a plan is a matrix",
            "use another format, or `gate plan`",
        ),
        (_, Format::Mermaid | Format::Dot) => (
            "only a plan can be drawn",
            "use another format, or `gate plan`",
        ),
        _ => return Ok(()),
    };
    Err(Box::new(Finding::new(Code::Usage, message).hint(hint)))
}

/// Opens the repository around `place`.
fn open(place: &Path) -> Outcome<Repo> {
    Ok(Repo::open(place)?)
}

/// Answers arguments that cannot be run: help and version on request, a refusal otherwise.
fn refuse_arguments(error: &clap::Error, terminal: &Terminal) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => terminal.print(error),
        ErrorKind::InvalidSubcommand => match planned::refusal(error) {
            Some(finding) => terminal.show(&Report::Failure(&Failure::from(finding))),
            None => terminal.complain(error),
        },
        _ => terminal.complain(error),
    }
}

/// The error that something could not be written.
fn unwritable(what: &str, error: &std::io::Error) -> Failure {
    Failure::from(Box::new(
        Finding::new(Code::InputOutput, what).because(error),
    ))
}
