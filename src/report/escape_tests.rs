//! Tests of the escapes, named after the attack.

use super::*;
use proptest::prelude::*;

fn json(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Json);
    serde::Serialize::serialize(text, &mut serializer).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn escape_sequences_do_not_reach_the_terminal() {
    assert_eq!(
        terminal("a\x1b[2K\x07\x7f\u{9b}31m"),
        r"a\x1b[2K\x07\x7f\x9b31m"
    );
}

#[test]
fn a_newline_does_not_fake_a_second_finding() {
    assert_eq!(terminal("x\r\naccepted"), r"x\r\naccepted");
    assert_eq!(
        terminal("x\u{2028}y\u{2029}z\u{85}"),
        r"x\u{2028}y\u{2029}z\x85"
    );
}

#[test]
fn bidirectional_characters_do_not_reorder_a_line() {
    for c in ('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}')
        .chain(['\u{200e}', '\u{200f}', '\u{61c}'])
    {
        let written = format!("a\\u{{{:x}}}b", u32::from(c));
        assert_eq!(terminal(&format!("a{c}b")), written);
    }
}

#[test]
fn invisible_characters_do_not_make_twins() {
    for c in [
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{2060}',
        '\u{feff}',
        '\u{ad}',
        '\u{e0001}',
        '\u{e0061}',
        '\u{fe0f}',
        '\u{e0100}',
        '\u{180e}',
        '\u{3164}',
    ] {
        assert_ne!(
            terminal(&format!("agent/core{c}")),
            format!("agent/core{c}")
        );
        assert!(json(&c.to_string()).is_ascii(), "{c:?}");
    }
}

#[test]
fn ordinary_text_of_the_world_stays_readable() {
    for text in ["Übung", "日本語", "\"\\303\\274\"", "a b", "🦀"] {
        assert_eq!(terminal(text), text);
    }
}

#[test]
fn a_name_does_not_start_a_workflow_command() {
    assert_eq!(github_line("::set-env::x"), r"\x3a:set-env::x");
    assert_eq!(github_line(" \u{a0}::error::x"), " \u{a0}\\x3a:error::x");
    assert_eq!(github_line("a ##[group]b"), r"a ##\x5bgroup]b");
    assert_eq!(github_line("###[error]"), r"###\x5berror]");
    assert_eq!(github_line("##vso[task]"), r"##vso\x5btask]");
    assert_eq!(
        github_data(&["a".into(), "::stop-commands::x".into()]),
        r"a%0A\x3a:stop-commands::x"
    );
}

#[test]
fn a_name_does_not_end_a_property_or_add_one() {
    assert_eq!(
        github_property("a,line=1::warning,%3A"),
        "a%2Cline=1%3A%3Awarning%2C%253A"
    );
    assert_eq!(github_property("a\nb"), r"a\nb");
}

#[test]
fn json_in_a_log_is_harmless_and_means_the_same() {
    let text = "##[error]\u{9b}\u{202e}\u{e0001}\n\"\\";
    let written = json(text);
    assert!(written.is_ascii() && !written.contains("##["), "{written}");
    assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
}

/// A command's name, its properties and its data.
type Command = (String, Vec<(String, String)>, String);

/// What the runner does: which command a line is, its properties and its data, unescaped.
fn parse_command(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (head, data) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let decode = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let properties = properties
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), decode(value)))
        .collect();
    Some((name.to_owned(), properties, decode(data)))
}

/// Text as an attacker would write it: the dangerous pieces are likely.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "::",
            "##[",
            "##",
            "[",
            "\n",
            "\r\n",
            " ",
            ",",
            "%",
            "%0A",
            ":",
            "=",
            "\x1b[2J",
            "\u{202e}",
            "\u{2028}",
            "error",
            "title=",
            "\"",
            "\\",
            "\u{e0041}",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn an_escaped_text_is_one_visible_line(text in hostile()) {
        let escaped = terminal(&text);
        prop_assert!(!escaped.chars().any(deceives));
        prop_assert!(escaped.lines().count() <= 1);
        prop_assert_eq!(terminal(&escaped), escaped, "twice is once");
    }

    #[test]
    fn an_escaped_line_is_no_command(text in hostile()) {
        let line = github_line(&text);
        prop_assert!(!line.trim_start().starts_with("::"));
        prop_assert!(!line.contains("##["));
    }

    #[test]
    fn an_annotation_is_exactly_one_command(title in hostile(), data in hostile()) {
        let line = format!(
            "::error title={}::{}",
            github_property(&title),
            github_data(std::slice::from_ref(&data)),
        );
        prop_assert!(!line.contains(['\n', '\r']));
        let (name, properties, message) = parse_command(&line).unwrap();
        prop_assert_eq!(name, "error");
        prop_assert_eq!(properties, vec![("title".to_owned(), github_line(&title))]);
        prop_assert_eq!(message, github_line(&data));
    }

    #[test]
    fn json_reads_back_the_same(text in hostile()) {
        let written = json(&text);
        prop_assert!(!written.contains("##["));
        prop_assert!(!written.chars().any(deceives));
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
