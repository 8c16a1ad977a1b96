//! Holds what a command prints against what it is expected to print, while it is printed: however much
//! it is, little of it is in memory.

use crate::manifest::{Decimal, Expectation, ExpectedNumber};
use memchr::memmem::Finder;

/// The longest line in which a number is looked for, in bytes.
const LONGEST_LINE: usize = 64 * 1024;

/// What of an expectation has been seen so far.
pub(super) struct Expected<'a> {
    expectation: Option<&'a Expectation>,
    stdout: Option<Search<'a>>,
    not_stdout: Option<Search<'a>>,
    number: Option<Number<'a>>,
    /// Whether there was more than could be looked at.
    is_cut: bool,
}

/// A text that is looked for in what comes in pieces.
struct Search<'a> {
    finder: Finder<'a>,
    /// The end of what came before: less than the text is long.
    kept: Vec<u8>,
    found: bool,
}

/// A number that is looked for line by line.
struct Number<'a> {
    expected: &'a ExpectedNumber,
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// Whether a line was too long to be looked at.
    too_long: bool,
    /// What the last match captured.
    captured: Option<Vec<u8>>,
}

impl<'a> Expected<'a> {
    /// Nothing seen yet.
    pub(super) fn new(expectation: Option<&'a Expectation>) -> Self {
        let search = |text: &'a String| Search {
            finder: Finder::new(text.as_bytes()),
            kept: Vec::new(),
            found: false,
        };
        let stdout = expectation.and_then(|expect| expect.stdout.as_ref());
        let not_stdout = expectation.and_then(|expect| expect.not_stdout.as_ref());
        let number = expectation.and_then(|expect| expect.number.as_ref());
        Self {
            expectation,
            stdout: stdout.map(|text| search(&text.value)),
            not_stdout: not_stdout.map(|text| search(&text.value)),
            number: number.map(|expected| Number {
                expected,
                line: Vec::new(),
                too_long: false,
                captured: None,
            }),
            is_cut: false,
        }
    }

    /// Notes that there may be more of the standard output, which nobody looks at.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Looks at more of the standard output.
    pub(super) fn see(&mut self, bytes: &[u8]) {
        for search in [&mut self.stdout, &mut self.not_stdout]
            .into_iter()
            .flatten()
        {
            search.see(bytes);
        }
        if let Some(number) = &mut self.number {
            number.see(bytes);
        }
    }

    /// What is not as expected, at the end of the output: a command did what follows.
    pub(super) fn missed(mut self) -> Option<String> {
        let expectation = self.expectation?;
        if self.is_cut {
            return Some("printed more than could be read once it had ended".to_owned());
        }
        if let (Some(text), Some(search)) = (&expectation.stdout, &self.stdout)
            && !search.found
        {
            return Some(format!("did not print `{}`", text.value));
        }
        if let (Some(text), Some(search)) = (&expectation.not_stdout, &self.not_stdout)
            && search.found
        {
            return Some(format!("printed `{}`", text.value));
        }
        self.number.as_mut().and_then(Number::missed)
    }
}

impl Search<'_> {
    fn see(&mut self, bytes: &[u8]) {
        if self.found {
            return;
        }
        let most = self.finder.needle().len() - 1;
        // What lies across the border, then what lies behind it.
        let mut border = std::mem::take(&mut self.kept);
        border.extend_from_slice(&bytes[..bytes.len().min(most)]);
        self.found = self.finder.find(&border).is_some() || self.finder.find(bytes).is_some();
        let end = if bytes.len() < most {
            &border[..]
        } else {
            bytes
        };
        self.kept = end[end.len().saturating_sub(most)..].to_vec();
    }
}

impl Number<'_> {
    fn see(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            self.too_long |= text.len() > room;
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                self.look();
            }
        }
    }

    /// Looks for the number in the line that ends here.
    fn look(&mut self) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        if let Some(captured) = self.expected.pattern.value.last_capture(line) {
            self.captured = Some(captured.to_vec());
        }
        self.line.clear();
    }

    fn missed(&mut self) -> Option<String> {
        // Behind the last line feed there is no line.
        if !self.line.is_empty() {
            self.look();
        }
        let pattern = self.expected.pattern.value.as_str();
        if self.too_long {
            return Some(format!(
                "printed a line of more than {LONGEST_LINE} bytes, in which `{pattern}` is not looked for"
            ));
        }
        let Some(captured) = &self.captured else {
            return Some(format!("printed nothing that matches `{pattern}`"));
        };
        let captured = String::from_utf8_lossy(captured);
        let Some(number) = Decimal::read(&captured) else {
            let shown: String = captured.chars().take(60).collect();
            return Some(format!(
                "printed `{shown}` where `{pattern}` wants a decimal number"
            ));
        };
        let (least, most) = (&self.expected.at_least, &self.expected.at_most);
        if let Some(least) = least.as_ref().filter(|least| number < least.value) {
            return Some(format!(
                "printed {number}, which is not at least {}",
                least.value
            ));
        }
        let most = most.as_ref().filter(|most| number > most.value)?;
        Some(format!(
            "printed {number}, which is not at most {}",
            most.value
        ))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::manifest::{Manifest, parse};
    use crate::words::Source;

    pub(in super::super) fn manifest(expect: &str) -> Manifest {
        let text = format!(
            "version: 1\nagents: {{a: {{branch: a}}}}\nverify: [{{run: x, expect: {{{expect}}}}}]\n"
        );
        let name = "test".to_owned();
        parse(Source { name, text }).expect(expect)
    }

    // Long, since it is a table. Each output comes whole, byte by byte, and in two pieces cut anywhere.
    #[test]
    fn what_is_expected_is_seen_wherever_it_is_cut() {
        let percent = "pattern: '^TOTAL +([^ ]*)%$', at_least: 80";
        for (expect, output, missed) in [
            ("stdout: 'False'", "True\nFalse\n", None),
            ("stdout: 'False'", "FalFalse", None),
            ("pattern: '^([0-9]*)$', at_least: 1", "5\n", None),
            ("stdout: 'False'", "Fals\ne", Some("did not print `False`")),
            ("stdout: 'a'", "", Some("did not print `a`")),
            ("not_stdout: ' 0 passed'", "ok. 10 passed", None),
            (
                "not_stdout: ' 0 passed'",
                "ok. 0 passed",
                Some("printed ` 0 passed`"),
            ),
            (percent, "TOTAL 79.9%\nTOTAL  80.0%\n", None),
            (percent, "TOTAL 80%\r\n", None),
            (percent, "TOTAL 80%", None),
            (
                percent,
                "TOTAL 80%\nTOTAL 79.9999999999999999999%",
                Some("printed 79.9999999999999999999, which is not at least 80"),
            ),
            (
                percent,
                "a TOTAL 80%\n",
                Some("printed nothing that matches `^TOTAL +([^ ]*)%$`"),
            ),
            (
                percent,
                "TOTAL many%",
                Some("printed `many` where `^TOTAL +([^ ]*)%$` wants a decimal number"),
            ),
            ("pattern: '([0-9]+)', at_most: 0", "1 2 0\n", None),
            (
                "pattern: '([0-9]+)', at_most: 0",
                "0 1\nx\n",
                Some("printed 1, which is not at most 0"),
            ),
            (
                "pattern: 'x([0-9]+)?', at_most: 0",
                "x",
                Some("printed `` where `x([0-9]+)?` wants a decimal number"),
            ),
            (
                "pattern: '(-?[0-9]+)', at_least: -3, at_most: -1, stdout: a",
                "a -2",
                None,
            ),
            (
                "pattern: '(-?[0-9]+)', at_least: -3, at_most: -1, stdout: a",
                "-2",
                Some("did not print `a`"),
            ),
        ] {
            let manifest = manifest(expect);
            let expectation = manifest.verify[0].expect.as_ref();
            let bytes = output.as_bytes();
            let see = |pieces: &mut dyn Iterator<Item = &[u8]>| {
                let mut expected = Expected::new(expectation);
                pieces.for_each(|piece| expected.see(piece));
                expected.missed()
            };
            let single = see(&mut bytes.chunks(1));
            assert_eq!(single.as_deref(), missed, "{expect} {output:?}");
            for cut in 0..=bytes.len() {
                let (one, other) = bytes.split_at(cut);
                let said = see(&mut [one, other].into_iter());
                assert_eq!(said.as_deref(), missed, "{expect} {output:?} {cut}");
            }
        }
    }

    #[test]
    fn a_number_is_not_looked_for_in_part_of_a_line() {
        let manifest = manifest("pattern: '([0-9]+)', at_least: 1");
        let mut expected = Expected::new(manifest.verify[0].expect.as_ref());
        expected.see(&b"x".repeat(LONGEST_LINE + 1));
        expected.see(b"\n5\n");
        let missed = expected.missed().expect("missed");
        assert!(
            missed.starts_with("printed a line of more than 65536 bytes"),
            "{missed}"
        );
    }
}
