//! Patterns that are plain text, as most are: what they mean is told without a syntax tree.

use super::MAX_PATTERN;
use super::glob::{Glob, Token};

/// The meaning of `text`, if it has no wildcards and nothing is wrong with it. `None` says neither.
pub(super) fn glob(text: &str) -> Option<Glob> {
    let is_plain = |byte: u8| {
        matches!(byte, b' '..=b'~') && !matches!(byte, b'*' | b'?' | b'[' | b'{' | b'}' | b'\\')
    };
    if text.len() > MAX_PATTERN || !text.bytes().all(is_plain) {
        return None;
    }
    let path = text.strip_prefix('/').unwrap_or(text);
    let (path, below) = match path.strip_suffix('/') {
        Some(directory) => (directory, true),
        None => (path, false),
    };
    let is_name = |segment: &str| {
        !matches!(segment, "" | "." | "..") && !segment.eq_ignore_ascii_case(".git")
    };
    if !path.split('/').all(is_name) {
        return None;
    }
    let token = |byte| match byte {
        b'/' => Token::Slash,
        byte => Token::Byte(byte),
    };
    Some(Glob {
        tokens: path.bytes().map(token).collect(),
        sets: Box::default(),
        below,
    })
}

#[cfg(test)]
mod tests {
    use super::super::glob::expand;
    use super::super::{Kind, MAX_GLOBS, parse, segments};
    use super::*;

    /// What the syntax tree says.
    fn in_full(text: &str) -> Option<Vec<Glob>> {
        let nodes = parse::parse(text).ok()?;
        segments::check(&nodes, text.len()).ok()?;
        expand(&nodes, MAX_GLOBS)
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
        for text in ["src/memory/", "/a b.rs", "a", "a/b-c_d.e/f"] {
            assert!(glob(text).is_some(), "{text}");
        }
        assert_eq!(glob(&"x".repeat(MAX_PATTERN + 1)), None);
        assert!(matches!(
            Kind::of(&parse::parse("a/").expect("a pattern")),
            Kind::Globs(_)
        ));
    }
}
