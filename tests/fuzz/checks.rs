//! What must hold of any bytes at all. Used by the tests, and by the fuzz targets in `fuzz/`, each
//! of which uses a part of it.
#![allow(dead_code, reason = "a fuzz target uses one of the checks")]

use gate::manifest;
use gate::ownership::{Budget, Index, Ownership, Pattern, prove_within};
use gate::words::{Code, Finding, RepoPath};

/// Small enough that no input takes long.
const BUDGET: Budget = Budget {
    pair: 20_000,
    total: 100_000,
};

/// As many patterns, and as many paths, are looked at: every one of them with every other.
const MOST: usize = 12;

/// Patterns one a line, an empty line, then paths one a line: every pattern is read or refused at a
/// place inside it, and the index, the pattern and its automaton agree on every path.
pub(crate) fn pattern(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (patterns, paths) = text.split_once("\n\n").unwrap_or((text, ""));
    let patterns: Vec<_> = patterns.lines().take(MOST).filter_map(parsed).collect();
    let index = Index::new(&patterns);
    let by_automaton: Vec<_> = patterns.iter().map(with_automaton).collect();
    // A pattern is often a path that it matches itself.
    let paths = paths.lines().take(MOST);
    let paths = paths.chain(patterns.iter().map(Pattern::as_str));
    for path in paths.filter(|path| RepoPath::new(*path).is_ok()) {
        let path = path.as_bytes();
        let mut expected = Vec::new();
        for (place, pattern) in (0_u32..).zip(&patterns) {
            if pattern.matches(path) {
                expected.push(place);
            }
            if let Some(automaton) = &by_automaton[place as usize] {
                assert_eq!(automaton.matches(path), pattern.matches(path), "{pattern}");
            }
        }
        assert_eq!(index.matches(path), expected, "{patterns:?}");
    }
}

fn parsed(text: &str) -> Option<Pattern> {
    match Pattern::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            assert!(error.offset <= text.len() && !error.to_string().is_empty());
            None
        }
    }
}

/// The same pattern with so many alternatives that it is matched by its automaton; `None` where it
/// becomes too long.
fn with_automaton(pattern: &Pattern) -> Option<Pattern> {
    Pattern::parse(&format!("{pattern}{}", "{,}".repeat(7))).ok()
}

/// A manifest: it is read or refused, and every problem points into it; a path that two agents are
/// said to have in common is really matched by both their claims.
pub(crate) fn manifest(data: &[u8]) {
    let source = match manifest::decode("ownership.yaml", data) {
        Ok(source) => source,
        Err(problems) => return assert!(!problems.is_empty()),
    };
    let text = source.text.clone();
    let manifest = match manifest::parse(source) {
        Ok(manifest) => manifest,
        Err(problems) => return assert_inside(&problems, &text),
    };
    let ownership = match Ownership::compile(manifest) {
        Ok(ownership) => ownership,
        Err(problems) => return assert_inside(&problems, &text),
    };
    let proof = prove_within(&ownership, &[], BUDGET);
    for finding in &proof.findings {
        assert_inside(std::slice::from_ref(finding), &text);
        if let (Code::Overlap, Some(path)) = (finding.code, &finding.path) {
            assert_witness(&ownership, finding, path);
        }
    }
}

/// Problems there are, and every label of them is text.
fn assert_inside(problems: &[Finding], text: &str) {
    assert!(!problems.is_empty());
    for label in problems.iter().flat_map(|problem| &problem.labels) {
        let end = label.span.offset + label.span.length;
        assert!(text.get(label.span.offset..end).is_some(), "{problems:?}");
    }
}

fn assert_witness(ownership: &Ownership, finding: &Finding, path: &RepoPath) {
    for label in &finding.labels {
        let mut claims = ownership.claims().iter();
        let claim = claims.find(|claim| claim.span == label.span);
        let claim = claim.expect("an overlap is labelled at claims");
        assert!(claim.pattern.matches(path.as_bytes()), "{finding:?}");
    }
}
