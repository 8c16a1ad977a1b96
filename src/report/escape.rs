//! Text from branches and manifests, made harmless for where it is printed: one function per
//! format. What cannot be seen, or would change how its neighbours are seen, is written out.

use serde_json::ser::Formatter;
use std::fmt::Write as _;
use std::io;

/// One line for a terminal or a log: whatever controls, hides or reorders text is written out as
/// `\n`, `\x1b` or `\u{202e}`, and so is the bracket of `##[`. Backslashes stay as they are, since quoted paths are full of them.
pub fn terminal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if deceives(c) || starts_command(&escaped, c) {
            write_out(&mut escaped, c);
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Whether `c` behind `text` makes a log of a CI system take what follows for a command, wherever it
/// stands in a line: `##[` and `##vso[`.
pub(super) fn starts_command(text: &str, c: char) -> bool {
    c == '[' && (text.ends_with("##") || text.ends_with("##vso"))
}

/// A line of preformatted HTML: as on a terminal, and nothing in it is markup.
pub(super) fn html(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for c in terminal(line).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A plain line of a GitHub Actions log: as on a terminal, and it cannot start a command.
pub(super) fn github_line(text: &str) -> String {
    disarm(&terminal(text))
}

/// The message of a workflow command. `lines` come out as lines of one annotation.
pub(super) fn github_data(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| github_line(line)).collect();
    percent(&lines.join("\n"), false)
}

/// A property of a workflow command, such as a title or a file.
pub(super) fn github_property(text: &str) -> String {
    percent(&github_line(text), true)
}

/// What the toolkit of GitHub Actions does to data and properties (`packages/core/src/command.ts`).
fn percent(text: &str, property: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => escaped.push_str("%25"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            ':' if property => escaped.push_str("%3A"),
            ',' if property => escaped.push_str("%2C"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Breaks what a runner takes for a command at the start of a line: `::` (it skips white space
/// before it).
fn disarm(line: &str) -> String {
    let body = line.trim_start();
    let start = &line[..line.len() - body.len()];
    match body.strip_prefix("::") {
        Some(rest) => format!("{start}\\x3a:{rest}"),
        None => line.to_owned(),
    }
}

/// Compact JSON in which deceptive characters, and the `[` of `##[`, are `\u` escapes: the same
/// value for whoever parses it, harmless where somebody only looks at it.
pub(super) struct Json;

impl Formatter for Json {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        for (at, c) in fragment.char_indices() {
            if deceives(c) || starts_command(&fragment[..at], c) {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                let mut utf8 = [0; 4];
                writer.write_all(c.encode_utf8(&mut utf8).as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Appends `c` in a form that can be seen.
pub(super) fn write_out(escaped: &mut String, c: char) {
    match c {
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        c if u32::from(c) < 0x100 => {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\x{:02x}", u32::from(c));
        }
        c => {
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Whether a character controls the terminal, ends a line, reorders text, or cannot be seen.
pub(super) fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(
            u32::from(c),
            0xad | 0x34f                    // soft hyphen, combining joiner
                | 0x61c                     // Arabic letter mark
                | 0x115f..=0x1160           // Hangul fillers
                | 0x17b4..=0x17b5
                | 0x180b..=0x180f           // Mongolian selectors and separator
                | 0x200b..=0x200f           // zero width, direction marks
                | 0x2028..=0x202e           // line separators, embeddings and overrides
                | 0x2060..=0x206f           // word joiner, isolates, deprecated controls
                | 0x2800                    // a Braille pattern without dots
                | 0x3164 | 0xffa0           // Hangul fillers
                | 0xfe00..=0xfe0f           // variation selectors
                | 0xfeff                    // byte order mark
                | 0xfff0..=0xfffb           // interlinear annotation
                | 0x1_d173..=0x1_d17a       // musical controls
                | 0xe_0000..=0xe_0fff       // tags, more variation selectors
        )
}

#[cfg(test)]
#[path = "escape_tests.rs"]
mod tests;
