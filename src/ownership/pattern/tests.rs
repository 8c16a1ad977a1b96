//! The dialect as tables, and against globset.

use super::super::RUN_DEFINITIONS;
use super::*;
use crate::words::RepoPath;
use globset::{GlobBuilder, GlobMatcher};
use proptest::prelude::*;

/// How many random cases a property is tried on: as many as `GATE_PROOF_CASES` says.
pub(crate) fn cases(usual: u32) -> u32 {
    let asked = std::env::var("GATE_PROOF_CASES").ok();
    asked.map_or(usual, |text| {
        text.parse().expect("GATE_PROOF_CASES is a number")
    })
}

/// So many cases, however many of those that are tried first lie outside the dialect.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_local_rejects: u32::MAX,
        ..ProptestConfig::with_cases(cases)
    }
}

/// What globset makes of a pattern with the dialect's rules: every alternative written out, a slash
/// at the end meaning everything below, negated classes without `/`.
pub(crate) struct Oracle(Vec<GlobMatcher>);

impl Oracle {
    pub(crate) fn new(pattern: &str) -> Self {
        let compile = |alternative: String| {
            let mut glob = alternative.replace("[!", "[!/").replace("[!/]", "[!]/");
            // Stars that only met because nothing was left between them are one.
            while glob.contains("\u{1}\u{1}") {
                glob = glob.replace("\u{1}\u{1}", "\u{1}");
            }
            glob = glob.replace('\u{1}', "*").replace('\u{2}', "**");
            if glob.ends_with('/') {
                glob.push_str("**");
            }
            let mut builder = GlobBuilder::new(&glob);
            let builder = builder.literal_separator(true).backslash_escape(false);
            builder
                .build()
                .expect("a pattern of ours is one of globset's")
                .compile_matcher()
        };
        let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
        let pattern = pattern.replace("**", "\u{2}").replace('*', "\u{1}");
        Self(written_out(&pattern).into_iter().map(compile).collect())
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.iter().any(|glob| glob.is_match(path))
    }
}

/// The alternatives of the first innermost braces, one after the other, until none are left. Only
/// for patterns without braces and commas in classes.
fn written_out(pattern: &str) -> Vec<String> {
    let Some(close) = pattern.find('}') else {
        return vec![pattern.to_owned()];
    };
    let open = pattern[..close].rfind('{').expect("balanced");
    pattern[open + 1..close]
        .split(',')
        .flat_map(|part| {
            // A comma that is left over inside an outer group must survive: the group is closed
            // innermost first, so it can only hold plain text.
            written_out(&format!(
                "{}{part}{}",
                &pattern[..open],
                &pattern[close + 1..]
            ))
        })
        .collect()
}

/// Patterns that look like those of people, and worse.
pub(crate) fn patterns() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[ab.]{1,3}",
        3 => Just("*".to_owned()),
        2 => Just("?".to_owned()),
        1 => Just("[ab]".to_owned()),
        1 => Just("[!a]".to_owned()),
        1 => Just("[a-c.]".to_owned()),
        1 => Just("{a,b*}".to_owned()),
        1 => Just("{,a,.b}".to_owned()),
        1 => Just("{a{b,?},*c}".to_owned()),
    ];
    let segment = prop_oneof![
        3 => prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat()),
        2 => "[ab]",
        2 => Just("**".to_owned()),
    ];
    let tail = prop_oneof![3 => Just(""), 1 => Just("/")];
    (prop::collection::vec(segment, 1..5), tail)
        .prop_map(|(segments, tail)| segments.join("/") + tail)
        .prop_filter("outside the dialect", |text| Pattern::parse(text).is_ok())
}

/// Paths over the same letters, so that they often match.
pub(crate) fn paths() -> impl Strategy<Value = String> {
    let segment = prop_oneof!["[ab]", "[abc.]{1,4}"];
    prop::collection::vec(segment, 1..5)
        .prop_map(|segments| segments.join("/"))
        .prop_filter("not a path", |path| RepoPath::new(path.as_str()).is_ok())
}

#[test]
fn patterns_match_what_they_say() {
    for (pattern, matching, others) in [
        ("a", &["a"][..], &["a/b", "b", "aa", "b/a"][..]),
        ("/a", &["a"], &["b/a"]),
        ("a/", &["a/b", "a/b/c"], &["a", "b/a/c", "ab"]),
        ("a/**", &["a/b", "a/b/c"], &["a"]),
        ("**", &["a", "a/b"], &[]),
        ("**/", &["a", "a/b"], &[]),
        ("*", &["a", ".a"], &["a/b"]),
        ("*/", &["a/b", "a/b/c"], &["a"]),
        ("**/a", &["a", "b/a", "b/c/a"], &["a/b", "ba"]),
        ("a/**/b", &["a/b", "a/x/b", "a/b/b/b"], &["ab", "a/xb", "b"]),
        ("a/**/**/b", &["a/b", "a/x/b"], &["a"]),
        ("a/**/", &["a/b", "a/b/c"], &["a"]),
        ("**/a/", &["a/b", "b/a/c"], &["a", "b/a"]),
        ("*.rs", &["a.rs", ".rs"], &["a/b.rs"]),
        ("**/*.rs", &["a.rs", "a/b.rs"], &["a.rs/b"]),
        ("a?c", &["abc", "a\u{7f}c"], &["ac", "a/c", "aüc"]),
        ("a??c", &["aüc"], &[]),
        ("a[!b]c", &["axc"], &["abc", "a/c"]),
        ("a[^b]c", &["axc"], &["abc", "a/c"]),
        ("[]-]", &["]", "-"], &["a"]),
        ("[a-]", &["a", "-"], &["b"]),
        ("[!/]", &["a"], &[]),
        ("{a,b}/c", &["a/c", "b/c"], &["c"]),
        ("a{,.txt}", &["a", "a.txt"], &["a."]),
        ("{a/,b}", &["a/x", "b"], &["a", "b/x"]),
        ("{**/,}a", &["a", "x/a"], &["xa"]),
        ("a/{**,b}/c", &["a/c", "a/b/c", "a/x/y/c"], &["a"]),
        ("a,b", &["a,b"], &["a"]),
        ("ü/ß", &["ü/ß"], &["u/s"]),
        ("A", &["A"], &["a"]),
        ("!a", &["!a"], &["b"]),
        ("a b", &["a b"], &["a", "b"]),
    ] {
        let compiled = Pattern::parse(pattern).expect(pattern);
        for path in matching {
            assert!(
                compiled.matches(path.as_bytes()),
                "{pattern} should match {path}"
            );
            assert!(
                compiled.automaton().matches(path.as_bytes()),
                "{pattern} automaton {path}"
            );
        }
        for path in others {
            assert!(
                !compiled.matches(path.as_bytes()),
                "{pattern} should not match {path}"
            );
            assert!(
                !compiled.automaton().matches(path.as_bytes()),
                "{pattern} automaton {path}"
            );
        }
    }
}

#[test]
fn what_is_not_a_pattern_is_refused_with_its_place() {
    use PatternReason as R;
    for (text, offset, reason) in [
        ("", 0, R::Empty),
        ("/", 0, R::Empty),
        ("{,a}", 0, R::Empty),
        ("//", 1, R::EmptySegment),
        ("a//b", 2, R::EmptySegment),
        ("a/{/b,c}", 3, R::EmptySegment),
        ("{a,}/b", 4, R::EmptySegment),
        ("./a", 0, R::Dots),
        ("a/..", 3, R::Dots),
        ("a/.{,b}", 6, R::Dots),
        (".git", 3, R::DotGit),
        (".GIT/a", 3, R::DotGit),
        ("a/.g{i,o}t/b", 9, R::DotGit),
        ("a\\b", 1, R::Backslash),
        ("[\\]", 1, R::Backslash),
        ("a\tb", 1, R::Control('\t')),
        ("a\u{85}", 1, R::Control('\u{85}')),
        ("a**", 1, R::DeepInSegment),
        ("**a", 2, R::DeepInSegment),
        ("***", 2, R::DeepInSegment),
        ("x{**/,}a", 2, R::DeepInSegment),
        ("a/{b,c", 2, R::UnclosedBrace),
        ("a}", 1, R::UnopenedBrace),
        ("a[b", 1, R::UnclosedClass),
        ("[]", 0, R::UnclosedClass),
        ("[!]", 0, R::UnclosedClass),
        ("a[xü]", 3, R::NonAsciiClass('ü')),
        ("[a/]", 2, R::SlashInClass),
        ("[.-z]", 1, R::RangeOverSlash('.', 'z')),
        ("[!.-z]", 2, R::RangeOverSlash('.', 'z')),
        ("[z-a]", 1, R::BackwardRange('z', 'a')),
    ] {
        let error = Pattern::parse(text).expect_err(text);
        assert_eq!(error, PatternError { offset, reason }, "{text}");
    }
    let long = "a".repeat(MAX_PATTERN + 1);
    assert_eq!(Pattern::parse(&long).expect_err("long").reason, R::TooLong);
    assert!(Pattern::parse(&long[1..]).is_ok());
    assert_eq!(
        Pattern::parse_branch("a/").expect_err("slash").reason,
        R::BranchSlash
    );
    assert!(Pattern::parse(".github/...").is_ok());
    assert!(Pattern::parse(".gitx").is_ok());
}

/// The rows of the table under `heading` in `docs/patterns.md`, as their cells.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let page = include_str!("../../../docs/patterns.md");
    let section = page
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .expect(heading);
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        row.split(" | ")
            .map(|cell| cell.trim_matches(['|', ' ']))
            .collect()
    })
    .collect()
}

fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_page_about_patterns_is_true() {
    let examples = rows("Examples");
    assert!(examples.len() > 20);
    for row in examples {
        let pattern = codes(row[0])[0];
        let compiled = Pattern::parse(pattern).expect(pattern);
        for path in codes(row[1]) {
            assert!(
                compiled.matches(path.as_bytes()),
                "{pattern} should match {path}"
            );
        }
        for path in codes(row[2]) {
            assert!(
                !compiled.matches(path.as_bytes()),
                "{pattern} should not match {path}"
            );
        }
    }
    let refused = rows("What is refused");
    assert!(refused.len() > 10);
    for row in refused {
        let pattern = codes(row[0])[0];
        let error = Pattern::parse(pattern).expect_err(pattern);
        assert_eq!(error.to_string(), row[1], "{pattern}");
    }
}

#[test]
fn the_page_names_what_is_always_protected() {
    let page = include_str!("../../../docs/patterns.md");
    for definition in RUN_DEFINITIONS {
        assert!(page.contains(&format!("`{definition}`")), "{definition}");
    }
}

#[test]
fn no_pattern_aborts() {
    for text in [
        "{".repeat(1024),
        "{a,".repeat(300) + &"}".repeat(100),
        "[".repeat(1024),
    ] {
        assert!(Pattern::parse(&text).is_err());
    }
    for text in [
        "{a,b}".repeat(204),
        "{,a}".repeat(200) + "b",
        "*a".repeat(512),
    ] {
        let pattern = Pattern::parse(&text).expect(&text);
        assert!(!pattern.matches(&b"a/".repeat(500)));
        assert!(!pattern.matches(&[b'a'; 255]) || text.starts_with('*'));
    }
    assert!(Pattern::parse(&("{".repeat(16) + "a" + &"}".repeat(16))).is_ok());
    let error = Pattern::parse(&("{".repeat(17) + "a" + &"}".repeat(17))).expect_err("deep");
    assert_eq!((error.offset, error.reason), (16, PatternReason::TooDeep));
}

proptest! {
    #![proptest_config(config(cases(512)))]

    #[test]
    fn globset_agrees(pattern in patterns(), paths in prop::collection::vec(paths(), 8)) {
        let compiled = Pattern::parse(&pattern).expect("filtered");
        let automaton = compiled.automaton();
        let oracle = Oracle::new(&pattern);
        for path in paths {
            let expected = oracle.matches(&path);
            prop_assert_eq!(compiled.matches(path.as_bytes()), expected, "{} on {}", &pattern, &path);
            prop_assert_eq!(automaton.matches(path.as_bytes()), expected, "{} by automaton on {}", &pattern, &path);
            let again = Pattern::again(&pattern);
            prop_assert_eq!(again.matches(path.as_bytes()), expected, "{} again on {}", &pattern, &path);
            prop_assert_eq!(again.globs(), compiled.globs(), "{}", &pattern);
        }
    }

    #[test]
    fn parsing_never_panics(text in r"[a*?/{},!\[\]\-.gitü]{0,40}") {
        if let Ok(pattern) = Pattern::parse(&text) {
            pattern.matches(b"a/b");
            pattern.automaton();
        }
    }
}

#[test]
fn a_pattern_is_folded_only_if_folding_changes_nothing() {
    for (text, folded) in [
        ("agent/0050-*", true),
        ("agent/{a,b}/**", true),
        ("agent/A", false),
        ("agent/?", false),
        ("agent/[a-z]", false),
        ("agent/\u{df}", false),
    ] {
        let pattern = Pattern::parse(text).expect("a pattern");
        assert_eq!(pattern.is_folded(), folded, "{text}");
        assert!(
            !folded || pattern.globs() == pattern.folded().globs(),
            "{text}"
        );
        assert!(pattern.folded().is_folded(), "{text}");
    }
}
