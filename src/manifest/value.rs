//! Reading single values of the tree: each function reports what is wrong and returns `None` then.

use super::decimal::Decimal;
use super::keys::Key;
use super::model::Spanned;
use super::problems::{Problems, shown};
use super::scalar::{Plain, resolve};
use super::tree::{Entry, Node, Value};
use crate::words::{Code, Finding, Span};
use std::collections::HashMap;
use std::fmt::Display;

/// The entries of a mapping whose keys have been checked.
pub(super) struct Fields<'n> {
    /// What the mapping is, for messages.
    what: String,
    /// Where what is missing in it is missed.
    span: Span,
    entries: &'n [Entry],
    unknown: bool,
}

impl<'n> Fields<'n> {
    /// The entries of `node`, which is `what` and is blamed at `span`. Whatever is none of `keys` is
    /// reported.
    pub(super) fn open(
        node: &'n Node,
        what: &str,
        span: Span,
        keys: &[Key],
        problems: &mut Problems<'_>,
    ) -> Option<Self> {
        let entries = mapping(node, what, problems)?;
        let mut unknown = false;
        for entry in entries {
            let key = &entry.key;
            let name = key.value.as_str();
            if keys.iter().any(|key| key.name == name) {
                continue;
            }
            unknown = true;
            let message = format!("{what} has no key {}", shown(&key.value));
            let finding = Finding::new(Code::UnknownKey, message).label(key.span, "unknown key");
            let advised: Vec<_> = keys.iter().map(|key| key.name).collect();
            let hint = problems
                .suggest(name, &advised)
                .unwrap_or_else(|| format!("the keys are {}", advised.join(", ")));
            problems.push(finding.hint(hint));
        }
        Some(Self {
            what: what.into(),
            span,
            entries,
            unknown,
        })
    }

    /// Whether there is a key that nobody knows.
    pub(super) fn has_unknown(&self) -> bool {
        self.unknown
    }

    /// The entry with this key.
    pub(super) fn get(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key.value == key)
    }

    /// The value of this key, which must be there.
    pub(super) fn require(&self, key: &str, problems: &mut Problems<'_>) -> Option<&'n Node> {
        let found = self.get(key).map(|entry| &entry.value);
        if found.is_none() {
            problems.push(
                Finding::new(Code::MissingKey, format!("{} has no `{key}`", self.what))
                    .label(self.span, format!("`{key}` is missing here")),
            );
        }
        found
    }
}

/// What to say of a value of the wrong kind; nothing if it was refused already.
fn expected(node: &Node, what: impl Display, kind: &str) -> Option<Finding> {
    if matches!(node.value, Value::Broken) {
        return None;
    }
    let found = node.describe();
    let finding = Finding::new(
        Code::InvalidValue,
        format!("{what} must be {kind}, found {found}"),
    )
    .label(node.span, format!("expected {kind}"));
    let Value::Scalar(scalar) = &node.value else {
        return Some(finding);
    };
    let quoted = !scalar.plain && resolve(&scalar.text) != Plain::Text;
    Some(match scalar.kind() {
        Plain::Nothing => finding.hint("write a value, or leave this out"),
        Plain::Text if scalar.text.is_empty() => finding.hint("write a value, or leave this out"),
        Plain::Text if quoted && kind != "a list" && kind != "a mapping" => {
            finding.hint(format!("remove the quotes: {}", scalar.text))
        }
        _ => finding,
    })
}

/// The entries of a mapping.
pub(super) fn mapping<'n>(
    node: &'n Node,
    what: &str,
    problems: &mut Problems<'_>,
) -> Option<&'n [Entry]> {
    if let Value::Map(entries) = &node.value {
        return Some(entries);
    }
    if let Some(finding) = expected(node, what, "a mapping") {
        problems.push(finding);
    }
    None
}

/// The items of a list.
pub(super) fn list<'n>(
    node: &'n Node,
    what: &str,
    problems: &mut Problems<'_>,
) -> Option<&'n [Node]> {
    if let Value::List(items) = &node.value {
        return Some(items);
    }
    if let Some(mut finding) = expected(node, what, "a list") {
        if let Value::Scalar(scalar) = &node.value
            && finding.hint.is_none()
            && scalar.text.len() <= 60
            && !scalar.text.contains(['"', '\\', '\n'])
        {
            finding = finding.hint(format!("write it as a list: [\"{}\"]", scalar.text));
        }
        problems.push(finding);
    }
    None
}

/// A text, which must not be empty. Quotes are needed around what YAML takes for something else.
pub(super) fn text(
    node: &Node,
    what: impl Display,
    problems: &mut Problems<'_>,
) -> Option<Spanned<String>> {
    if let Value::Scalar(scalar) = &node.value
        && scalar.kind() == Plain::Text
        && !scalar.text.is_empty()
    {
        let value = scalar.text.clone();
        let span = node.span;
        return Some(Spanned { value, span });
    }
    if let Some(mut finding) = expected(node, what, "text") {
        match &node.value {
            Value::Scalar(scalar) if finding.hint.is_none() => {
                finding = finding.hint(format!("quote it: \"{}\"", scalar.text));
            }
            Value::List(_) | Value::Map(_)
                if problems.text[node.span.offset..].starts_with(['{', '[']) =>
            {
                finding = finding.hint("quote it if it is meant as one text");
            }
            _ => {}
        }
        problems.push(finding);
    }
    None
}

/// A text that stands on one line and has at most `most` bytes.
pub(super) fn line(
    node: &Node,
    what: impl Display,
    most: usize,
    problems: &mut Problems<'_>,
) -> Option<Spanned<String>> {
    let found = text(node, &what, problems)?;
    let written = &problems.text[node.span.offset..node.span.offset + node.span.length];
    if found.value.len() > most {
        let message = format!("{what} has {} bytes; {most} are allowed", found.value.len());
        problems.push(
            Finding::new(Code::ManifestSize, message)
                .label(first_line(problems.text, node), "too long"),
        );
        return None;
    }
    if written.contains('\n') || found.value.contains('\n') {
        problems.push(
            Finding::new(
                Code::InvalidValue,
                format!("{what} is written over several lines"),
            )
            .label(first_line(problems.text, node), "goes on below")
            .hint("write it on one line; each item of a list needs its own `-`"),
        );
        return None;
    }
    if found.value.chars().any(char::is_control) {
        problems.invalid(
            node.span,
            format!("{what} holds a control character"),
            "a control character in here",
        );
        return None;
    }
    Some(found)
}

fn first_line(text: &str, node: &Node) -> Span {
    let line = super::syntax::rest_of_line(text, node.span.offset);
    Span::new(line.offset, line.length.min(node.span.length))
}

/// `true` or `false`.
pub(super) fn boolean(node: &Node, what: &str, problems: &mut Problems<'_>) -> Option<bool> {
    if let Value::Scalar(scalar) = &node.value
        && let Plain::Boolean(value) = scalar.kind()
    {
        return Some(value);
    }
    if let Some(finding) = expected(node, what, "true or false") {
        problems.push(finding);
    }
    None
}

/// A whole number in plain decimal digits.
pub(super) fn integer(node: &Node, what: &str, problems: &mut Problems<'_>) -> Option<i64> {
    if let Value::Scalar(scalar) = &node.value
        && scalar.kind() == Plain::Number
        && let digits = scalar.text.strip_prefix('-').unwrap_or(&scalar.text)
        && !has_leading_zero(digits)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(number) = scalar.text.parse()
    {
        return Some(number);
    }
    if let Some(finding) = expected(node, what, "a whole number") {
        problems.push(finding);
    }
    None
}

/// Whether digits begin with a zero that others take for the mark of octal numbers.
fn has_leading_zero(number: &str) -> bool {
    let digits = number.trim_start_matches(['+', '-']);
    digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit())
}

/// A number in decimal digits, with or without a fraction.
pub(super) fn decimal(
    node: &Node,
    what: &str,
    problems: &mut Problems<'_>,
) -> Option<Spanned<Decimal>> {
    if let Value::Scalar(scalar) = &node.value
        && scalar.kind() == Plain::Number
        && !has_leading_zero(&scalar.text)
        && let Some(value) = Decimal::read(&scalar.text)
    {
        let span = node.span;
        return Some(Spanned { value, span });
    }
    if let Some(finding) = expected(node, what, "a decimal number") {
        problems.push(finding);
    }
    None
}

/// One of a few words.
pub(super) fn choice<T: Copy>(
    node: &Node,
    what: &str,
    choices: &[(&str, T)],
    problems: &mut Problems<'_>,
) -> Option<T> {
    let found = text(node, what, problems)?;
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == found.value) {
        return Some(*value);
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let one_of = if names.len() == 1 { "" } else { "one of " };
    let message = format!(
        "{what} must be {one_of}{}, found {}",
        names.join(", "),
        shown(&found.value)
    );
    let mut finding = Finding::new(Code::InvalidValue, message).label(node.span, "not one of them");
    finding.hint = problems.suggest(&found.value, &names);
    problems.push(finding);
    None
}

/// Reports every item that stands twice, at both places, and returns the others.
pub(super) fn distinct(
    items: Vec<Spanned<String>>,
    what: &str,
    problems: &mut Problems<'_>,
) -> Vec<Spanned<String>> {
    let mut first_of: HashMap<&str, Span> = HashMap::with_capacity(items.len());
    let mut again = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let first = *first_of.entry(&item.value).or_insert(item.span);
        if first != item.span {
            again.push(place);
            problems.push(
                Finding::new(
                    Code::InvalidValue,
                    format!("{} stands twice in {what}", shown(&item.value)),
                )
                .label(item.span, "again here")
                .label(first, "first here")
                .hint("keep one of them"),
            );
        }
    }
    let mut again = again.into_iter().peekable();
    let mut places = 0..items.len();
    let mut kept = items;
    kept.retain(|_| {
        places
            .next()
            .is_none_or(|place| again.next_if_eq(&place).is_none())
    });
    kept
}
