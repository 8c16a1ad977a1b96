//! `sarif`: one SARIF log (OASIS SARIF 2.1.0) with one run, for code scanning and its viewers.
//!
//! A viewer shows messages to people and takes brackets in them for links and braces for places to
//! fill in, so both are escaped as sections 3.11.5 and 3.11.6 of the standard say, after what
//! deceives has been written out. The names of files are percent-encoded bytes, which loses nothing.

use super::Report;
use super::conflict::conflict_block;
use super::escape::{self, terminal};
use super::places::Places;
use super::view::{View, left_out, log_line};
use crate::words::{Code, Finding, Label, RepoPath, Severity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io;

/// What stands for itself in the path of a relative reference (RFC 3986, section 3.3), but for the
/// colon, which would make a scheme of what is before it.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Writes `view`, the layout of `report`, as one line that holds one document.
pub(super) fn write(
    report: &Report<'_>,
    view: &View<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let findings = || {
        let sections = view.sections.iter();
        sections.flat_map(|section| section.findings.iter().map(|found| (section.branch, found)))
    };
    let used: BTreeSet<Code> = findings().map(|(_, finding)| finding.code).collect();
    let rules: Vec<Value> = used.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = findings()
        .map(|(branch, finding)| result(&view.places, branch, finding))
        .collect();
    let code = report.exit_code();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "gate",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            // It did what it is for where it came to a verdict, whatever that is.
            "invocations": [{"exitCode": code, "executionSuccessful": code <= 1}],
            "results": results,
        }],
    });
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, escape::Json);
    log.serialize(&mut serializer)?;
    writeln!(out)
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "defaultConfiguration": {"level": level(code)},
        "help": {"text": format!("`gate explain {}` says what it means and what to do", code.name())},
    })
}

/// The levels of section 3.27.10.
fn level(code: Code) -> &'static str {
    match code.severity() {
        Severity::Lint => "warning",
        Severity::Waiting => "note",
        Severity::Refusal | Severity::Undecided | Severity::Moved | Severity::Usage => "error",
    }
}

fn result(places: &Places<'_>, branch: Option<&str>, finding: &Finding) -> Value {
    let mut result = json!({
        "ruleId": finding.code.name(),
        "level": level(finding.code),
        "message": {"text": text(finding)},
    });
    let mut lines: Vec<Value> = Vec::new();
    if !places.file().is_empty() {
        let labels = finding.labels.iter();
        lines.extend(labels.map(|label| in_manifest(places, label)));
    }
    let location = match &finding.path {
        Some(path) => Some(json!({"physicalLocation": {"artifactLocation": artifact(path)}})),
        None if lines.is_empty() => None,
        None => Some(lines.remove(0)),
    };
    if location.is_some() || branch.is_some() {
        let mut location = location.unwrap_or_else(|| json!({}));
        if let Some(branch) = branch {
            location["logicalLocations"] = json!([{"name": message(branch), "kind": "branch"}]);
        }
        result["locations"] = json!([location]);
    }
    if !lines.is_empty() {
        result["relatedLocations"] = Value::Array(lines);
    }
    if let Some(commit) = finding.commit {
        result["properties"] = json!({"commit": commit.to_string()});
    }
    result
}

/// All that there is to say: the sentence, notes, the end of an output, advice.
fn text(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
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
    let lines: Vec<_> = lines.iter().map(|line| message(line)).collect();
    lines.join("\n")
}

/// One line of a message.
fn message(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for c in terminal(line).chars() {
        match c {
            '\\' | '[' | ']' => escaped.extend(['\\', c]),
            '{' | '}' => escaped.extend([c, c]),
            c => escaped.push(c),
        }
    }
    escaped
}

fn artifact(path: &RepoPath) -> Value {
    let uri = percent_encode(path.as_bytes(), IN_PATH).to_string();
    json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
}

/// The place of a label.
fn in_manifest(places: &Places<'_>, label: &Label) -> Value {
    let (start, end) = places.range(label.span);
    let uri = percent_encode(places.file().as_bytes(), IN_PATH).to_string();
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
        "message": {"text": message(&label.text)},
    })
}
