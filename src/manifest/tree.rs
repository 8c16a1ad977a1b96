//! The manifest as written: lists, mappings and scalars, each with its place in the text.

use super::model::Spanned;
use super::problems::shown;
use super::scalar::{Plain, resolve};
use crate::words::Span;

/// A value, as written.
#[derive(Debug)]
pub(super) struct Node {
    /// Its place: of a scalar what lies between its quotes, of a list or a mapping the first line.
    pub(super) span: Span,
    /// What stands there.
    pub(super) value: Value,
}

/// What a value can be.
#[derive(Debug)]
pub(super) enum Value {
    /// A scalar.
    Scalar(Scalar),
    /// `[…]` or lines that begin with `-`.
    List(Vec<Node>),
    /// `{…}` or lines of `key: value`.
    Map(Vec<Entry>),
    /// Something that was refused already; nothing more is to be said of it.
    Broken,
}

/// A scalar, as written.
#[derive(Debug)]
pub(super) struct Scalar {
    /// Its text, after escapes.
    pub(super) text: String,
    /// Whether it stands there without quotes, and so may be a number, a boolean or nothing.
    pub(super) plain: bool,
}

/// A key with its value.
#[derive(Debug)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: Spanned<String>,
    /// The value.
    pub(super) value: Node,
}

impl Scalar {
    /// What it is.
    pub(super) fn kind(&self) -> Plain {
        if self.plain {
            resolve(&self.text)
        } else {
            Plain::Text
        }
    }
}

impl Node {
    /// What it is, for "expected …, found …".
    pub(super) fn describe(&self) -> String {
        match &self.value {
            Value::List(_) => "a list".into(),
            Value::Map(_) => "a mapping".into(),
            Value::Broken => "something unreadable".into(),
            Value::Scalar(scalar) => match scalar.kind() {
                Plain::Nothing => "nothing".into(),
                Plain::Boolean(_) => shown(&scalar.text),
                Plain::Number => format!("the number {}", shown(&scalar.text)),
                Plain::Text if scalar.text.is_empty() => "an empty text".into(),
                Plain::Text => format!("the text {}", shown(&scalar.text)),
            },
        }
    }
}
