//! The last match, found by well-kept matchers of other people: the gitignore matcher of `ignore` for
//! GitHub, globset for GitLab.

use super::super::super::always::always;
use super::*;
use globset::GlobBuilder;
use ignore::gitignore::GitignoreBuilder;
use proptest::prelude::*;

/// Whether `pattern` matches the file `path` on GitHub: as in gitignore(5), except that a `*` behind a
/// directory stands for files.
fn github(pattern: &str, path: &str) -> bool {
    let mut builder = GitignoreBuilder::new("");
    builder.add_line(None, pattern).expect(pattern);
    let matcher = builder.build().expect(pattern);
    let slashes = path.match_indices('/');
    let mut directories = slashes
        .map(|(at, _)| &path[..at])
        .filter(|_| !pattern.ends_with("/*"));
    matcher.matched(path, false).is_ignore()
        || directories.any(|directory| matcher.matched(directory, true).is_ignore())
}

/// Whether `pattern` matches on GitLab, as its documentation says: anywhere unless it begins with a
/// slash, everything below if it ends with one, and `**` before a slash only.
fn gitlab(pattern: &str, path: &str) -> bool {
    let mut glob = match pattern.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None => format!("**/{pattern}"),
    };
    if glob.ends_with('/') {
        glob.push_str("**/*");
    }
    if glob == "**" || glob.ends_with("/**") {
        glob.pop();
    }
    let glob = GlobBuilder::new(&glob)
        .literal_separator(true)
        .build()
        .expect(pattern);
    glob.compile_matcher().is_match(path)
}

#[derive(Clone, Debug)]
enum Line {
    Heading(String, Vec<usize>),
    Rule(String, Vec<usize>),
    Exclusion(String),
}

impl Line {
    fn text(&self) -> String {
        let names = |owners: &[usize]| {
            owners
                .iter()
                .fold(String::new(), |text, owner| format!("{text} @org/t{owner}"))
        };
        match self {
            Self::Heading(name, owners) => format!("[{name}]{}\n", names(owners)),
            Self::Rule(pattern, owners) => format!("{pattern}{}\n", names(owners)),
            Self::Exclusion(pattern) => format!("!{pattern}\n"),
        }
    }
}

/// Its name, its rules, and whether it excludes the path in question.
type Section = (String, Vec<(String, Vec<usize>)>, bool);

/// The owners of `path`, section by section, line by line.
fn owners(
    lines: &[Line],
    path: &str,
    dialect: Dialect,
    matches: impl Fn(&str, &str) -> bool,
) -> BTreeSet<String> {
    let mut sections: Vec<Section> = vec![(String::new(), Vec::new(), false)];
    let (mut here, mut defaults) = (0, Vec::new());
    for line in lines {
        match line {
            Line::Heading(name, owners) => {
                defaults.clone_from(owners);
                here = sections
                    .iter()
                    .position(|(known, _, _)| known == name)
                    .unwrap_or_else(|| {
                        sections.push((name.clone(), Vec::new(), false));
                        sections.len() - 1
                    });
            }
            Line::Exclusion(pattern) => sections[here].2 |= matches(pattern, path),
            Line::Rule(pattern, owners) => {
                let owners = if owners.is_empty() { &defaults } else { owners };
                let rules = &mut sections[here].1;
                match rules.iter_mut().find(|(known, _)| known == pattern) {
                    // Only GitLab is particular about the place; there the first one counts.
                    Some(known) if dialect == Dialect::Gitlab => {
                        known.1.clone_from(owners);
                    }
                    _ => rules.push((pattern.clone(), owners.clone())),
                }
            }
        }
    }
    let last = |rules: &[(String, Vec<usize>)]| {
        let last = rules
            .iter()
            .rev()
            .find(|(pattern, _)| matches(pattern, path));
        last.map(|(_, owners)| owners.clone()).unwrap_or_default()
    };
    let sections = sections.iter().filter(|(_, _, excluded)| !excluded);
    sections
        .flat_map(|(_, rules, _)| last(rules))
        .map(|owner| format!("t{owner}"))
        .collect()
}

// Few names, so that rules meet often.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec!["a", "b"]).prop_map(String::from),
        1 => prop::sample::select(vec![".github", "workflows"]).prop_map(String::from),
        3 => prop::sample::select(vec!["*.md", "a*", "*b", "?", "*a*"]).prop_map(String::from),
        2 => Just("*".to_owned()),
        1 => Just("**".to_owned()),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    let slash = || prop::sample::select(vec!["", "/"]);
    let parts = prop::collection::vec(name(), 1..3).prop_map(|parts| parts.join("/"));
    (slash(), parts, slash()).prop_map(|(front, parts, back)| format!("{front}{parts}{back}"))
}

fn some_owners() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        5 => (0_usize..3).prop_map(|owner| vec![owner]),
        2 => prop::collection::btree_set(0_usize..3, 2..3).prop_map(|set| set.into_iter().collect()),
        1 => Just(Vec::new()),
    ]
}

fn rule() -> impl Strategy<Value = Line> {
    (pattern(), some_owners()).prop_map(|(pattern, owners)| Line::Rule(pattern, owners))
}

fn path() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        8 => prop::sample::select(vec!["a", "b"]),
        4 => prop::sample::select(vec!["x.md", "ab", "c"]),
        1 => prop::sample::select(vec![".github", "workflows", ".gitattributes"]),
    ];
    prop::collection::vec(name, 1..5).prop_map(|names| names.join("/"))
}

fn agree(
    lines: &[Line],
    paths: &[String],
    dialect: Dialect,
) -> std::result::Result<(), TestCaseError> {
    let text: String = lines.iter().map(Line::text).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let translated = translate(&text, dialect, &paths);
    translated.holds();
    for file in &translated.tracked {
        let path = file.path.to_string();
        let expected = owners(
            lines,
            &path,
            dialect,
            match dialect {
                Dialect::Github => github,
                Dialect::Gitlab => gitlab,
            },
        );
        let expected = match always(&file.path) {
            // Only one agent can be trusted with it.
            Some(_) if expected.len() > 1 => BTreeSet::new(),
            _ => expected,
        };
        let found = translated.may_change(&file.path);
        prop_assert_eq!(
            found,
            expected,
            "{} in\n{}\n{}",
            path,
            &text,
            &translated.translation.text
        );
    }
    Ok(())
}

/// Few by default, as many as `GATE_CODEOWNERS_CASES` says at length.
fn cases() -> u32 {
    let wanted = std::env::var("GATE_CODEOWNERS_CASES").ok();
    wanted.and_then(|wanted| wanted.parse().ok()).unwrap_or(24)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn the_manifest_means_what_github_does(
        lines in prop::collection::vec(rule(), 1..12),
        paths in prop::collection::btree_set(path(), 24),
    ) {
        agree(&lines, &paths.into_iter().collect::<Vec<_>>(), Dialect::Github)?;
    }

    #[test]
    fn the_manifest_means_what_gitlab_does(
        lines in prop::collection::vec(
            prop_oneof![
                6 => rule(),
                2 => (prop::sample::select(vec!["one", "two", "three"]), some_owners())
                    .prop_map(|(name, owners)| Line::Heading(name.into(), owners)),
                1 => pattern().prop_map(Line::Exclusion),
            ],
            1..9,
        ),
        paths in prop::collection::btree_set(path(), 24),
    ) {
        agree(&lines, &paths.into_iter().collect::<Vec<_>>(), Dialect::Gitlab)?;
    }
}
