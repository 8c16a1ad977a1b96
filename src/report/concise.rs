//! `concise`: one line per finding, one per branch, one for the sum.

use super::escape::terminal;
use super::paint::{Tone, paint};
use super::view::{Row, View, explanation_line, severity};
use super::{Style, plan, status, who};
use crate::words::{Finding, Severity, quote};
use std::io;

/// Writes `view`, one line each, whatever the texts hold.
pub(super) fn write(view: &View<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for answer in &view.answers {
        writeln!(out, "{}", terminal(&who::line(answer)))?;
    }
    for wave in &view.waves {
        for agent in &wave.agents {
            writeln!(out, "{}", terminal(&plan::line(wave.number, agent)))?;
        }
    }
    for stand in &view.stands {
        writeln!(out, "{}", terminal(&status::line(stand)))?;
    }
    for explanation in view.explanations {
        writeln!(out, "{}", terminal(&explanation_line(explanation)))?;
    }
    for section in &view.sections {
        for finding in section.findings {
            let (before, tag, after) = finding_line(view, section.branch, finding);
            let tag = paint(style, Tone::of(finding.code), &tag);
            writeln!(out, "{}{tag}{}", terminal(&before), terminal(&after))?;
        }
    }
    for row in &view.rows {
        let (branch, standing, after) = row_line(row);
        let standing = paint(style, Tone::of_standing(row.branch.standing), standing);
        writeln!(out, "{}{standing}{}", terminal(&branch), terminal(&after))?;
    }
    for line in &view.lines {
        writeln!(out, "{}", terminal(line))?;
    }
    if let Some(last) = last_line(view) {
        writeln!(out, "{}", terminal(&last))?;
    }
    Ok(())
}

/// `agent/errors: src/memory/store.rs: `, `refused[owned-by-another]`, `: message (file:14:12)`; with the
/// first cause behind the message of what is undecided.
fn finding_line(
    view: &View<'_>,
    branch: Option<&str>,
    finding: &Finding,
) -> (String, String, String) {
    let mut before = String::new();
    if let Some(branch) = branch {
        before.push_str(branch);
        before.push_str(": ");
    }
    if let Some(path) = &finding.path {
        before.push_str(&quote(path.as_bytes()));
        before.push_str(": ");
    }
    let tag = format!("{}[{}]", severity(finding.code), finding.code.name());
    let mut after = String::new();
    // Some sentences say themselves which commit it is.
    let commit = finding.commit.map(|commit| commit.short());
    if let Some(commit) = commit.filter(|commit| !finding.message.contains(commit.as_str())) {
        after.push_str(" in commit ");
        after.push_str(&commit);
    }
    after.push_str(": ");
    after.push_str(&finding.message);
    // What could not be decided is to be mended, so what git said of it belongs to the line.
    let is_undecided = finding.code.severity() == Severity::Undecided;
    if let Some(cause) = finding.notes.first().filter(|_| is_undecided) {
        after.push_str(": ");
        after.push_str(cause);
    }
    if let Some(place) = view.places.main(finding) {
        after.push_str(" (");
        after.push_str(&place);
        after.push(')');
    }
    (before, tag, after)
}

/// `agent/errors: `, `refused`, ` (errors): 3 paths, 2 commits, 1 finding`.
fn row_line(row: &Row<'_>) -> (String, &'static str, String) {
    let branch = format!("{}: ", row.branch.branch);
    let mut after = String::new();
    if let Some(agent) = &row.branch.agent {
        after.push_str(" (");
        after.push_str(agent);
        after.push(')');
    }
    let detail = row.detail();
    if !detail.is_empty() {
        after.push_str(": ");
        after.push_str(&detail);
    }
    (branch, row.branch.standing.name(), after)
}

/// The branch's status in one line, not escaped.
pub(super) fn status_line(row: &Row<'_>) -> String {
    let (branch, standing, after) = row_line(row);
    format!("{branch}{standing}{after}")
}

/// The sum and what was done in one line, not escaped.
pub(super) fn last_line(view: &View<'_>) -> Option<String> {
    (!view.closing.is_empty()).then(|| view.closing.join("; "))
}
