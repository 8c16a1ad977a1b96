//! The report room: outcomes in, text out. It renders and never decides: exit codes, standings and
//! codes are those of the outcomes. It has no access to the terminal: the caller says what the
//! other end can show.
//!
//! A [`Report`] is laid out once (`view`) and written by one renderer per [`Format`]; each renderer
//! escapes all text for where it prints (`escape`). A new kind of report is a variant of
//! [`Report`], its layout in `view`, and its document in `json/v1`.

mod closing;
mod concise;
mod conflict;
mod escape;
mod excerpt;
mod forecast;
mod format;
mod full;
mod github;
mod groups;
mod json;
mod known;
mod markdown;
mod paint;
mod places;
mod plan;
mod publish;
mod sarif;
mod status;
mod steps;
#[cfg(test)]
mod tests;
mod undo;
mod view;
mod who;

pub use escape::terminal as escape_line;
pub use format::Format;

use crate::engine::{
    CheckOutcome, ConflictsOutcome, Failure, InitOutcome, IntegrateOutcome, Landing,
    ManifestOutcome, PlanOutcome, Preparation, PublishOutcome, ReplayOutcome, StatusOutcome,
    StepsOutcome, UndoOutcome, VerifyOutcome, WhoOutcome,
};
use crate::words::Explanation;
use std::io;
use view::View;

/// What the other end can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// How many columns a line may have.
    pub width: usize,
    /// Whether lines and arrows may be drawn with characters outside ASCII.
    pub unicode: bool,
    /// What ends the blocks in which a CI system heeds no commands. Whoever can predict it can write
    /// commands for that system into the output of a command.
    pub token: u128,
}

/// Something to tell, whatever the format.
#[derive(Clone, Copy, Debug)]
pub enum Report<'a> {
    /// Branches, or what is staged, were judged.
    Check(&'a CheckOutcome),
    /// A manifest was checked.
    Manifest(&'a ManifestOutcome),
    /// Branches were put together.
    Integrate(&'a IntegrateOutcome),
    /// A run was made again.
    Replay(&'a ReplayOutcome),
    /// Somebody asked what will happen.
    Plan(&'a PlanOutcome),
    /// Somebody asked what there is to verify.
    Steps(&'a StepsOutcome),
    /// Steps were verified.
    Verify(&'a VerifyOutcome),
    /// Something was published.
    Publish(&'a PublishOutcome),
    /// Merges were to be taken back.
    Undo(&'a UndoOutcome),
    /// Somebody asked where everybody stands.
    Status(&'a StatusOutcome),
    /// Somebody asked who will conflict with whom.
    Conflicts(&'a ConflictsOutcome),
    /// Somebody asked who may change a path.
    Who(&'a WhoOutcome),
    /// Somebody asked what a code means, or which codes there are.
    Explain(&'a [Explanation]),
    /// A manifest was made.
    Init(&'a InitOutcome),
    /// It could not be done.
    Failure(&'a Failure),
}

impl Report<'_> {
    /// The exit code of the outcome, the same in every format.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Check(outcome) => outcome.exit_code(),
            Self::Manifest(outcome) => outcome.exit_code(),
            Self::Integrate(outcome) => outcome.exit_code(),
            Self::Replay(outcome) => outcome.exit_code(),
            Self::Status(outcome) => outcome.exit_code(),
            Self::Conflicts(outcome) => outcome.exit_code(),
            Self::Undo(outcome) => outcome.exit_code(),
            Self::Verify(outcome) => outcome.exit_code(),
            // A question has no wrong answer, and what was made has been checked.
            Self::Plan(_)
            | Self::Steps(_)
            | Self::Publish(_)
            | Self::Who(_)
            | Self::Explain(_)
            | Self::Init(_) => 0,
            Self::Failure(failure) => failure.exit_code(),
        }
    }

    /// Whether refs or files are no longer as they were: then 3, "nothing was changed", would be untrue.
    pub fn is_of_a_change(&self) -> bool {
        use Landing::{DryRun, Nothing, NothingToDo};
        match self {
            Self::Integrate(outcome) => !matches!(outcome.landing, DryRun | NothingToDo | Nothing),
            Self::Undo(outcome) => outcome.preparation == Preparation::Prepared,
            Self::Verify(outcome) => outcome.steps.iter().any(|step| step.reference.is_some()),
            Self::Publish(_) => true,
            Self::Init(outcome) => outcome.written.is_some(),
            _ => false,
        }
    }
}

/// Writes a report, in many small pieces: give it a buffer. `style` is for full and concise, its
/// token for github: the other formats look the same whatever it says.
///
/// # Errors
/// Those of `out`.
pub fn render(
    report: &Report<'_>,
    format: Format,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Full => full::write(&View::new(report), style, out),
        Format::Concise => concise::write(&View::new(report), style, out),
        Format::Json => json::write(report, out),
        Format::Github => github::write(&View::new(report), style, out),
        Format::Sarif => sarif::write(report, &View::new(report), out),
        Format::Markdown => markdown::write(report, &View::new(report), out),
        Format::Mermaid | Format::Dot => draw(report, format, out),
        Format::GithubMatrix => match report {
            Report::Steps(outcome) => steps::github_matrix(outcome, out),
            // What stands in the way of one.
            _ => json::write(report, out),
        },
    }
}

/// Draws a plan. What stands in the way of one is said in full, as comments of that format.
fn draw(report: &Report<'_>, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
    let comment = match (report, format) {
        (Report::Plan(outcome), Format::Mermaid) => return plan::mermaid(outcome, out),
        (Report::Plan(outcome), _) => return plan::dot(outcome, out),
        (_, Format::Mermaid) => "%%",
        _ => "//",
    };
    let style = Style {
        color: false,
        width: 80,
        unicode: true,
        token: 0,
    };
    let mut text = Vec::new();
    full::write(&View::new(report), style, &mut text)?;
    for line in String::from_utf8_lossy(&text).lines() {
        writeln!(out, "{comment} {line}")?;
    }
    Ok(())
}
