//! `full`: for people. Each finding with its path, the lines of the manifest that decide, notes and
//! advice; then a table of the branches; then the sum. Whoever reads only the end sees what to do.

mod explain;
mod forecast;
mod plan;
mod status;
mod table;
mod who;
mod wrap;

use super::Style;
use super::conflict::conflict_block;
use super::escape::terminal;
use super::excerpt::Excerpt;
use super::paint::{Tone, paint};
use super::view::{Section, View, is_aside, left_out, severity};
use crate::words::{Code, Finding, Output, Severity, quote};
use std::collections::BTreeMap;
use std::io;
use wrap::{hanging, wrap};

/// How many findings of one code are shown whole for one branch.
const SHOWN: usize = 10;
/// How many problems of one kind are shown whole: whoever mends a manifest wants all of them.
const SHOWN_PROBLEMS: usize = 100;
/// How many remarks of one kind are shown whole: they must not push the problems off the screen.
const SHOWN_REMARKS: usize = 3;
/// Narrower than this, nothing is readable.
const NARROWEST: usize = 40;

/// Writes `view`.
pub(super) fn write(view: &View<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let width = style.width.max(NARROWEST);
    let style = Style { width, ..style };
    let excerpt = Excerpt::new(&view.places);
    for answer in &view.answers {
        who::write(answer, style, out)?;
    }
    plan::write(&view.waves, style, out)?;
    status::write(&view.stands, style, out)?;
    explain::write(view.explanations, style, out)?;
    if let Some(forecast) = &view.forecast {
        forecast::write(forecast, style, out)?;
    }
    for section in view.sections.iter().filter(|section| !section.is_drawn) {
        write_section(section, &excerpt, style, out)?;
    }
    table::write(view, style, out)?;
    for group in &view.groups {
        let names: Vec<_> = group.names.iter().map(|name| terminal(name)).collect();
        let title = format!("{}: ", group.title);
        write!(out, "{}", hanging(&title, &names.join(", "), width))?;
    }
    if !view.groups.is_empty() {
        writeln!(out)?;
    }
    if let Some(advice) = explain::advice(view) {
        write!(out, "{}", hanging("", &advice, width))?;
    }
    for line in view.lines.iter().chain(&view.closing) {
        write!(out, "{}", hanging("", &terminal(line), width))?;
    }
    Ok(())
}

/// The findings of one branch: of each code the first few, and how many more there are. The count
/// stands where the last of that code is.
fn write_section(
    section: &Section<'_>,
    excerpt: &Excerpt<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let is_branch = section.branch.is_some();
    let shown = |finding: &&Finding| !(is_branch && is_aside(finding));
    let mut totals: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in section.findings.iter().filter(shown) {
        *totals.entry(finding.code).or_default() += 1;
    }
    let mut seen: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in section.findings.iter().filter(shown) {
        let number = seen.entry(finding.code).or_default();
        *number += 1;
        let limit = match finding.code.severity() {
            // Whoever reads a translation wants all that it could not say.
            _ if finding.code == Code::CodeownersLine => SHOWN_PROBLEMS,
            Severity::Usage => SHOWN_PROBLEMS,
            Severity::Lint => SHOWN_REMARKS,
            _ => SHOWN,
        };
        if *number <= limit {
            write_finding(section.branch, finding, excerpt, style, out)?;
        }
        if *number > limit && totals.get(&finding.code) == Some(number) {
            write_more(section.branch, finding.code, *number - limit, style, out)?;
        }
    }
    Ok(())
}

fn write_finding(
    branch: Option<&str>,
    finding: &Finding,
    excerpt: &Excerpt<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(out, "{}", header(branch, finding, style))?;
    // Five columns are miette's: two of margin, the sign, and a blank on either side.
    let message = wrap(&terminal(&finding.message), style.width - 5).join("\n");
    write!(out, "{}", excerpt.draw(finding, message, style))?;
    let note = paint(style, Tone::Help, "note: ");
    for text in &finding.notes {
        write_remark(&note, text, style, out)?;
    }
    if let Some(output) = &finding.output {
        write_output(output, style, out)?;
    }
    if let Some(conflicts) = &finding.conflicts {
        write_block(&conflict_block(conflicts), style, out)?;
    }
    let help = paint(style, Tone::Help, "help: ");
    if let Some(text) = &finding.hint {
        write_remark(&help, text, style, out)?;
    }
    writeln!(out)
}

/// `refused[owned-by-another] agent/errors: src/memory/store.rs, in commit 1a2b3c4d5e`
fn header(branch: Option<&str>, finding: &Finding, style: Style) -> String {
    let tag = format!("{}[{}]", severity(finding.code), finding.code.name());
    let mut header = paint(style, Tone::of(finding.code), &tag);
    let path = finding.path.as_ref().map(|path| quote(path.as_bytes()));
    let place = match (branch, path) {
        (Some(branch), Some(path)) => format!("{branch}: {path}"),
        (Some(branch), None) => branch.to_owned(),
        (None, Some(path)) => path,
        (None, None) => String::new(),
    };
    if !place.is_empty() {
        header.push(' ');
        header.push_str(&paint(style, Tone::Strong, &terminal(&place)));
    }
    if let Some(commit) = finding.commit {
        let comma = if place.is_empty() { "" } else { "," };
        header.push_str(comma);
        header.push_str(" in commit ");
        header.push_str(&commit.short());
    }
    header
}

/// A note or advice, wrapped behind its title. `title` may be coloured; it has six columns.
fn write_remark(title: &str, text: &str, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    const INDENT: usize = 8;
    let lines = wrap(&terminal(text), style.width - INDENT);
    for (index, line) in lines.iter().enumerate() {
        if index == 0 {
            writeln!(out, "  {title}{line}")?;
        } else {
            writeln!(out, "{:INDENT$}{line}", "")?;
        }
    }
    Ok(())
}

/// The end of a command's output, as a block behind a rule.
fn write_output(output: &Output, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "  {}", paint(style, Tone::Help, &left_out(output)))?;
    write_block(&output.lines, style, out)?;
    match &output.log {
        Some(log) => write_remark(&paint(style, Tone::Help, "log:  "), log, style, out),
        None => Ok(()),
    }
}

/// Lines behind a rule.
fn write_block(lines: &[String], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for line in lines {
        for part in wrap(&terminal(line), style.width - 4) {
            writeln!(out, "  | {part}")?;
        }
    }
    Ok(())
}

fn write_more(
    branch: Option<&str>,
    code: Code,
    more: usize,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let place = branch.map_or_else(String::new, |name| format!(" {}", terminal(name)));
    let tag = format!("{}[{}]", severity(code), code.name());
    let tag = paint(style, Tone::of(code), &tag);
    let more = format!("and {more} more");
    writeln!(out, "{tag}{place}: {more} (`--format concise` lists all)\n")
}

/// A line of the table below a branch: the sentence of a finding, where the manifest says so, and
/// the advice.
fn aside(view: &View<'_>, finding: &Finding) -> Vec<(&'static str, String)> {
    let place = view.places.main(finding);
    let place = place.map_or_else(String::new, |place| format!(" ({place})"));
    let mut lines = vec![("", terminal(&format!("{}{place}", finding.message)))];
    let notes = finding.notes.iter().map(|note| ("note: ", terminal(note)));
    lines.extend(notes);
    let hint = finding.hint.iter().map(|hint| ("help: ", terminal(hint)));
    lines.extend(hint);
    lines
}
