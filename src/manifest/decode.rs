//! From bytes to text: what a manifest must be before anybody looks for YAML in it.

use super::limits::{BYTES_PER_CLAIM, MAX_BYTES, PLAIN_BYTES};
use super::problems::Problems;
use crate::words::{Code, Finding, Source, Span};

/// The manifest with this name (for people: `main:ownership.yaml`) and these bytes, to be given to
/// [`parse`](super::parse).
///
/// # Errors
/// More than [`MAX_BYTES`] bytes, or bytes that are not UTF-8. These findings have no labels, since
/// there is no text yet that a label could point into.
pub fn decode(name: impl Into<String>, bytes: &[u8]) -> Result<Source, Vec<Finding>> {
    if bytes.len() > MAX_BYTES {
        return Err(vec![too_large()]);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Source {
            name: name.into(),
            text: text.into(),
        }),
        Err(error) => Err(vec![not_utf8(bytes, error.valid_up_to())]),
    }
}

/// The objection to a manifest of more than [`MAX_BYTES`] bytes.
pub(crate) fn too_large() -> Finding {
    let message = format!("the manifest has more than {MAX_BYTES} bytes, and is not read");
    Finding::new(Code::ManifestSize, message)
}

/// Objects to a text that is too long for so many agents and patterns.
pub(super) fn check_length(claims: usize, problems: &mut Problems<'_>) {
    let length = problems.text.len();
    let most = PLAIN_BYTES + claims * BYTES_PER_CLAIM;
    if length > most {
        let message = format!("the manifest has {length} bytes, more than {most}");
        let note = format!(
            "{PLAIN_BYTES} bytes are allowed, and {BYTES_PER_CLAIM} more for each agent and each pattern"
        );
        let finding = Finding::new(Code::ManifestSize, message).note(note);
        problems.push(finding.label(Span::default(), "the whole manifest"));
    }
}

fn not_utf8(bytes: &[u8], valid: usize) -> Finding {
    let finding = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        Finding::new(Code::ManifestSyntax, "the manifest is UTF-16, not UTF-8")
    } else {
        let line = bytes[..valid].split(|byte| *byte == b'\n').count();
        Finding::new(
            Code::ManifestSyntax,
            format!(
                "the manifest is not UTF-8: byte 0x{:02x} on line {line}",
                bytes[valid]
            ),
        )
    };
    finding.hint("save the manifest as UTF-8 without a byte order mark")
}

/// Whether the text may be read at all. Refused are characters that make people and parsers see
/// different manifests: control characters, a carriage return without a line feed (a line break
/// for YAML, none for most editors), a byte order mark anywhere, marks that turn the direction of
/// writing around.
pub(super) fn check(text: &str, problems: &mut Problems<'_>) -> bool {
    if text.len() > MAX_BYTES {
        problems.push(too_large().label(Span::default(), "the whole manifest"));
        return false;
    }
    // Most manifests are plain ASCII from end to end.
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.as_bytes().iter().all(is_plain) {
        return true;
    }
    let mut readable = true;
    for (offset, character) in text.char_indices() {
        let what = match character {
            '\r' if !text[offset..].starts_with("\r\n") => "a carriage return without a line feed",
            '\n' | '\t' | '\r' => continue,
            '\u{feff}' => "a byte order mark",
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                "an invisible mark that reverses the direction of the text"
            }
            '\0' => "a NUL byte",
            _ if character.is_control() => "a control character",
            _ => continue,
        };
        readable = false;
        problems.push(
            Finding::new(
                Code::ManifestSyntax,
                format!("the manifest holds {what} (U+{:04X})", u32::from(character)),
            )
            .label(Span::new(offset, character.len_utf8()), what)
            .hint("remove it; inside double quotes YAML has escapes for what must be said"),
        );
    }
    readable
}
