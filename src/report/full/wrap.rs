//! Breaking lines between words only, and not between backticks, so that paths and commands can be
//! copied.

use unicode_width::UnicodeWidthStr;

/// `text`, which holds no line break, in lines of at most `width` columns where its words allow it.
/// At least one line. Blanks at its start stay; a text that fits stays as it is.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let body = text.trim_start_matches(' ');
    let mut line = text[..text.len() - body.len()].to_owned();
    let mut lines = Vec::new();
    let mut empty = true;
    for word in words(body) {
        if !empty && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines
}

/// The words of `text`; what stands between backticks is one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let words = text.split(move |c| {
        quoted ^= c == '`';
        c == ' ' && !quoted
    });
    words.filter(|word| !word.is_empty())
}

/// `text` behind `title`, its further lines indented; every line ends.
pub(super) fn hanging(title: &str, text: &str, width: usize) -> String {
    let indent = if title.is_empty() { 2 } else { title.width() };
    let room = width.saturating_sub(title.width().max(indent)).max(20);
    let room = if title.is_empty() {
        room + indent
    } else {
        room
    };
    let mut result = String::new();
    let mut lines = wrap(text, room).into_iter();
    if let Some(first) = lines.next() {
        result.push_str(title);
        result.push_str(&first);
        result.push('\n');
    }
    for line in lines {
        result.push_str(&" ".repeat(indent));
        result.push_str(&line);
        result.push('\n');
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_never_inside_one() {
        for (text, width, lines) in [
            ("", 5, vec![""]),
            ("a b c", 5, vec!["a b c"]),
            ("a b c d", 5, vec!["a b c", "d"]),
            ("src/a-long/path.rs b", 5, vec!["src/a-long/path.rs", "b"]),
            ("do `a b c d e` or f", 5, vec!["do", "`a b c d e`", "or f"]),
            ("  a bb ccc", 6, vec!["  a bb", "ccc"]),
            ("日本 日本 日本", 9, vec!["日本 日本", "日本"]),
        ] {
            assert_eq!(wrap(text, width), lines, "{text:?}");
        }
    }
}
