//! The proof as tables, and against globset and enumeration.

use super::super::pattern::tests::{Oracle, cases, config, patterns};
use super::super::testing::{Builder, tree};
use super::*;
use crate::words::Code;
use proptest::prelude::*;

fn messages(builder: Builder, tracked: &[&str]) -> Vec<String> {
    let proof = prove(&builder.build(), &tree(tracked));
    proof
        .findings
        .iter()
        .map(|f| format!("{}: {f}", f.code.name()))
        .collect()
}

fn two(one: &[&str], two: &[&str]) -> Builder {
    Builder::new().agent("alpha", one).agent("beta", two)
}

/// The witness of an overlap, if there is one.
fn witness(one: &[&str], other: &[&str]) -> Option<String> {
    let proof = prove(&two(one, other).build(), &[]);
    assert!(
        proof.findings.iter().all(|f| f.code != Code::Unproven),
        "{:?}",
        proof.findings
    );
    let overlap = proof.findings.iter().find(|f| f.code == Code::Overlap)?;
    assert_eq!(overlap.labels.len(), 2);
    overlap.path.as_ref().map(ToString::to_string)
}

// One table of pairs and their witnesses.
#[test]
fn overlaps_have_a_shortest_witness() {
    for (one, other, expected) in [
        (&["a"][..], &["a"][..], Some("a")),
        (&["a"], &["b"], None),
        (&["a"], &["a/"], None),
        (&["a/"], &["a/b/"], Some("a/b/a")),
        (&["a/"], &["ab/"], None),
        (&["src/**"], &["**/*.rs"], Some("src/.rs")),
        (&["src/*"], &["src/*/*"], None),
        (&["*"], &["*/"], None),
        (&["**/a"], &["**/b"], None),
        (&["**/a/"], &["**/b/"], Some("a/b/a")),
        (
            &["api/migrations/*_trackA_*"],
            &["api/migrations/*_trackB_*"],
            Some("api/migrations/_trackA_trackB_"),
        ),
        (&["m/????????_trackA_*"], &["m/????????_trackB_*"], None),
        (
            &["m/????????_trackA_*"],
            &["m/*_trackB_*"],
            Some("m/a_trackB_trackA_"),
        ),
        (&["*a"], &["*b"], None),
        (&["*a*"], &["*b*"], Some("ab")),
        (&["a*"], &["*b"], Some("ab")),
        (&["[ab]x"], &["[bc]x"], Some("bx")),
        (&["[!a]"], &["[!b]"], Some("c")),
        (&["{a,b}/c"], &["{b,d}/c"], Some("b/c")),
        (&["a/**/b"], &["a/b"], Some("a/b")),
        (&["a/**/c/d"], &["a/b/**"], Some("a/b/c/d")),
        (&["?git"], &[".*"], None),
        (&[".?"], &["?."], None),
        (&["??"], &[".*"], Some(".a")),
        (&["a", "b"], &["c", "b"], Some("b")),
        (&["a/", "-a/b/"], &["a/b/"], None),
        (&["a/", "-a/b"], &["a/b/"], Some("a/b/a")),
        (&["*.rs", "-a*"], &["?.rs"], Some("b.rs")),
        (&["*.rs", "-[a-y]*"], &["?.rs", "-[z0-9]*"], Some("_.rs")),
        (&["**", "-**/*.md"], &["**/*.md"], None),
        (
            &["**", "-**/*.md"],
            &["docs/", "-docs/*.txt"],
            Some("docs/a"),
        ),
        (&[".github/workflows/"], &[".github/**"], None),
        (&[".gitlab-ci.yml"], &[".gitlab-ci.yml"], None),
        (&["*.YAML"], &["O*.YAML"], Some("O.YAML")),
        (&["Ownership.yaml"], &["Ownership.*"], None),
        (&["**/.gitattributes"], &["a/.gitattributes"], None),
    ] {
        assert_eq!(
            witness(one, other).as_deref(),
            expected,
            "{one:?} {other:?}"
        );
        assert_eq!(
            witness(other, one).is_some(),
            expected.is_some(),
            "turned round: {one:?} {other:?}"
        );
    }
}

#[test]
fn lengths_are_limited_as_in_git() {
    let long = "?".repeat(256);
    assert_eq!(witness(&[&long], &["*"]), None, "no component is that long");
    let half = format!("{}*{}", "?".repeat(128), "a".repeat(127));
    assert!(witness(&[&half], &["*"]).is_some());
    let deep = "?/".repeat(256) + "?";
    assert_eq!(witness(&[&deep], &["**"]), None, "no path is that deep");
    // The shortest way would make one component too long; a longer way does not.
    let either = format!(
        "{{{},{}/{}}}",
        "a".repeat(256),
        "a".repeat(150),
        "a".repeat(150)
    );
    assert_eq!(
        witness(&[&either], &["**"]).map(|path| path.len()),
        Some(301)
    );
}

// One table: a row for each rule that may come first.
#[test]
fn everything_that_decides_earlier_is_taken_into_account() {
    let none: [&str; 0] = [];
    assert_eq!(
        messages(
            two(&["a/"], &["a/"])
                .protected(&["a/"])
                .shared(&[0], &["x"]),
            &[]
        )[..0],
        none
    );
    for (builder, expected) in [
        (
            two(&["a/x"], &["a/x"]).protected(&["a/"]),
            &[
                "claim-without-effect: owning `a/x` gives nothing to alpha",
                "claim-without-effect: owning `a/x` gives nothing to beta",
            ][..],
        ),
        (
            two(&["a/"], &["a/b/"]).protected(&["a/", "-a/b/c"]),
            &["overlap: alpha and beta could both own `a/b/c`"],
        ),
        (
            two(&["a/"], &["a/b/"]).shared(&[0, 1], &["a/b/"]),
            &["claim-without-effect: owning `a/b/` gives nothing to beta"],
        ),
        (
            two(&["a/"], &["c/"]).shared(&[1], &["a/b"]),
            &["overlap: alpha could own `a/b`, which would be shared by beta"],
        ),
        (two(&["a/"], &["c/"]).shared(&[0, 1], &["a/b"]), &[]),
        (two(&["a/", "-a/b"], &["c/"]).shared(&[1], &["a/b"]), &[]),
        (
            two(&["a/"], &["c/"])
                .shared(&[0], &["x/"])
                .shared(&[0, 1], &["x/y", "z"]),
            &["overlap: `x/y` is shared twice, by alpha and by alpha and beta"],
        ),
        (
            two(&["a/"], &["c/"])
                .shared(&[0, 1], &["x/"])
                .shared(&[1, 0], &["x/y", "z"]),
            &[],
        ),
        (
            two(&["a/"], &["c/"])
                .trusted(&[".github/"])
                .agent("gamma", &[])
                .trusted(&["**/ci.yml"]),
            &["overlap: beta and gamma are both trusted with `.github/ci.yml`"],
        ),
        (
            two(&["a/"], &["a/b"]).forbids(&["a/b"]),
            &[
                "overlap: alpha and beta could both own `a/b`",
                "claim-without-effect: owning `a/b` gives nothing to beta",
            ],
        ),
        (
            two(&[".gitattributes"], &["c/"]),
            &["claim-without-effect: owning `.gitattributes` gives nothing to alpha"],
        ),
        (
            two(&["a/", "-a/**"], &["c/"]),
            &["claim-without-effect: owning `a/` gives nothing to alpha"],
        ),
        (
            two(&["a/*.rs", "a/"], &["c/", "c/"]),
            &[
                "covered-claim: alpha owns `a/*.rs` already by `a/`",
                "covered-claim: beta owns `c/` already by `c/`",
            ],
        ),
        (
            two(&["*a*", "*ab*"], &["c/"]),
            &["covered-claim: alpha owns `*ab*` already by `*a*`"],
        ),
        (
            two(&["a"], &["b"]).branches(&["agent/*"]),
            &["branch-overlap: the branch `agent/alpha` would belong to both alpha and beta"],
        ),
        (
            two(&["a"], &["b"]).branches(&["Agent/A*"]),
            &[
                "branch-overlap: alpha and beta could have branches that some systems take for one, \
               `agent/alpha`",
            ],
        ),
        (
            two(&["a"], &["b"]).branches(&["x.lock", "y/**", "agent/beta", "Agent/C*"]),
            &[],
        ),
    ] {
        assert_eq!(messages(builder, &[]), expected);
    }
}

#[test]
fn tracked_paths_are_better_witnesses() {
    let found = messages(
        two(&["src/"], &["**/*.rs"]),
        &["src/a/b.rs", "src/a.rs", "x.rs"],
    );
    assert_eq!(found, ["overlap: alpha and beta both own `src/a.rs`"]);
}

#[test]
fn directories_at_any_depth_are_told_apart_without_automata() {
    for shape in ["**/NAME/*.rs", "a/**/NAME/x_*_y/*.rs", "src/*/NAME/?.c"] {
        let agents = (0..60).fold(Builder::new(), |builder, number| {
            let pattern = shape.replace("NAME", &format!("d{number}"));
            builder.agent(&format!("agent-{number}"), &[&pattern])
        });
        let proof = prove(&agents.build(), &[]);
        assert!(proof.findings.is_empty(), "{shape}");
        assert_eq!(
            (proof.pairs, proof.by_automata),
            (60 * 59 / 2, 0),
            "{shape}"
        );
    }
}

#[test]
fn adversaries_are_answered_or_refused_in_time() {
    let stars_a = "*a".repeat(60);
    let stars_b = "*b".repeat(60);
    let (open_a, open_b) = (format!("{stars_a}*"), format!("{stars_b}*"));
    let few = "?".repeat(59);
    let alternates: Vec<String> = (0..256).map(|n| format!("{n:x}")).collect();
    let alternates = format!("{{{}}}*", alternates.join(","));
    let marks = "*a".to_owned() + &"?".repeat(200);
    let twice = |text: &str| text.replace('a', "b");
    let started = std::time::Instant::now();
    for (one, other) in [
        (&stars_a, &stars_b),
        (&open_a, &open_b),
        (&open_a, &few),
        (&alternates, &alternates.replace('*', "?x*")),
        (&marks, &twice(&marks)),
        (&"*a".repeat(512), &"*b".repeat(512)),
        (
            &"{,a}".repeat(200).replacen("{,a}", "x", 1),
            &"{,b}".repeat(200).replacen("{,b}", "x", 1),
        ),
        (&"{a,b}".repeat(200), &"{a,c}".repeat(200)),
    ] {
        let proof = prove(&two(&[one], &[other]).build(), &[]);
        assert!(proof.by_automata <= 1);
        let proof = prove(&two(&[one, &format!("-{marks}")], &[other]).build(), &[]);
        assert!(proof.steps < 50_000_000, "{one} {other}: {}", proof.steps);
    }
    assert!(started.elapsed().as_secs() < 60);
    let tight = Budget {
        pair: 10,
        total: 100,
    };
    let proof = prove_within(&two(&[&open_a], &[&open_b]).build(), &[], tight);
    assert_eq!(proof.findings[0].code, Code::Unproven);
}

// One table: pairs on which a search from the front, a step at a time, takes too long.
#[test]
fn hard_pairs_are_proven_in_time() {
    let either = "{**,x}/".repeat(40);
    let deep = |name: &str, times: usize| format!("**/{name}/").repeat(times) + "**/y";
    let marks = |byte: char| format!("*{byte}{}", "?".repeat(200));
    let stars = |byte: char| format!("*{byte}").repeat(60) + "*";
    let long = |byte: char| format!("*{byte}").repeat(511) + "*";
    let (y, w, mark) = (
        either.clone() + "y",
        either.clone() + "w",
        either.clone() + "?",
    );
    let marked = format!("-{}", marks('a'));
    let open = format!("-{}", stars('a'));
    let (starred, few) = (either.clone() + "*a*y", "?".repeat(59));
    let (a, b) = (stars('a'), stars('b'));
    for (one, other, meet) in [
        (&[y.as_str()][..], &[w.as_str()][..], false),
        (&[&y], &[&mark], true),
        (&[&starred], &[&(either.clone() + "*b*w")], false),
        // They would meet in a path with more components than git allows.
        (&[&deep("a", 130)], &[&deep("b", 130)], false),
        (&[&deep("a", 100)], &[&deep("b", 100)], true),
        // A name would have to be longer than git allows.
        (&[&long('a')], &[&long('b')], false),
        (&[&a, &marked], &[&b], true),
        (&[&a, &marked], &[&few], false),
        (&[&marks('a'), &open], &[&marks('b')], false),
        (&[&a, &marked], &["*a*", &open], false),
        (&["**", &marked, &open], &["*"], true),
        (&[&marks('a'), &marked], &["*"], false),
    ] {
        let proof = prove(&two(one, other).build(), &[]);
        let has = |code| proof.findings.iter().any(|finding| finding.code == code);
        assert!(!has(Code::Unproven), "{one:?} {other:?}");
        assert_eq!(has(Code::Overlap), meet, "{one:?} {other:?}");
        // Some thirty million are done in a second.
        assert!(
            proof.steps < 1_500_000,
            "{one:?} {other:?}: {}",
            proof.steps
        );
    }
}

#[test]
fn the_advice_says_whose_budget_ran_out() {
    let (one, other) = ("*a".repeat(60) + "*", "*b".repeat(60) + "*");
    let advice = |pair, total| {
        let proof = prove_within(
            &two(&[&one], &[&other]).build(),
            &[],
            Budget { pair, total },
        );
        assert_eq!(proof.findings[0].code, Code::Unproven);
        proof.findings[0].hint.clone().unwrap_or_default()
    };
    assert!(advice(10, 100).starts_with("write one of them"));
    assert!(advice(100, 10).starts_with("all claims together"));
}

/// Every path of a few letters up to a length.
fn short_paths() -> &'static [String] {
    static PATHS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    PATHS.get_or_init(|| {
        let mut all = vec![String::new()];
        let mut from = 0;
        for _ in 0..5 {
            let end = all.len();
            for place in from..end {
                for letter in ["a", "b", ".", "/"] {
                    all.push(format!("{}{letter}", all[place]));
                }
            }
            from = end;
        }
        all.retain(|path| RepoPath::new(path.as_str()).is_ok());
        all
    })
}

proptest! {
    #![proptest_config(config(cases(300)))]

    #[test]
    fn the_proof_is_right(
        one in patterns(),
        other in patterns(),
        except in prop::option::of(patterns()),
    ) {
        let exception = except.as_ref().map(|text| format!("-{text}"));
        let mut owns = vec![one.as_str()];
        owns.extend(exception.as_deref());
        let except = except.map(|text| Oracle::new(&text));
        let excepted = |path: &str| except.as_ref().is_some_and(|oracle| oracle.matches(path));
        let compiled =
            [&one, &other].map(|text| super::super::Pattern::parse(text).expect("filtered"));
        let found = witness(&owns, &[&other]);
        if let Some(path) = &found {
            prop_assert!(Oracle::new(&one).matches(path), "{} on {}", &one, path);
            prop_assert!(Oracle::new(&other).matches(path), "{} on {}", &other, path);
            prop_assert!(!excepted(path), "the exception on {}", path);
        }
        let length = found.as_ref().map_or(usize::MAX, String::len);
        for short in short_paths().iter().take_while(|short| short.len() < length) {
            let both = compiled.iter().all(|pattern| pattern.matches(short.as_bytes()));
            prop_assert!(!both || excepted(short), "{} {} on {}", &one, &other, short);
        }
    }
}
