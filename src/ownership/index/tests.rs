//! The index as a table, and against globset.

use super::super::pattern::tests::{Oracle, cases, config, paths, patterns};
use super::*;
use proptest::prelude::*;

#[test]
fn every_kind_of_entry_is_found() {
    let texts = [
        "a/b/c.rs",
        "a/",
        "**",
        "**/c.rs",
        "**/*.rs",
        "a/**/*.rs",
        "a/b/*",
        "?/b/c.rs",
        "*",
        "a/b/{c,d}.{rs,md}",
        "a/b/c.rs/",
        "**/b/c.rs",
        "b/",
        "ab/",
        "a/*/c.*",
        "c.rs",
        "*.rs",
        "**/b/",
        "{a,b}/**/c*",
        "**/.rs",
        "a/b/c.r",
        "/a/b/",
    ];
    let patterns = texts.map(|text| Pattern::parse(text).expect(text));
    let index = Index::new(&patterns);
    let found = index
        .matches(b"a/b/c.rs")
        .into_iter()
        .map(|place| texts[place as usize]);
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            "a/b/c.rs",
            "a/",
            "**",
            "**/c.rs",
            "**/*.rs",
            "a/**/*.rs",
            "a/b/*",
            "?/b/c.rs",
            "a/b/{c,d}.{rs,md}",
            "**/b/c.rs",
            "a/*/c.*",
            "**/b/",
            "{a,b}/**/c*",
            "/a/b/"
        ]
    );
}

#[test]
fn two_asterisks_also_stand_for_no_directory() {
    for (text, path) in [
        ("**/c/c", "c/c"),
        ("**/c", "c"),
        ("a/**/b/c.rs", "a/b/c.rs"),
        ("{a,**}/b/c", "b/c"),
        ("**/b/c.*", "b/c.rs"),
    ] {
        let pattern = Pattern::parse(text).expect(text);
        assert_eq!(
            Index::new([&pattern]).matches(path.as_bytes()),
            [0],
            "{text} {path}"
        );
        let globs = pattern.globs().expect("few").iter();
        for glob in globs.filter(|glob| glob.matches(path.as_bytes())) {
            assert!(path.as_bytes().ends_with(&glob.literal_end()), "{text}");
        }
    }
}

// A case holds as many patterns and paths as a hundred of the other tests' cases.
proptest! {
    #![proptest_config(config(cases(5120) / 10))]

    #[test]
    fn globset_agrees(
        texts in prop::collection::vec(patterns(), 1..24),
        paths in prop::collection::vec(paths(), 8),
    ) {
        let patterns: Vec<_> =
            texts.iter().map(|text| Pattern::parse(text).expect("filtered")).collect();
        let index = Index::new(&patterns);
        let oracles: Vec<_> = texts.iter().map(|text| Oracle::new(text)).collect();
        for path in paths {
            let expected: Vec<u32> = (0_u32..)
                .zip(&oracles)
                .filter(|(_, oracle)| oracle.matches(&path))
                .map(|(place, _)| place)
                .collect();
            prop_assert_eq!(index.matches(path.as_bytes()), expected, "{:?} on {}", &texts, &path);
        }
    }
}
