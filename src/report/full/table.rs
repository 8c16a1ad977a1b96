//! The branches in columns: standing, name and agent, how much they change.

use super::super::Style;
use super::super::escape::terminal;
use super::super::paint::{Tone, paint};
use super::super::view::{Row, View, is_aside};
use super::{aside, wrap};
use std::io;
use unicode_width::UnicodeWidthStr;

/// One row, escaped, before it is aligned.
struct Cells {
    number: String,
    standing: &'static str,
    name: String,
    detail: String,
}

/// What a branch changes is not set in fewer columns.
const NARROWEST_DETAIL: usize = 20;

/// Writes a line for each branch, and below it for whom it waits; then a blank line.
pub(super) fn write(view: &View<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let is_folded = |row: &&Row<'_>| view.folds_accepted && row.is_plainly_accepted();
    let rows: Vec<_> = view.rows.iter().filter(|row| !is_folded(row)).collect();
    let cells: Vec<_> = rows.iter().map(|row| Cells::new(row)).collect();
    let number = widest(&cells, |cells| &cells.number, usize::MAX);
    let standing = widest(&cells, |cells| cells.standing, usize::MAX);
    // One long name does not push everybody's details off the screen.
    let name = widest(&cells, |cells| &cells.name, style.width / 2);
    let indent = if number > 0 { number + 2 } else { 0 } + standing + 2;
    for (row, cells) in rows.iter().zip(&cells) {
        let mut line = String::new();
        if number > 0 {
            line.push_str(&" ".repeat(number - cells.number.width()));
            line.push_str(&cells.number);
            line.push_str("  ");
        }
        let tone = Tone::of_standing(row.branch.standing);
        line.push_str(&paint(style, tone, cells.standing));
        line.push_str(&" ".repeat(standing + 2 - cells.standing.width()));
        line.push_str(&cells.name);
        let gap = name.saturating_sub(cells.name.width()) + 2;
        let column = indent + cells.name.width() + gap;
        let room = style.width.saturating_sub(column).max(NARROWEST_DETAIL);
        for (place, part) in wrap(&cells.detail, room).iter().enumerate() {
            if place == 0 && !part.is_empty() {
                line.push_str(&" ".repeat(gap));
            } else if place > 0 {
                line.push('\n');
                line.push_str(&" ".repeat(column));
            }
            line.push_str(part);
        }
        writeln!(out, "{line}")?;
        write_asides(view, row, indent, style, out)?;
    }
    if !cells.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

impl Cells {
    fn new(row: &Row<'_>) -> Self {
        let branch = row.branch;
        let agent = branch.agent.as_deref();
        let agent = agent.map_or_else(String::new, |agent| format!(" ({agent})"));
        Self {
            number: row.number.map_or_else(String::new, |n| format!("{n}.")),
            standing: branch.standing.name(),
            name: terminal(&format!("{}{agent}", branch.branch)),
            detail: row.detail(),
        }
    }
}

fn write_asides(
    view: &View<'_>,
    row: &Row<'_>,
    indent: usize,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let findings = row.branch.findings.iter();
    for finding in findings.filter(|finding| is_aside(finding)) {
        for (title, text) in aside(view, finding) {
            let room = style.width.saturating_sub(indent + title.len()).max(20);
            for (index, line) in wrap(&text, room).iter().enumerate() {
                let title = if index == 0 {
                    paint(style, Tone::Help, title)
                } else {
                    " ".repeat(title.len())
                };
                writeln!(out, "{:indent$}{title}{line}", "")?;
            }
        }
    }
    Ok(())
}

/// The width of a column: that of its widest cell which is not wider than `most`.
fn widest<'a>(cells: &'a [Cells], cell: impl Fn(&'a Cells) -> &'a str, most: usize) -> usize {
    let widths = cells.iter().map(|cells| cell(cells).width());
    widths.filter(|width| *width <= most).max().unwrap_or(0)
}
