//! What gate says of YAML that it cannot read or does not want to: the message, the place, and the
//! advice to quote what looks like a pattern.

use super::limits::MAX_DEPTH;
use super::problems::shown;
use crate::words::{Code, Finding, Span};
use granit_parser::{ErrorKind, ScanError};

/// A refusal of the kind [`Code::ManifestSyntax`].
pub(super) fn refuse(message: impl Into<String>) -> Finding {
    Finding::new(Code::ManifestSyntax, message)
}

/// `offset`, or the beginning of the character or the end of the text that it is in or behind.
pub(super) fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// What stands from `offset` to the end of its line, without the white space at that end.
pub(super) fn rest_of_line(text: &str, offset: usize) -> Span {
    let rest = text.get(offset..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    Span::new(offset, line.trim_end().len())
}

/// An alias, or what YAML takes for one.
pub(super) fn alias(text: &str, span: Span) -> Finding {
    let word = word(text, span.offset);
    refuse(format!(
        "{} is a YAML alias, which is not allowed",
        shown(word)
    ))
    .label(span, "an unquoted `*` begins an alias")
    .hint(quote(word, "if it is meant as a pattern"))
}

/// An anchor, or what YAML takes for one.
pub(super) fn anchor(text: &str, span: Span) -> Finding {
    let word = word(text, span.offset);
    refuse(format!(
        "{} is a YAML anchor, which is not allowed",
        shown(word)
    ))
    .label(span, "an unquoted `&` begins an anchor")
    .hint(quote(word, "if it is meant as text"))
}

/// A tag, or what YAML takes for one.
pub(super) fn tag(text: &str, span: Span) -> Finding {
    let word = word(text, span.offset);
    let finding = refuse(format!(
        "{} is a YAML tag, which is not allowed",
        shown(word)
    ))
    .label(span, "an unquoted `!` begins a tag");
    if word.starts_with("!!") {
        finding.hint("remove it")
    } else {
        finding.hint("to take paths out again, list them under `except`; to name one, quote it")
    }
}

/// The error at which the parser gave up.
pub(super) fn error(text: &str, error: &ScanError) -> Finding {
    let offset = error.marker().byte_offset().unwrap_or(text.len());
    let offset = boundary(text, offset);
    let here = text[offset..].chars().next();
    let span = Span::new(
        offset,
        here.filter(|c| *c != '\n').map_or(0, char::len_utf8),
    );
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        let message = format!("the manifest is nested deeper than {MAX_DEPTH} levels");
        return Finding::new(Code::ManifestSize, message).label(span, "one level too many");
    }
    if matches!(error.kind(), ErrorKind::DirectiveDisallowed) {
        return refuse("YAML directives are not allowed")
            .label(rest_of_line(text, offset), "a directive")
            .hint("remove it");
    }
    let finding = refuse(format!("the manifest is not valid YAML: {}", error.info()))
        .label(span, "the reading ends here");
    match advice(text, offset, error.kind()) {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}

fn advice(text: &str, offset: usize, kind: &ErrorKind) -> Option<String> {
    let here = text[offset..].chars().next();
    if let Some('@' | '`' | '%' | '*' | '&' | '!') = here {
        return Some(quote(word(text, offset), "text cannot begin like this"));
    }
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => {
            return Some("indent with spaces, not with tabs".into());
        }
        ErrorKind::UnclosedFlowCollection { .. } => {
            return Some("close it, or quote it if it is meant as text".into());
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            return Some("use single quotes, in which a backslash is only a backslash".into());
        }
        _ => {}
    }
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let value = value_of_line(&text[start..rest_of_line(text, start).length + start]);
    if value.starts_with(['{', '[', '*', '!', '&']) {
        return Some(quote(value, "if it is meant as one text"));
    }
    (value.contains(": ") && !value.starts_with(['"', '\'']))
        .then(|| quote(value, "text with `: ` in it is taken for a mapping"))
}

/// What is said in a line: without the dashes and the first key.
fn value_of_line(line: &str) -> &str {
    let mut rest = line.trim();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    match rest.split_once(": ") {
        Some((key, value)) if !key.contains(['{', '[', '"', '\'']) => value.trim_start(),
        _ => rest,
    }
}

/// The word that begins at `offset`, as far as it may have been meant to go.
fn word(text: &str, offset: usize) -> &str {
    let line = rest_of_line(text, offset);
    let line = &text[offset..offset + line.length];
    let end = line.find([' ', ',', ']', '\t']).unwrap_or(line.len());
    &line[..end]
}

fn quote(word: &str, when: &str) -> String {
    const LONGEST: usize = 60;
    let simple = !word.contains(['"', '\\']) && word.len() <= LONGEST;
    if simple {
        format!("quote it ({when}): \"{word}\"")
    } else {
        format!("quote it ({when})")
    }
}
