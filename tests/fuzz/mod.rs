//! The fuzz targets on random input, without a fuzzer: some in every run, many where
//! `GATE_FUZZ_CASES` asks for them.

mod checks;
mod escaping;
mod tree;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Manifests to begin with.
const MANIFESTS: [&str; 3] = [
    include_str!("../../fixtures/tusklang/ownership.yaml"),
    include_str!("../../fixtures/bulletproof/ownership.yaml"),
    include_str!("../../ownership.yaml"),
];
/// What makes a difference to YAML, to the manifest, or to patterns.
const PIECES: &[&str] = &[
    "\n",
    " ",
    "  ",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "!",
    "|\n",
    "? ",
    "<<: ",
    "---\n",
    "\t",
    "\\",
    "ü",
    "\u{feff}",
    "\r",
    "\0",
    "~",
    "**",
    "**/",
    "*",
    "?",
    "[!a]",
    "/",
    "../",
    ".git/",
    "version: 1\n",
    "owns: [a]\n",
    "except: [a]",
    "x: &x",
    "9",
    "-",
    "@",
];
/// What patterns and paths are made of.
const LETTERS: &[&str] = &[
    "a", "b", "src", ".rs", ".", "/", "/", "/", "*", "**", "**/", "/**", "?", "[ab]", "[!a]",
    "[a-c]", "{", "}", ",", "{a,b}", "{,/a}", "ü", "]", "-", "\n", "\n", "\n\n", "\\", "aab",
    "abc",
];

fn cases() -> u32 {
    let cases = std::env::var("GATE_FUZZ_CASES").ok();
    cases.map_or(300, |text| {
        text.parse().expect("GATE_FUZZ_CASES is a number")
    })
}

/// One of the manifests with some of its text replaced.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<Index>(), 0..30_usize, vec(select(PIECES), 0..4));
    (select(&MANIFESTS[..]), vec(edit, 1..6)).prop_map(|(text, edits)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, length, pieces) in edits {
            let at = at.index(bytes.len() + 1);
            let end = bytes.len().min(at + length);
            bytes.splice(at..end, pieces.concat().into_bytes());
        }
        bytes
    })
}

/// One entry of a tree, mostly good.
fn entry() -> impl Strategy<Value = Vec<u8>> {
    let mode = prop_oneof![
        6 => select(&["100644", "100755", "120000", "160000", "40000"][..]),
        1 => select(&["100664", "040000", "0100644", "100600", "0", "", "140000", "1006440"][..]),
    ];
    let name = prop_oneof![
        6 => vec(select(&["a", "b", "a.b", "a-", "a0", "ü"][..]), 1..3).prop_map(|parts| parts.concat()),
        2 => select(ODD_NAMES).prop_map(str::to_owned),
    ];
    let id = prop_oneof![9 => Just([7_u8; 20]), 1 => Just([0; 20])];
    (mode, name, id)
        .prop_map(|(mode, name, id)| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &id].concat())
}

/// Names that some system takes for another one, and names beside them that none does.
const ODD_NAMES: &[&str] = &[
    "",
    ".",
    "..",
    "...",
    ".git",
    ".GIT",
    ".gitx",
    "git~1",
    "GIT~1",
    "git~2",
    ".git.",
    ".git ",
    ".git . ",
    ".git::x",
    ".git:x",
    "a/b",
    "/",
    "a\\b",
    "a\\.git",
    ".git\\a",
    "\\.git ",
    "a\\git~1",
    ".g\u{200c}it",
    "\u{feff}.git",
    ".git\u{200d}",
    ".gi",
    "x.git",
    ".git\n",
    ".Git\t",
];

/// A tree of few entries, mostly in order.
fn tree_data() -> impl Strategy<Value = Vec<u8>> {
    (vec(entry(), 0..4), any::<bool>(), 0..40_usize).prop_map(|(mut entries, sorted, cut)| {
        if sorted {
            let name = |entry: &Vec<u8>| {
                let space = entry.iter().position(|byte| *byte == b' ').unwrap_or(0);
                entry[space..].to_vec()
            };
            entries.sort_by_key(name);
        }
        let mut data = entries.concat();
        if cut < 3 {
            data.truncate(data.len().saturating_sub(cut));
        }
        data
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn trees_are_refused_where_git_refuses_them(data in tree_data()) {
        tree::tree(&data);
    }

    #[test]
    fn texts_are_escaped_in_every_format(parts in vec(vec(select(HOSTILE), 0..6), 0..7)) {
        let parts: Vec<String> = parts.iter().map(|part| part.concat()).collect();
        escaping::escaping(parts.join("\n\n").as_bytes());
    }
}

/// What would mean something where it is printed.
const HOSTILE: &[&str] = &[
    "a",
    " ",
    "::",
    "##[",
    "##",
    "[",
    "##vso[",
    "\n",
    "\r",
    "\t",
    "%0A",
    ",",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{200b}",
    "\u{2028}",
    "\u{e0041}",
    "\u{feff}",
    "<b>",
    "&amp;",
    "</pre>",
    "`",
    "[x](y)",
    "{0}",
    "}}",
    "\\",
    "\"",
    "'",
    "ü",
    "日",
    "\u{301}",
    "error ",
    "accepted",
    "@all",
    "#1",
    "| a |",
    "\u{85}",
    "\u{9b}",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn bytes_are_no_manifest_and_no_pattern(bytes in vec(any::<u8>(), 0..300)) {
        checks::manifest(&bytes);
        checks::pattern(&bytes);
    }

    #[test]
    fn mutated_manifests_are_read_or_refused(bytes in mutated()) {
        checks::manifest(&bytes);
    }

    #[test]
    fn patterns_index_and_automata_agree(text in vec(select(LETTERS), 1..40)) {
        checks::pattern(text.concat().as_bytes());
    }
}
