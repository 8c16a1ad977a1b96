//! Tests of the whole room: from text to a manifest, or to findings.

mod accepted;
mod hostile;
mod kept;
mod refused;
mod schema;

use super::{Manifest, parse};
use crate::words::{Finding, Source};
use std::fmt::Write;

/// A manifest to build on: one agent and nothing else.
const SMALL: &str = "version: 1\nagents:\n  a:\n    branch: agent/a\n";

fn read(text: &str) -> Result<Manifest, Vec<Finding>> {
    parse(source(text))
}

fn source(text: &str) -> Source {
    Source {
        name: "main:ownership.yaml".into(),
        text: text.into(),
    }
}

/// The findings as data: code, position and text of each label, notes, hint.
fn render(text: &str, findings: &[Finding]) -> String {
    let source = source(text);
    let mut page = String::new();
    for finding in findings {
        writeln!(page, "{}: {}", finding.code.name(), finding.message).unwrap();
        for label in &finding.labels {
            let (line, column) = source.position(label.span);
            let end = label.span.offset + label.span.length;
            let words = text.get(label.span.offset..end).unwrap_or("?");
            writeln!(page, "    {line}:{column} {words:?}: {}", label.text).unwrap();
        }
        for note in &finding.notes {
            writeln!(page, "    note: {note}").unwrap();
        }
        if let Some(hint) = &finding.hint {
            writeln!(page, "    hint: {hint}").unwrap();
        }
    }
    page
}

/// All findings of a text that must be refused.
fn problems(text: &str) -> String {
    match read(text) {
        Ok(manifest) => format!("accepted: {manifest:#?}"),
        Err(findings) => render(text, &findings),
    }
}
