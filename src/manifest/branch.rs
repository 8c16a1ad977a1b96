//! Names of branches and tags: what git accepts, in git's own words (`git check-ref-format`).

use super::limits::MAX_TEXT;
use super::model::Spanned;
use super::problems::{Problems, shown};
use super::tree::Node;
use super::value::line;
use crate::words::{Code, Finding, folded};

/// Whether the name of a branch is one name: no wildcards in it.
pub fn is_literal(branch: &str) -> bool {
    !branch.contains(['*', '?', '[', '{'])
}

/// The full name of one branch (or tag), as git accepts it.
pub(super) fn full_name(
    node: &Node,
    what: &str,
    problems: &mut Problems<'_>,
) -> Option<Spanned<String>> {
    let name = line(node, what, MAX_TEXT, problems)?;
    check(&name, what, fault(&name.value), problems).then_some(name)
}

/// The name of an agent's branch, which may hold wildcards: `*`, `?`, `[…]` and `{…}`.
pub(super) fn pattern(
    node: &Node,
    what: &str,
    problems: &mut Problems<'_>,
) -> Option<Spanned<String>> {
    let name = line(node, what, MAX_TEXT, problems)?;
    // What is between the wildcards must be possible in a name.
    let bare: String = name
        .value
        .chars()
        .map(|character| match character {
            '*' | '?' | '[' | ']' => 'x',
            other => other,
        })
        .collect();
    check(&name, what, fault(&bare), problems).then_some(name)
}

fn check(
    name: &Spanned<String>,
    what: &str,
    fault: Option<&'static str>,
    problems: &mut Problems<'_>,
) -> bool {
    let Some(fault) = fault else {
        return true;
    };
    let message = format!("{what} cannot be {}: {fault}", shown(&name.value));
    let mut finding =
        Finding::new(Code::InvalidValue, message).label(name.span, "not a name for git");
    if let Some(short) = name.value.strip_prefix("refs/heads/") {
        finding.hint = Some(format!("write it without refs/heads/: {}", shown(short)));
    }
    problems.push(finding);
    false
}

/// The rule of `git check-ref-format --branch` that `name` breaks.
fn fault(name: &str) -> Option<&'static str> {
    let component = |component: &str| match component {
        "" => Some("a part of it between slashes is empty"),
        _ if component.starts_with('.') => Some("a part of it begins with a dot"),
        _ if component.to_ascii_lowercase().ends_with(".lock") => {
            Some("a part of it ends in .lock")
        }
        _ => None,
    };
    let forbidden = |c: char| c == ' ' || c.is_control() || "~^:?*[\\".contains(c);
    if name.starts_with("refs/") {
        Some("names are written without refs/ in front")
    } else if name.starts_with('-') {
        Some("it begins with a dash")
    } else if name == "@" || name == "HEAD" {
        Some("git gives that name another meaning")
    } else if name.ends_with('.') {
        Some("it ends with a dot")
    } else if name.contains("..") {
        Some("it holds two dots in a row")
    } else if name.contains("@{") {
        Some("it holds @{")
    } else if name.contains(forbidden) {
        Some("it holds a space or one of ~ ^ : ? * [ \\")
    } else {
        name.split('/').find_map(component)
    }
}

/// Whether some system takes the two for one branch: equal names are one everywhere.
pub(super) fn are_one(one: &str, other: &str) -> bool {
    folded(one.as_bytes()) == folded(other.as_bytes())
}

/// Whether git can keep both branches: not if one is a directory of the other, on any system.
pub(super) fn exclude_each_other(one: &str, other: &str) -> bool {
    let (one, other) = (&folded(one.as_bytes()), &folded(other.as_bytes()));
    let inside = |outer: &[u8], inner: &[u8]| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with(b"/"))
    };
    inside(one, other) || inside(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_git() {
        for good in ["main", "agent/a2-errors", "a.b", "ü", "x@y", "v1.0", "a{b}"] {
            assert_eq!(fault(good), None, "{good:?}");
        }
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a.lock/b",
            "a..b",
            "a.",
            "-a",
            "@",
            "HEAD",
            "a@{b",
            "a b",
            "a~b",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[b",
            "a\\b",
            "refs/heads/a",
            "a\u{7f}",
            "a\tb",
        ] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn a_branch_cannot_lie_inside_another() {
        assert!(exclude_each_other("gate", "gate/integration"));
        assert!(exclude_each_other("gate/integration", "gate"));
        assert!(!exclude_each_other("gate", "gate"));
        assert!(!exclude_each_other("gate", "gatekeeper/x"));
        assert!(exclude_each_other("Gate", "gate/integration"));
    }
}
