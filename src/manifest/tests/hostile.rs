//! Input made to hurt: never a panic, never a long wait, never an acceptance.

use super::{SMALL, problems, read};
use crate::manifest::{decode, limits, parse};
use crate::words::{Code, Finding, Source};
use proptest::prelude::*;
use std::fmt::Write;
use std::time::{Duration, Instant};

fn codes(result: Result<impl Sized, Vec<Finding>>) -> Vec<Code> {
    let findings = result.err().unwrap_or_default();
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn bytes_that_are_no_text() {
    let large = vec![b'#'; limits::MAX_BYTES + 1];
    for (bytes, code) in [
        (&large[..], Code::ManifestSize),
        (b"version: \xff", Code::ManifestSyntax),
        (b"\xff\xfev\0e\0", Code::ManifestSyntax),
        (b"\xfe\xff\0v\0e", Code::ManifestSyntax),
        (b"a: \xed\xa0\x80", Code::ManifestSyntax),
        (b"\xc0\x80", Code::ManifestSyntax),
    ] {
        assert_eq!(codes(decode("x", bytes)), [code]);
    }
    let source = decode("x", SMALL.as_bytes()).unwrap();
    assert_eq!((source.name.as_str(), source.text.as_str()), ("x", SMALL));
}

#[test]
fn characters_that_show_people_another_manifest() {
    for character in [
        '\0', '\u{1b}', '\u{feff}', '\u{202e}', '\u{2066}', '\u{7f}', '\u{85}',
    ] {
        let text = format!("{SMALL}# {character}\n");
        assert_eq!(codes(read(&text)), [Code::ManifestSyntax], "{character:?}");
    }
    let hidden = format!("{SMALL}# a comment\r    owns: [\"**\"]\n");
    assert_eq!(codes(read(&hidden)), [Code::ManifestSyntax]);
    assert_eq!(
        codes(read(&format!("\u{feff}{SMALL}"))),
        [Code::ManifestSyntax]
    );
}

// One table: a row for each thing that may be too large.
#[test]
fn absurd_sizes_end_soon_and_well() {
    let mut bomb = String::from("version: 1\na0: &a0 [x, x]\n");
    for level in 1..20 {
        let below = format!("*a{}", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{}]", vec![below; 9].join(", ")).unwrap();
    }
    let mut agents = String::from("version: 1\nagents:\n");
    for agent in 0..=limits::MAX_AGENTS {
        writeln!(agents, "  a{agent}: {{branch: x/a{agent}}}").unwrap();
    }
    let mut unknown = String::from("version: 1\nagents:\n");
    for agent in 0..9000 {
        writeln!(
            unknown,
            "  agent{agent}: {{branch: x/a{agent}, depends_on: [nobody{agent}]}}"
        )
        .unwrap();
    }
    let patterns: Vec<String> = (0..=limits::MAX_PATTERNS)
        .map(|n| format!("{n:x}/"))
        .collect();
    let table = [
        ("aliases", bomb, Code::ManifestSyntax),
        ("flow nesting", "[".repeat(500_000), Code::ManifestSize),
        ("map nesting", "{a: ".repeat(200_000), Code::ManifestSize),
        ("dashes", "- ".repeat(400_000), Code::ManifestSize),
        ("keys", "a: 1\n".repeat(200_000), Code::ManifestSize),
        ("questions", "? ".repeat(400_000), Code::ManifestSize),
        (
            "size",
            "#".repeat(limits::MAX_BYTES + 1),
            Code::ManifestSize,
        ),
        (
            "nothing but a comment",
            format!(
                "{SMALL}    owns: [x]\n# {}\n",
                "x".repeat(2 * limits::PLAIN_BYTES)
            ),
            Code::ManifestSize,
        ),
        (
            "a line",
            format!("{SMALL}    owns: [\"{}\"]", "x".repeat(900_000)),
            Code::ManifestSize,
        ),
        ("agents", agents, Code::ManifestSize),
        ("unknown agents", unknown, Code::ManifestSize),
        (
            "patterns",
            format!("{SMALL}    owns: ['{}']", patterns.join("', '")),
            Code::ManifestSize,
        ),
        (
            "items",
            format!("{SMALL}    owns: [{}]", "1,".repeat(400_000)),
            Code::ManifestSize,
        ),
        ("control", "\u{1}".repeat(900_000), Code::ManifestSize),
        (
            "command",
            format!("{SMALL}    verify: {}", "x".repeat(20_000)),
            Code::ManifestSize,
        ),
        (
            "name",
            format!("{SMALL}    name: {}", "x".repeat(300)),
            Code::ManifestSize,
        ),
        (
            "anchors",
            format!("a: [{}]", "&a x, ".repeat(100_000)),
            Code::ManifestSize,
        ),
        ("quotes", "\"".repeat(900_000), Code::ManifestSyntax),
        ("tags", "!".repeat(900_000), Code::ManifestSyntax),
        ("colons", ":".repeat(900_000), Code::InvalidValue),
        (
            "a long key",
            format!("{}: 1", "k".repeat(900_000)),
            Code::ManifestSyntax,
        ),
    ];
    for (name, text, code) in table {
        let start = Instant::now();
        let found = codes(read(&text));
        assert!(
            found.contains(&code),
            "{name}: {:?}",
            &found[..found.len().min(5)]
        );
        assert!(found.len() <= limits::MAX_PROBLEMS + 1, "{name}");
        let limit = Duration::from_secs(30);
        assert!(start.elapsed() < limit, "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn a_chain_of_all_agents_is_no_problem() {
    let mut text = String::from("version: 1\nagents:\n  a0: {branch: x/a0}\n");
    for agent in 1..limits::MAX_AGENTS {
        let before = agent - 1;
        writeln!(
            text,
            "  a{agent}: {{branch: x/a{agent}, depends_on: [a{before}]}}"
        )
        .unwrap();
    }
    let manifest = read(&text).unwrap_or_else(|findings| panic!("{}", findings[0]));
    assert_eq!(manifest.agents.len(), limits::MAX_AGENTS);
}

#[test]
fn messages_show_long_texts_cut() {
    let said = problems(&format!("{SMALL}    priority: {}\n", "ü".repeat(5000)));
    assert!(said.lines().next().unwrap().len() < 300, "{said}");
}

const GOOD: &str = include_str!("../../../fixtures/tusklang/ownership.yaml");

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(source) = decode("x", &bytes) {
            let _ = parse(source);
        }
    }

    #[test]
    fn random_yaml_never_panics(text in "[-:?,\\[\\]{}#&*!|>'\"%@`~ \n\t0a<ü\\\\.]{0,80}") {
        if let Err(findings) = read(&text) {
            prop_assert!(!findings.is_empty());
        }
    }

    #[test]
    fn mutations_of_a_good_manifest_never_panic(
        at in 0..GOOD.len(),
        length in 0..40usize,
        put in "([-:?,\\[\\]{}#&*!|>'\"%@`~ \n\t0aü]{0,6})|(version: 1)|(  a:\n)|(---\n)|(<<: )",
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        if let Ok(source) = decode("x", &bytes) {
            let text = source.text.clone();
            if let Err(findings) = parse(source) {
                prop_assert!(!findings.is_empty());
                for label in findings.iter().flat_map(|finding| &finding.labels) {
                    let end = label.span.offset + label.span.length;
                    prop_assert!(text.get(label.span.offset..end).is_some());
                }
            }
        }
    }

    #[test]
    fn parsing_twice_says_the_same(text in "(version: 1\n|agents:\n|  a:\n|    branch: x\n|    owns: [y]\n|  b: 3\n){0,9}") {
        let once = parse(Source { name: "x".into(), text: text.clone() });
        let twice = parse(Source { name: "x".into(), text });
        prop_assert_eq!(once, twice);
    }
}
