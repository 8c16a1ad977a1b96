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

/// A manifest, ready to be printed.
pub(super) struct Excerpt<'a> {
    places: &'a Places<'a>,
    text: String,
    /// Offsets in the manifest, and where they are in `text`; one pair behind each character that
    /// was written out.
    shifts: Vec<(usize, usize)>,
}

impl<'a> Excerpt<'a> {
    /// The manifest of `places`, escaped. Ends of lines are `\n` only.
    pub(super) fn new(places: &'a Places<'a>) -> Self {
        let original = &places.source.text;
        let mut text = String::with_capacity(original.len());
        let mut shifts = vec![(0, 0)];
        for (at, c) in original.char_indices() {
            match c {
                '\n' | '\t' => text.push(c),
                '\r' if original[at..].starts_with("\r\n") => shifts.push((at + 1, text.len())),
                c if deceives(c) || starts_command(&text, c) => {
                    write_out(&mut text, c);
                    shifts.push((at + c.len_utf8(), text.len()));
                }
                c => text.push(c),
            }
        }
        Self {
            places,
            text,
            shifts,
        }
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
        let text = self.text.as_str();
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
        let index = self.shifts.partition_point(|(from, _)| *from <= offset);
        let (from, to) = self.shifts[index - 1];
        (to + offset - from).min(self.text.len())
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
        let contents = self.excerpt.text.as_str().read_span(span, before, after)?;
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
