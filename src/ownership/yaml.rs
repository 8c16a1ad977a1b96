//! Parts of a manifest as text.

use std::fmt::Write;

/// The first line of a manifest: where editors find its schema.
pub(super) const SCHEMA: &str = "# yaml-language-server: $schema=./ownership.schema.json\n";

/// A comment of one line, which holds nothing that a manifest must not hold.
pub(super) fn comment(text: &mut String, line: &str) {
    text.push('#');
    if !line.is_empty() {
        text.push(' ');
    }
    for c in line.chars() {
        match c {
            c if is_refused(c) => text.extend(c.escape_unicode()),
            c => text.push(c),
        }
    }
    text.push('\n');
}

/// A text in double quotes.
pub(super) fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if is_refused(c) => _ = write!(text, "\\U{:08X}", u32::from(c)),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// An agent's id: in quotes where YAML would take it for something else.
pub(super) fn key(id: &str) -> String {
    let word = id.starts_with(|c: char| c.is_ascii_alphabetic());
    if word && !["null", "true", "false"].contains(&id.to_ascii_lowercase().as_str()) {
        id.to_owned()
    } else {
        quoted(id)
    }
}

/// What a manifest refuses to hold as it is, and what YAML takes for the end of a line.
fn is_refused(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}
