//! What a verify command is expected to print.

use super::decimal::Decimal;
use super::keys::EXPECT;
use super::limits::MAX_EXPECTED;
use super::model::Spanned;
use super::problems::{Problems, shown};
use super::tree::Node;
use super::value::{Fields, decimal, line, text};
use crate::words::{Code, Finding, Span};
use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// How much memory a compiled pattern may take.
const MAX_COMPILED: usize = 1024 * 1024;

/// The keys that say something of a number.
const NUMBER: [&str; 3] = ["pattern", "at_least", "at_most"];

/// What standard output must hold, or must not: all of it at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// A text that must appear.
    pub stdout: Option<Spanned<String>>,
    /// A text that must not appear.
    pub not_stdout: Option<Spanned<String>>,
    /// A number that must be captured.
    pub number: Option<ExpectedNumber>,
}

/// A number in the output, and its bounds, of which there is at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedNumber {
    /// What captures it.
    pub pattern: Spanned<NumberPattern>,
    /// The least that it may be.
    pub at_least: Option<Spanned<Decimal>>,
    /// The most that it may be.
    pub at_most: Option<Spanned<Decimal>>,
}

/// A regular expression with exactly one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumberPattern(Regex);

impl NumberPattern {
    /// The pattern that `text` says, or why it is none.
    fn new(text: &str) -> Result<Self, String> {
        if let Err(error) = regex_syntax::parse(text) {
            return Err(format!("is no regular expression: {}", cause(&error)));
        }
        let compiled = RegexBuilder::new(text).size_limit(MAX_COMPILED).build();
        // It was parsed before, so only its size can be wrong.
        let pattern = compiled.map_err(|_| "is too large when it is compiled".to_owned())?;
        match pattern.captures_len() - 1 {
            1 => Ok(Self(pattern)),
            0 => Err("captures nothing".to_owned()),
            groups => Err(format!("has {groups} groups")),
        }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What the group captures in the last match within `line`; empty where that match does without the
    /// group. `None` if nothing matches.
    pub fn last_capture<'l>(&self, line: &'l [u8]) -> Option<&'l [u8]> {
        let last = self.0.captures_iter(line).last()?;
        Some(last.get(1).map_or(&[], |group| group.as_bytes()))
    }
}

impl PartialEq for NumberPattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for NumberPattern {}

impl TryFrom<String> for NumberPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

impl From<NumberPattern> for String {
    fn from(pattern: NumberPattern) -> Self {
        pattern.as_str().to_owned()
    }
}

/// What is wrong with a pattern, in a few words.
fn cause(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

/// The value of a key `expect`, which stands at `key`.
pub(super) fn expectation(
    node: &Node,
    key: Span,
    problems: &mut Problems<'_>,
) -> Option<Expectation> {
    let fields = Fields::open(node, "`expect`", key, EXPECT, problems)?;
    let mut expected = |name: &str| {
        let entry = fields.get(name)?;
        Some(expected_text(&entry.value, name, problems))
    };
    let (stdout, not_stdout) = (expected("stdout"), expected("not_stdout"));
    let says_number = NUMBER.iter().any(|key| fields.get(key).is_some());
    if stdout.is_none() && not_stdout.is_none() && !says_number {
        if !fields.has_unknown() {
            fields.require("stdout", problems);
        }
        return None;
    }
    let number = says_number.then(|| number(&fields, problems));
    let expectation = Expectation {
        stdout: stdout.map_or(Some(None), |text| text.map(Some))?,
        not_stdout: not_stdout.map_or(Some(None), |text| text.map(Some))?,
        number: number.map_or(Some(None), |number| number.map(Some))?,
    };
    possible(&expectation, problems).then_some(expectation)
}

fn expected_text(node: &Node, name: &str, problems: &mut Problems<'_>) -> Option<Spanned<String>> {
    let what = format!("`{name}`");
    let found = text(node, &what, problems)?;
    let bytes = found.value.len();
    if bytes > MAX_EXPECTED {
        let message = format!("{what} has {bytes} bytes; {MAX_EXPECTED} are allowed");
        problems.push(Finding::new(Code::ManifestSize, message).label(node.span, "too long"));
        return None;
    }
    Some(found)
}

/// The number that is expected.
fn number(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<ExpectedNumber> {
    let mut bound = |name: &str| {
        let entry = fields.get(name)?;
        Some(decimal(&entry.value, &format!("`{name}`"), problems))
    };
    let (at_least, at_most) = (bound("at_least"), bound("at_most"));
    let pattern = fields.require("pattern", problems);
    let pattern = pattern.and_then(|node| number_pattern(node, problems));
    if at_least.is_none() && at_most.is_none() {
        fields.require("at_least", problems);
        return None;
    }
    Some(ExpectedNumber {
        pattern: pattern?,
        at_least: at_least.map_or(Some(None), |bound| bound.map(Some))?,
        at_most: at_most.map_or(Some(None), |bound| bound.map(Some))?,
    })
}

fn number_pattern(node: &Node, problems: &mut Problems<'_>) -> Option<Spanned<NumberPattern>> {
    let found = line(node, "`pattern`", MAX_EXPECTED, problems)?;
    match NumberPattern::new(&found.value) {
        Ok(value) => Some(Spanned {
            value,
            span: found.span,
        }),
        Err(reason) => {
            let message = format!("the pattern {} {reason}", shown(&found.value));
            problems.push(
                Finding::new(Code::InvalidValue, message)
                    .label(found.span, "expected one group that captures a number")
                    .hint(r"write it like `^TOTAL ([0-9.]+)%`; `(?:` begins a group that captures nothing"),
            );
            None
        }
    }
}

/// Whether anything at all could be as expected.
fn possible(expectation: &Expectation, problems: &mut Problems<'_>) -> bool {
    let mut contradiction = |one: Span, other: Span, message: String| {
        problems.push(
            Finding::new(Code::InvalidValue, message)
                .label(one, "this is required")
                .label(other, "and this keeps it from being so"),
        );
        false
    };
    if let (Some(must), Some(must_not)) = (&expectation.stdout, &expectation.not_stdout)
        && must.value.contains(&must_not.value)
    {
        let message = format!(
            "the output cannot hold {} without {}",
            shown(&must.value),
            shown(&must_not.value)
        );
        return contradiction(must.span, must_not.span, message);
    }
    if let Some(ExpectedNumber {
        at_least: Some(least),
        at_most: Some(most),
        ..
    }) = &expectation.number
        && least.value > most.value
    {
        let message = format!(
            "no number is at least {} and at most {}",
            least.value, most.value
        );
        return contradiction(least.span, most.span, message);
    }
    true
}
