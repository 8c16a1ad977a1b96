//! The lines of the manifest that a finding points at, drawn by miette. miette panics on an empty
//! span past the end and passes escape characters through, so the text is escaped first, and the
//! spans are moved along with it and kept inside.

use super::Style;
use super::escape::{deceives, starts_command, terminal, write_out};
use super::places::{Places, floor};
use crate::words::{Finding, Label, Severity, Span};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use std::fmt;
use std::sync::OnceLock;

/// A manifest, ready to be printed.
pub(super) struct Excerpt<'a> {
    places: &'a Places<'a>,
    /// Made for the first label: most reports have none.
    escaped: OnceLock<Escaped>,
}

/// The text of a manifest, escaped. Ends of lines are `\n` only.
struct Escaped {
    text: String,
    /// Offsets in the manifest, and where they are in `text`; one pair behind each character that
    /// was written out.
    shifts: Vec<(usize, usize)>,
}

impl Escaped {
    fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut shifts = vec![(0, 0)];
        let mut at = 0;
        while let Some(c) = original[at..].chars().next() {
            match c {
                '\n' | '\t' => text.push(c),
                '\r' if original[at..].starts_with("\r\n") => shifts.push((at + 1, text.len())),
                c if deceives(c) || starts_command(&text, c) => {
                    write_out(&mut text, c);
                    shifts.push((at + c.len_utf8(), text.len()));
                }
                c => text.push(c),
            }
            at += c.len_utf8();
            let harmless = harmless(&original[at..]);
            text.push_str(harmless);
            at += harmless.len();
        }
        Self { text, shifts }
    }
}

/// What `text` begins with that stays as it is, whatever it stands behind.
fn harmless(text: &str) -> &str {
    let stays = |byte: &u8| matches!(byte, b' '..=b'Z' | b'\\'..=b'~' | b'\n');
    let end = text.bytes().position(|byte| !stays(&byte));
    &text[..end.unwrap_or(text.len())]
}

impl<'a> Excerpt<'a> {
    /// The manifest of `places`.
    pub(super) fn new(places: &'a Places<'a>) -> Self {
        let escaped = OnceLock::new();
        Self { places, escaped }
    }

    fn escaped(&self) -> &Escaped {
        let made = || Escaped::new(&self.places.source.text);
        self.escaped.get_or_init(made)
    }

    /// Draws `finding`: its sentence, and the excerpts with its labels if there are any.
    pub(super) fn draw(&self, finding: &Finding, message: String, style: Style) -> String {
        let drawn = Drawn {
            excerpt: self,
            message,
            severity: finding.code.severity(),
            labels: self.labels(&finding.labels),
        };
        let mut theme = if style.unicode {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::ascii()
        };
        if !style.color {
            theme.styles = GraphicalTheme::none().styles;
        }
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_wrap_lines(false)
            .without_primary_span_start()
            .without_syntax_highlighting();
        let mut text = String::new();
        match handler.render_report(&mut text, &drawn) {
            Ok(()) => text,
            // Not reached with spans inside the text; the sentence is never lost.
            Err(fmt::Error) => format!("  {}\n", drawn.message),
        }
    }

    fn labels(&self, labels: &[Label]) -> Vec<Placed> {
        let placed = labels.iter().filter_map(|label| {
            let (offset, length) = self.place(label.span)?;
            Some(Placed {
                offset,
                length,
                text: terminal(&label.text),
                head: terminal(&self.head(label)),
            })
        });
        placed.collect()
    }

    /// `main:ownership.yaml:14:12`, counted in the manifest as it is.
    fn head(&self, label: &Label) -> String {
        let place = self.places.at(label.span.offset);
        let name = &self.places.source.name;
        format!("{name}:{}:{}", place.line, place.column)
    }

    /// Where `span` is in the escaped text: never empty where its line holds anything, and on the
    /// first of its lines only. `None` if the manifest holds nothing to show.
    fn place(&self, span: Span) -> Option<(usize, usize)> {
        let text = self.escaped().text.as_str();
        let content = text.trim_end_matches('\n').len();
        if content == 0 {
            return None;
        }
        let start = self.moved(span.offset).min(content);
        let end = self.moved(span.offset.saturating_add(span.length));
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = end.min(line_end);
        if end > start {
            return Some((start, end - start));
        }
        let next = text[start..line_end].chars().next();
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let previous = text[line_start..start].chars().next_back();
        Some(match (next, previous) {
            (Some(next), _) => (start, next.len_utf8()),
            (None, Some(previous)) => (start - previous.len_utf8(), previous.len_utf8()),
            (None, None) => (start, 0),
        })
    }

    fn moved(&self, offset: usize) -> usize {
        let offset = floor(&self.places.source.text, offset);
        let Escaped { text, shifts } = self.escaped();
        let index = shifts.partition_point(|(from, _)| *from <= offset);
        let (from, to) = shifts[index - 1];
        (to + offset - from).min(text.len())
    }
}

/// A label in the escaped text.
struct Placed {
    offset: usize,
    length: usize,
    text: String,
    head: String,
}

/// A finding as miette wants it.
struct Drawn<'a> {
    excerpt: &'a Excerpt<'a>,
    message: String,
    severity: Severity,
    labels: Vec<Placed>,
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Lint | Severity::Waiting => miette::Severity::Warning,
            Severity::Refusal | Severity::Undecided | Severity::Moved | Severity::Usage => {
                miette::Severity::Error
            }
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.labels.is_empty() {
            return None;
        }
        let labels = self.labels.iter().enumerate().map(|(index, label)| {
            let text = Some(label.text.clone()).filter(|text| !text.is_empty());
            let span = (label.offset, label.length);
            if index == 0 {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        });
        Some(Box::new(labels))
    }
}

impl SourceCode for Drawn<'_> {
    /// As for any text, except that the name tells the place in the manifest itself, and that the
    /// lines are counted from the excerpt: miette's own count is from the start of the text, which
    /// makes it join excerpts that are far apart.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.excerpt.escaped().text.as_str();
        let contents = text.read_span(span, before, after)?;
        let label = self
            .labels
            .iter()
            .find(|label| label.offset == span.offset());
        let head = label.map_or_else(String::new, |label| label.head.clone());
        let lines = contents.data().iter().filter(|byte| **byte == b'\n');
        let lines = lines.count();
        Ok(Box::new(MietteSpanContents::new_named(
            head,
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            lines,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Character by character.
    fn one_by_one(original: &str) -> (String, Vec<(usize, usize)>) {
        let (mut text, mut shifts) = (String::new(), vec![(0, 0)]);
        for (at, c) in original.char_indices() {
            let is_break = original[at..].starts_with("\r\n");
            let is_written_out = deceives(c) || starts_command(&text, c);
            match c {
                '\r' if is_break => {}
                c if is_written_out && !matches!(c, '\n' | '\t') => write_out(&mut text, c),
                c => {
                    text.push(c);
                    continue;
                }
            }
            shifts.push((at + c.len_utf8(), text.len()));
        }
        (text, shifts)
    }

    proptest! {
        #[test]
        fn what_is_harmless_is_copied_as_if_one_by_one(
            original in r"(a|\[|\\|\]|#|##|##vso|\n|\r|\r\n|\t|\x1b|\u{e9}|\u{202e}|\x7f| ){0,30}",
        ) {
            let Escaped { text, shifts } = Escaped::new(&original);
            prop_assert_eq!((text, shifts), one_by_one(&original));
        }
    }
}
