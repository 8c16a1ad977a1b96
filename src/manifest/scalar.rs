//! What an unquoted word means: the core schema of YAML 1.2 (section 10.3.2 of its specification).
//! `yes` and `on` are text there, `010` is a number.

/// What a plain scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// Nothing at all, `~` or `null`.
    Nothing,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer or a fraction, in whatever notation.
    Number,
    /// Anything else.
    Text,
}

/// What `word` is when it stands unquoted.
pub(super) fn resolve(word: &str) -> Plain {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Nothing,
        "true" | "True" | "TRUE" => Plain::Boolean(true),
        "false" | "False" | "FALSE" => Plain::Boolean(false),
        _ if is_number(word) => Plain::Number,
        _ => Plain::Text,
    }
}

fn is_number(word: &str) -> bool {
    let radix = |prefix, radix| {
        word.strip_prefix(prefix).is_some_and(|digits: &str| {
            !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
        })
    };
    if radix("0x", 16) || radix("0o", 8) {
        return true;
    }
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(word, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    // Rust also takes `inf`, `nan` and `infinity` for numbers; YAML does not.
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unquoted_words_mean_what_yaml_says() {
        for (word, plain) in [
            ("", Plain::Nothing),
            ("~", Plain::Nothing),
            ("null", Plain::Nothing),
            ("nUll", Plain::Text),
            ("True", Plain::Boolean(true)),
            ("false", Plain::Boolean(false)),
            ("yes", Plain::Text),
            ("on", Plain::Text),
            ("12", Plain::Number),
            ("-3", Plain::Number),
            ("+.5e3", Plain::Number),
            ("0x1F", Plain::Number),
            ("0o17", Plain::Number),
            ("0x", Plain::Text),
            ("0b1", Plain::Text),
            ("1_000", Plain::Text),
            (".inf", Plain::Number),
            ("inf", Plain::Text),
            ("nan", Plain::Text),
            ("3-4", Plain::Text),
            ("1.2.3", Plain::Text),
            (".", Plain::Text),
            ("10m", Plain::Text),
        ] {
            assert_eq!(resolve(word), plain, "{word:?}");
        }
    }
}
