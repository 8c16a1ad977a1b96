//! The answers of `gate who`: the rule, the agents, and the lines of the manifest in columns.

use super::super::Style;
use super::super::escape::terminal;
use super::super::paint::{Tone, paint};
use super::super::who::{Answer, DECIDES, line};
use super::wrap::hanging;
use std::io;
use unicode_width::UnicodeWidthStr;

/// Writes an answer: one line if it is short.
pub(super) fn write(answer: &Answer, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if answer.short {
        return writeln!(out, "{}", terminal(&line(answer)));
    }
    let path = paint(style, Tone::Strong, &terminal(&answer.path));
    writeln!(out, "{path}: {}", terminal(&answer.rule))?;
    for (verb, agents) in &answer.groups {
        let text = hanging(&format!("  {verb:9}"), &terminal(agents), style.width);
        write!(out, "{text}")?;
    }
    let lines = answer.lines.iter();
    let lines: Vec<_> = lines
        .map(|cells| cells.each_ref().map(|cell| terminal(cell)))
        .collect();
    let widest = |column: usize| lines.iter().map(|cells| cells[column].width()).max();
    let widths = [0, 1, 2].map(|column| widest(column).unwrap_or(0));
    for cells in &lines {
        let mut text = String::from("  ");
        for (cell, width) in cells.iter().zip(widths) {
            text.push_str(cell);
            text.push_str(&" ".repeat(width - cell.width() + 2));
        }
        text.push_str(&cells[3]);
        let tone = if cells[3] == DECIDES {
            Tone::Good
        } else {
            Tone::Dim
        };
        writeln!(out, "{}", paint(style, tone, text.trim_end()))?;
    }
    writeln!(out)
}
