//! The fuzz targets on random input, without a fuzzer: some in every run, many where
//! `GATE_FUZZ_CASES` asks for them.

mod checks;

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
