//! Lists of patterns. Their text is checked by the ownership room, which compiles them.

use super::keys::PATH_SET;
use super::limits::{MAX_PATTERN, MAX_PATTERNS};
use super::model::{PathSet, Spanned};
use super::problems::Problems;
use super::tree::{Node, Value};
use super::value::{Fields, distinct, line, list};
use crate::words::{Code, Finding, Span};

/// A list of patterns, or a mapping of `paths` and `except`.
pub(super) fn path_set(
    node: &Node,
    what: &'static str,
    key: Span,
    problems: &mut Problems<'_>,
) -> PathSet {
    if !matches!(node.value, Value::Map(_)) {
        return PathSet {
            paths: patterns(node, what, problems),
            except: Vec::new(),
        };
    }
    let Some(fields) = Fields::open(node, what, key, PATH_SET, problems) else {
        return PathSet::default();
    };
    from_fields(&fields, problems)
}

/// The keys `paths` (which must be there) and `except`.
pub(super) fn from_fields(fields: &Fields<'_>, problems: &mut Problems<'_>) -> PathSet {
    if fields.has_unknown() {
        problems.lose();
    }
    let paths = fields.require("paths", problems);
    let paths = paths.map(|node| patterns(node, "`paths`", problems));
    let except = fields.get("except");
    let except = except.map(|entry| patterns(&entry.value, "`except`", problems));
    PathSet {
        paths: paths.unwrap_or_default(),
        except: except.unwrap_or_default(),
    }
}

fn patterns(node: &Node, what: &str, problems: &mut Problems<'_>) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    let items = list(node, what, problems);
    if items.is_none() {
        problems.lose();
    }
    for item in items.unwrap_or_default() {
        if problems.count_pattern() == MAX_PATTERNS + 1 {
            problems.lose();
            let message = format!("more than {MAX_PATTERNS} patterns in all");
            problems.push(
                Finding::new(Code::ManifestSize, message).label(item.span, "one pattern too many"),
            );
        }
        let of = format_args!("a pattern of {what}");
        match line(item, of, MAX_PATTERN, problems) {
            Some(pattern) => found.push(pattern),
            None => problems.lose(),
        }
    }
    distinct(found, what, problems)
}
