//! `github`: workflow commands that annotate the offending path, or the line of the manifest where
//! there is none; then plain lines for the log. Nothing a branch holds can start a command.

use super::concise::{last_line, status_line};
use super::conflict::conflict_block;
use super::escape::{github_data, github_line, github_property};
use super::places::Places;
use super::view::{View, explanation_line, left_out, log_line, severity};
use super::{Style, plan, status, who};
use crate::words::{Finding, Output, Severity, quote};
use std::io;

/// Writes `view`: one command for each finding that is shown, one plain line per branch and for the sum.
pub(super) fn write(view: &View<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for answer in &view.answers {
        writeln!(out, "{}", github_line(&who::line(answer)))?;
    }
    for wave in &view.waves {
        for agent in &wave.agents {
            writeln!(out, "{}", github_line(&plan::line(wave.number, agent)))?;
        }
    }
    for stand in &view.stands {
        writeln!(out, "{}", github_line(&status::line(stand)))?;
    }
    for explanation in view.explanations {
        writeln!(out, "{}", github_line(&explanation_line(explanation)))?;
    }
    for section in &view.sections {
        for finding in section.findings {
            let command = match finding.code.severity() {
                Severity::Lint => "warning",
                Severity::Waiting => "notice",
                Severity::Refusal | Severity::Undecided | Severity::Moved | Severity::Usage => {
                    "error"
                }
            };
            let properties = properties(&view.places, section.branch, finding);
            let data = github_data(&message(&view.places, finding));
            writeln!(out, "::{command} {properties}::{data}")?;
            if let Some(output) = &finding.output {
                write_output(output, style.token, out)?;
            }
        }
    }
    for row in &view.rows {
        writeln!(out, "{}", github_line(&status_line(row)))?;
    }
    for line in &view.lines {
        writeln!(out, "{}", github_line(line))?;
    }
    if let Some(last) = last_line(view) {
        writeln!(out, "{}", github_line(&last))?;
    }
    Ok(())
}

/// The end of an output as lines of the log, where the annotation shows only its beginning: in a block in
/// which the runner heeds no command but the one that ends it.
fn write_output(output: &Output, token: u128, out: &mut dyn io::Write) -> io::Result<()> {
    let token = format!("gate-{token:032x}");
    writeln!(out, "::stop-commands::{token}")?;
    writeln!(out, "{}", left_out(output))?;
    for line in &output.lines {
        writeln!(out, "{}", github_line(line))?;
    }
    if let Some(log) = log_line(output) {
        writeln!(out, "{}", github_line(&log))?;
    }
    writeln!(out, "::{token}::")
}

/// Where the annotation goes, and its title.
fn properties(places: &Places<'_>, branch: Option<&str>, finding: &Finding) -> String {
    let mut properties = Vec::new();
    if let Some(path) = &finding.path {
        // GitHub finds a file only by its very name; what is not text has none it could find.
        let name = match std::str::from_utf8(path.as_bytes()) {
            Ok(name) => name.to_owned(),
            Err(_) => quote(path.as_bytes()),
        };
        properties.push(("file", name));
    } else if let (Some(label), false) = (finding.labels.first(), places.file().is_empty()) {
        let (start, end) = places.range(label.span);
        properties.push(("file", places.file().to_owned()));
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        // GitHub takes columns only where they are on one line.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    let mut title = format!("{}[{}]", severity(finding.code), finding.code.name());
    if let Some(branch) = branch {
        title.push(' ');
        title.push_str(branch);
    }
    properties.push(("title", title));
    let properties: Vec<_> = properties
        .into_iter()
        .map(|(key, value)| format!("{key}={}", github_property(&value)))
        .collect();
    properties.join(",")
}

/// The lines of the annotation: the sentence, the lines of the manifest, notes, advice.
fn message(places: &Places<'_>, finding: &Finding) -> Vec<String> {
    let mut lines = vec![finding.message.clone()];
    if let Some(commit) = finding.commit {
        lines.push(format!("in commit {commit}"));
    }
    if !places.file().is_empty() {
        let labels = finding.labels.iter();
        lines.extend(labels.map(|label| format!("{}: {}", places.describe(label), label.text)));
    }
    lines.extend(finding.notes.iter().map(|note| format!("note: {note}")));
    if let Some(output) = &finding.output {
        lines.push(left_out(output));
        lines.extend(output.lines.iter().cloned());
        lines.extend(log_line(output));
    }
    if let Some(conflicts) = &finding.conflicts {
        lines.extend(conflict_block(conflicts));
    }
    lines.extend(finding.hint.iter().map(|hint| format!("help: {hint}")));
    lines
}
