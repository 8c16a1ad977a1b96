//! The figures of the ownership room, each beside its reference in the same run: medians of
//! several rounds that alternate between the two. `cargo bench --bench ownership`.
#![expect(
    clippy::print_stdout,
    reason = "a table is all that a benchmark has to say"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use gate::manifest::{Agent, Manifest, PathSet, Spanned, decode, parse};
use gate::ownership::{Codeowners, Dialect, Index, Ownership, Pattern, Tracked, prove};
use gate::words::{RepoPath, Source, Span};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    println!(
        "{:<58} {:>10} {:>12} {:>8}",
        "work", "gate", "reference", "ratio"
    );
    for (patterns, paths, reference) in [(1_000, 1_000_000, 1_000), (5_000, 1_000_000, 1_000)] {
        matching(patterns, paths, reference);
    }
    patterns_of_codeowners();
    codeowners();
    let agents = "proof, 1,000 agents x 10";
    for (name, claims) in [
        ("patterns, disjoint", disjoint()),
        ("patterns, by segments", segments()),
        ("patterns, by except", excepted()),
        ("`**/dN/*.rs`", alike(|a, n| format!("**/d{a}{n}/*.rs"))),
        ("`**/*_N_M.rs`", alike(|a, n| format!("**/*_{a}_{n}.rs"))),
    ] {
        proof(&format!("{agents} {name}"), &claims);
    }
    for (name, one, other) in adversaries() {
        proof(&format!("proof, {name}"), &[vec![one], vec![other]]);
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn row(name: &str, gate: Duration, reference: Option<Duration>) {
    let peak = peak_memory();
    match reference {
        Some(reference) => println!(
            "{name:<58} {gate:>10.1?} {reference:>12.1?} {:>7.1}x  {peak}",
            reference.as_secs_f64() / gate.as_secs_f64()
        ),
        None => println!("{name:<58} {gate:>10.1?} {:>12} {:>8}  {peak}", "", ""),
    }
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Patterns as manifests have them: mostly directories, then files, extensions, wildcards.
fn realistic(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| match n % 10 {
            0..=3 => format!("crates/c{}/src/m{}/", n % 97, n),
            4 => format!("docs/area{}/**/*.md", n % 300),
            5 => format!("crates/c{}/tests/test_{n}_*.rs", n % 97),
            6 => format!("src/module{n}.rs"),
            7 => format!("migrations/????????_track{n}_*"),
            8 => format!("**/file{n}.toml"),
            _ => format!("apps/a{}/**/*.ext{}", n % 50, n),
        })
        .collect()
}

fn paths(count: usize, patterns: usize) -> Vec<String> {
    (0..count)
        .map(|n| {
            let (a, b) = (n * 7919 % patterns, n / 11);
            match n % 8 {
                0..=2 => format!("crates/c{}/src/m{a}/part{}/file{b}.rs", a % 97, b % 7),
                3 => format!("docs/area{}/x/y{}/page{b}.md", a % 300, b % 5),
                4 => format!("crates/c{}/tests/test_{a}_{b}.rs", a % 97),
                5 => format!("src/module{a}.rs"),
                6 => format!("migrations/20260101_track{a}_{b}.sql"),
                _ => format!("apps/a{}/deep/er/{b}/file.ext{a}", a % 50),
            }
        })
        .collect()
}

fn glob_set(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for text in patterns {
        let text = if text.ends_with('/') {
            format!("{text}**")
        } else {
            text.clone()
        };
        set.add(
            GlobBuilder::new(&text)
                .literal_separator(true)
                .build()
                .unwrap(),
        );
    }
    set.build().unwrap()
}

fn matching(count: usize, paths_count: usize, reference_paths: usize) {
    let texts = realistic(count);
    let paths = paths(paths_count, count);
    let before = peak_memory();
    let patterns: Vec<Pattern> = texts
        .iter()
        .map(|text| Pattern::parse(text).unwrap())
        .collect();
    let index = Index::new(&patterns);
    let after = peak_memory();
    let set = glob_set(&texts);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for path in paths.iter().step_by(paths_count / 2_000) {
        index.matches_into(path.as_bytes(), &mut found);
        let expected: Vec<u32> = set
            .matches(path)
            .into_iter()
            .map(|n| u32::try_from(n).unwrap())
            .collect();
        assert_eq!(found, expected, "{path}");
    }
    for _ in 0..3 {
        ours.push(timed(|| {
            for path in &paths {
                index.matches_into(path.as_bytes(), &mut found);
                black_box(&found);
            }
        }));
        let mut places = Vec::new();
        // The reference on a part of the paths, scaled up.
        let scale = u32::try_from(paths_count / reference_paths).unwrap();
        theirs.push(
            scale
                * timed(|| {
                    for path in paths.iter().step_by(paths_count / reference_paths) {
                        set.matches_into(path, &mut places);
                        black_box(&places);
                    }
                }),
        );
    }
    let name = format!("match {paths_count} paths, {count} patterns (GlobSet)");
    row(&name, median(ours), Some(median(theirs)));
    println!("  index: {before} -> {after}");
}

fn patterns_of_codeowners() {
    let texts = realistic(16_000);
    let paths = paths(27_000, 16_000);
    let times = (0..3).map(|_| {
        timed(|| {
            let patterns: Vec<Pattern> = texts
                .iter()
                .map(|text| Pattern::parse(text).unwrap())
                .collect();
            let index = Index::new(&patterns);
            let mut found = Vec::new();
            for path in &paths {
                index.matches_into(path.as_bytes(), &mut found);
                black_box(&found);
            }
        })
    });
    row(
        "load 16,000 patterns and match 27,000 paths",
        median(times.collect()),
        None,
    );
}

/// A CODEOWNERS file with 16,000 lines, its translation, and the manifest that comes out.
fn codeowners() {
    let files: Vec<RepoPath> = (0..27_000)
        .map(|n| {
            RepoPath::new(format!("types/package{}/file{}.ts", n % 16_000, n / 16_000)).unwrap()
        })
        .collect();
    let lines = (1..16_000).map(|n| {
        let others = (0..n % 4).fold(String::new(), |text, other| {
            format!("{text} @user{}", (n * 31 + other * 997) % 12_000)
        });
        format!("/types/package{n}/ @user{}{others}\n", n * 7919 % 12_000)
    });
    let text: String = std::iter::once("* @admins\n".to_owned())
        .chain(lines)
        .collect();
    let mut written = String::new();
    let translating = (0..3).map(|_| {
        timed(|| {
            let name = "CODEOWNERS".into();
            let text = text.clone();
            let codeowners = Codeowners::parse(Source { name, text }, Dialect::Github);
            let tracked = files.iter().map(|path| Tracked {
                path: path.clone(),
                submodule: false,
                owners: codeowners.owners_of(path),
            });
            let tracked: Vec<Tracked> = tracked.collect();
            written = codeowners.translate("main", &tracked).unwrap().text;
        })
    });
    row(
        "translate CODEOWNERS, 16,000 lines, 27,000 files",
        median(translating.collect()),
        None,
    );
    let mut loaded = None;
    let loading = (0..3).map(|_| {
        timed(|| {
            let source = decode("ownership.yaml", written.as_bytes()).unwrap();
            let ownership = Ownership::compile(parse(source).unwrap()).unwrap();
            for path in &files {
                black_box(ownership.holders(path));
            }
            loaded = Some(ownership);
        })
    });
    row(
        "load what it becomes and match 27,000 paths",
        median(loading.collect()),
        None,
    );
    let ownership = loaded.unwrap();
    let proving = (0..3).map(|_| timed(|| _ = black_box(prove(&ownership, &files))));
    row("prove what it becomes", median(proving.collect()), None);
}

fn proof(name: &str, agents: &[Vec<String>]) {
    let ownership = Ownership::compile(manifest(agents)).unwrap();
    let mut last = None;
    let times = (0..3)
        .map(|_| timed(|| last = Some(prove(&ownership, &[]))))
        .collect();
    row(name, median(times), None);
    let proof = last.unwrap();
    println!(
        "  {} pairs, {} by automata, {} steps, {} findings {}",
        proof.pairs,
        proof.by_automata,
        proof.steps,
        proof.findings.len(),
        proof
            .findings
            .first()
            .map_or(String::new(), |finding| format!(": {finding}")),
    );
}

fn disjoint() -> Vec<Vec<String>> {
    (0..1_000)
        .map(|agent| {
            (0..10)
                .map(|n| match n {
                    0..=3 => format!("crates/c{agent}/part{n}/"),
                    4 => format!("migrations/????????_track{agent}x_*"),
                    5 => format!("docs/area{agent}/*.md"),
                    6 => format!("src/m{agent}.rs"),
                    7 => format!("config/**/only_agent_{agent}.toml"),
                    8 => format!("tests/t{agent}_*.rs"),
                    _ => format!("apps/a{agent}/**/*.ts"),
                })
                .collect()
        })
        .collect()
}

fn segments() -> Vec<Vec<String>> {
    (0..1_000)
        .map(|agent| {
            (0..10)
                .map(|n| format!("src/*/agent{agent}/p{n}/**/*.rs"))
                .collect()
        })
        .collect()
}

/// Ten patterns each, without a beginning of their own; `pattern` gets the agent and a number.
fn alike(pattern: impl Fn(usize, usize) -> String) -> Vec<Vec<String>> {
    let own = |agent| (0..10).map(|n| pattern(agent, n)).collect();
    (0..1_000).map(own).collect()
}

/// Everybody owns a directory, without a part of it, which belongs to the next.
fn excepted() -> Vec<Vec<String>> {
    (0..1_000)
        .map(|agent: usize| {
            let next = (agent + 1) % 1_000;
            let mut claims: Vec<String> = (0..5).map(|n| format!("src/a{agent}/p{n}/")).collect();
            claims.extend((0..5).map(|n| format!("src/a{next}/p{n}/**/*_test.rs")));
            claims.extend((0..5).map(|n| format!("-src/a{agent}/p{n}/**/*_test.*")));
            claims
        })
        .collect()
}

fn adversaries() -> Vec<(&'static str, String, String)> {
    let alternates = |suffix: &str| {
        let all: Vec<String> = (0..400_u32).map(|n| format!("{:x}", n % 256)).collect();
        let all: String = all.join(",").chars().take(990).collect();
        format!("{{{}}}{suffix}", all.trim_end_matches(','))
    };
    vec![
        (
            "60 x `*a` against 60 x `*b`, open",
            "*a".repeat(60) + "*",
            "*b".repeat(60) + "*",
        ),
        (
            "60 x `*a` against 59 x `?`",
            "*a".repeat(60) + "*",
            "?".repeat(59),
        ),
        ("400 alternates", alternates("x*"), alternates("y*")),
        (
            "`*a` and 200 x `?`",
            "*a".to_owned() + &"?".repeat(200),
            "*b".to_owned() + &"?".repeat(200),
        ),
        (
            "`*a` and 200 x `?` against 201",
            "*a".to_owned() + &"?".repeat(200),
            "*[!a]".to_owned() + &"?".repeat(200),
        ),
        (
            "512 x `*a` against 512 x `*b`",
            "*a".repeat(511) + "*",
            "*b".repeat(511) + "*",
        ),
    ]
}

/// A manifest of agents with these claims; a `-` marks an exception.
fn manifest(agents: &[Vec<String>]) -> Manifest {
    let spanned = |text: &str| Spanned {
        value: text.to_owned(),
        span: Span::default(),
    };
    let set = |texts: &[String]| PathSet {
        paths: texts
            .iter()
            .filter(|t| !t.starts_with('-'))
            .map(|t| spanned(t))
            .collect(),
        except: texts
            .iter()
            .filter_map(|t| t.strip_prefix('-'))
            .map(spanned)
            .collect(),
    };
    let agent = |(number, texts): (usize, &Vec<String>)| Agent {
        id: spanned(&format!("agent{number:04}")),
        branches: vec![spanned(&format!("agent/{number}"))],
        owns: set(texts),
        ..Agent::default()
    };
    // A path, so that the library's own check is part of what is measured elsewhere.
    black_box(RepoPath::new("a").unwrap());
    Manifest {
        target: spanned("main"),
        agents: agents.iter().enumerate().map(agent).collect(),
        ..Manifest::default()
    }
}
