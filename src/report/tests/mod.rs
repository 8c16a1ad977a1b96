//! Tests of the report room as a whole: representative outcomes in every format, and hostile ones.

mod hostile;
mod people;
mod programs;
mod samples;
mod steps;

use super::{Format, Report, Style, render};

/// What a pipe can show.
const PLAIN: Style = Style {
    color: false,
    width: 80,
    unicode: true,
    token: 7,
};

/// A report as text.
fn show(report: &Report<'_>, format: Format, style: Style) -> String {
    let mut out = Vec::new();
    render(report, format, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
