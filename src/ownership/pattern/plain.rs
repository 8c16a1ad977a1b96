//! Patterns whose only wildcards are stars, as most are: what they mean is told without a syntax tree.

use super::MAX_PATTERN;
use super::glob::{Glob, Token};

/// The meaning of `text`, if it has no wildcards but `*` and `**` and nothing is wrong with it. `None` says
/// neither.
pub(super) fn glob(text: &str) -> Option<Glob> {
    let is_plain = |byte: u8| {
        matches!(byte, b' '..=b'~') && !matches!(byte, b'?' | b'[' | b'{' | b'}' | b'\\')
    };
    if text.len() > MAX_PATTERN || !text.bytes().all(is_plain) {
        return None;
    }
    let path = text.strip_prefix('/').unwrap_or(text);
    let (mut path, mut below) = match path.strip_suffix('/') {
        Some(directory) => (directory, true),
        None => (path, false),
    };
    if !path.as_bytes().split(|byte| *byte == b'/').all(is_name) {
        return None;
    }
    // At the end `**` says the same as a slash does.
    while path == "**" || path.ends_with("/**") {
        path = &path[..path.len().saturating_sub(3)];
        below = true;
    }
    Some(Glob {
        tokens: tokens(path)?,
        sets: Box::default(),
        below,
    })
}

/// Whether `path` has the bytes that every match of the valid pattern `text` begins with, as far as it goes:
/// tells most apart, and needs no more than the text.
pub(super) fn may_begin(text: &str, path: &[u8]) -> bool {
    let text = text.strip_prefix('/').unwrap_or(text);
    for (literal, byte) in text.bytes().zip(path) {
        if matches!(literal, b'*' | b'?' | b'[' | b'{') {
            break;
        }
        if literal != *byte {
            return false;
        }
    }
    true
}

/// Whether there is a path with this segment, unless stars in it say otherwise.
fn is_name(segment: &[u8]) -> bool {
    match segment {
        [] => false,
        [b'.', rest @ ..] => !matches!(rest, [] | [b'.']) && !rest.eq_ignore_ascii_case(b"git"),
        _ => true,
    }
}

/// `None` where `**` is not a whole segment. It does not stand at the end.
fn tokens(path: &str) -> Option<Box<[Token]>> {
    if !path.contains('*') {
        let token = |byte| match byte {
            b'/' => Token::Slash,
            byte => Token::Byte(byte),
        };
        return Some(path.bytes().map(token).collect());
    }
    let mut tokens = Vec::with_capacity(path.len());
    for byte in path.bytes() {
        let token = match (byte, tokens.last()) {
            (b'/', _) => Token::Slash,
            (_, Some(Token::Deep)) => return None,
            (b'*', Some(Token::Star)) => {
                tokens.pop();
                if !matches!(tokens.last(), None | Some(Token::Slash)) {
                    return None;
                }
                Token::Deep
            }
            (b'*', _) => Token::Star,
            (byte, _) => Token::Byte(byte),
        };
        tokens.push(token);
    }
    Some(tokens.into())
}

#[cfg(test)]
mod tests {
    use super::super::glob::expand;
    use super::super::{Kind, MAX_GLOBS, parse, segments};
    use super::*;
    use proptest::prelude::*;

    /// What the syntax tree says.
    fn in_full(text: &str) -> Option<Vec<Glob>> {
        let nodes = parse::parse(text).ok()?;
        segments::check(&nodes, text.len()).ok()?;
        expand(&nodes, MAX_GLOBS)
    }

    proptest! {
        #[test]
        fn stars_mean_what_their_syntax_tree_says(
            text in "/?((\\*\\*|[*a.]{1,3}|[.]git|[*]{1,3})/){0,4}(\\*\\*|[*a.]{0,3})",
        ) {
            let full = in_full(&text);
            let short = glob(&text).map(|glob| vec![glob]);
            // Nothing but what is wrong needs the tree.
            prop_assert_eq!(full, short, "{:?}", text);
        }
    }

    #[test]
    fn plain_text_means_what_its_syntax_tree_says() {
        let letters: Vec<char> = "/.gIta,]!-{}[*?\\ \u{7f}\u{e9}".chars().collect();
        let mut texts = vec![String::new()];
        let mut plain = 0;
        for _ in 0..3 {
            let longer = |text: &String| {
                let text = text.clone();
                letters
                    .iter()
                    .map(move |letter| format!("{text}{letter}"))
                    .collect::<Vec<_>>()
            };
            texts = texts.iter().flat_map(longer).collect();
            for text in &texts {
                // Behind and before what a rule is about.
                for text in [
                    text.clone(),
                    format!(".git{text}"),
                    format!("a/.{text}"),
                    format!("{text}.GIT"),
                ] {
                    let full = in_full(&text);
                    if let Some(glob) = glob(&text) {
                        assert_eq!(full, Some(vec![glob]), "{text:?}");
                        plain += 1;
                    }
                }
            }
        }
        assert!(plain > 1_000, "{plain} of them are plain");
        let short = [
            "src/memory/",
            "/a b.rs",
            "a/b-c_d.e/f",
            "**",
            "a/b/**",
            "**/*.rs",
            "a/**/*.ext",
            "a/*",
            "/**/x/",
        ];
        for text in short {
            assert!(glob(text).is_some(), "{text}");
        }
        assert_eq!(glob(&"x".repeat(MAX_PATTERN + 1)), None);
        for text in ["a/b**", "**a", "a/***", "**/.git/*", "a//**", "*[a]", "*?"] {
            assert_eq!(glob(text), None, "{text}");
        }
        assert!(matches!(
            Kind::of(&parse::parse("a/").expect("a pattern")),
            Kind::Globs(_)
        ));
    }
}
