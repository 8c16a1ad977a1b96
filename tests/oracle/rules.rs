//! Manifests as the random histories use them, and who may change a path under them: by a matcher
//! that tries everything.

use super::random::Random;
use std::fmt::Write as _;

/// What a manifest says.
pub(super) struct Rules {
    /// Whether each commit is judged, and not only what is left in the end.
    pub every_commit: bool,
    /// `deny`, `warn` or `allow`.
    pub unowned: &'static str,
    pub protected: Paths,
    pub agents: Vec<Agent>,
    pub shared: Vec<Shared>,
}

/// Patterns, and what is taken out of them again.
#[derive(Clone, Default)]
pub(super) struct Paths {
    pub paths: Vec<&'static str>,
    pub except: Vec<&'static str>,
}

pub(super) struct Agent {
    pub name: &'static str,
    pub branches: Vec<&'static str>,
    pub owns: Paths,
    pub forbids: Paths,
    pub trusted_with: Paths,
    /// Places in the list of agents, all of them before this one.
    pub depends_on: Vec<usize>,
}

pub(super) struct Shared {
    pub paths: Paths,
    pub agents: Vec<usize>,
}

/// What the rules say of a change, by the code of the objection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Allowed,
    Warned(&'static str),
    Denied(&'static str),
}

fn paths(paths: &[&'static str], except: &[&'static str]) -> Paths {
    Paths {
        paths: paths.to_vec(),
        except: except.to_vec(),
    }
}

impl Rules {
    pub(super) fn random(random: &mut Random) -> Self {
        let agent = |name, branches: &[&'static str], owns| Agent {
            name,
            branches: branches.to_vec(),
            owns,
            forbids: Paths::default(),
            trusted_with: Paths::default(),
            depends_on: Vec::new(),
        };
        let core = paths(&["core/", "*.core"], &["core/?ase/"]);
        let docs = paths(&["docs/**/*.md", "docs/?.txt", "{README,NOTES}"], &[]);
        let mut agents = vec![
            agent("core", &["agent/core", "agent/core-*"], core),
            agent("ui", &["agent/ui"], paths(&["/ui/"], &["ui/gen/"])),
            agent("docs", &["agent/docs"], docs),
            agent("ops", &["agent/ops"], paths(&["ui/gen/", "ops/**"], &[])),
        ];
        let likely = [(1, 0, 80), (2, 0, 20), (2, 1, 20), (3, 1, 50), (3, 2, 20)];
        for (agent, on, percent) in likely {
            if random.percent(percent) {
                agents[agent].depends_on.push(on);
            }
        }
        if random.percent(50) {
            agents[1].forbids = paths(&["shared/", "core/"], &["shared/*"]);
        }
        if random.percent(50) {
            agents[2].trusted_with = paths(&["ownership.yaml", ".github/workflows/*"], &[]);
        }
        if random.percent(30) {
            agents[0].trusted_with =
                paths(&["core/vendor/", "core/**/.gitattributes", "tools/"], &[]);
        }
        let mut shared = vec![Shared {
            paths: paths(&["shared/"], &["shared/secret"]),
            agents: [vec![0, 1, 2], vec![0, 1], vec![2, 3]][random.below(3)].clone(),
        }];
        if random.percent(30) {
            shared.push(Shared {
                paths: paths(&["core/api/**"], &[]),
                agents: vec![0, 3],
            });
        }
        let protected = if random.percent(50) {
            paths(&["tools/", "**/*.lock"], &["tools/*.txt"])
        } else {
            Paths::default()
        };
        Self {
            every_commit: random.percent(65),
            unowned: random.pick(&["deny", "warn", "allow"]),
            protected,
            agents,
            shared,
        }
    }

    /// The manifest that says this.
    pub(super) fn yaml(&self) -> String {
        let history = ["net", "every-commit"][usize::from(self.every_commit)];
        let mut text = format!(
            "version: 1\nhistory: {history}\nunowned: {}\n",
            self.unowned
        );
        self.protected.write(&mut text, "", "protected");
        text += "agents:\n";
        let names = |agents: &[usize]| -> String {
            let names: Vec<_> = agents
                .iter()
                .map(|agent| self.agents[*agent].name)
                .collect();
            names.join(", ")
        };
        for agent in &self.agents {
            let branches = quoted(&agent.branches);
            writeln!(text, "  {}:\n    branch: {branches}", agent.name).expect("a string");
            agent.owns.write(&mut text, "    ", "owns");
            agent.forbids.write(&mut text, "    ", "forbids");
            agent.trusted_with.write(&mut text, "    ", "trusted_with");
            if !agent.depends_on.is_empty() {
                let names = names(&agent.depends_on);
                writeln!(text, "    depends_on: [{names}]").expect("a string");
            }
        }
        text += "shared:\n";
        for shared in &self.shared {
            shared.paths.write_keys(&mut text, "  - ", "    ");
            writeln!(text, "    agents: [{}]", names(&shared.agents)).expect("a string");
        }
        text
    }

    /// The agent that a branch belongs to.
    pub(super) fn agent_of(&self, branch: &str) -> Option<usize> {
        let owns = |agent: &Agent| agent.branches.iter().any(|name| matches(name, branch));
        self.agents.iter().position(owns)
    }

    /// Everybody whom `agent` depends on, directly or not.
    pub(super) fn dependencies(&self, agent: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = self.agents[agent].depends_on.clone();
        while let Some(next) = open.pop() {
            if !found.contains(&next) {
                found.push(next);
                open.extend(&self.agents[next].depends_on);
            }
        }
        found
    }

    /// Whether `agent` may change `path`, by the first rule that applies.
    pub(super) fn word(&self, agent: usize, path: &str) -> Word {
        let rules = &self.agents[agent];
        if is_always_protected(path) || self.protected.hold(path) {
            let is_trusted = rules.trusted_with.hold(path);
            return if is_trusted {
                Word::Allowed
            } else {
                Word::Denied("protected")
            };
        }
        if rules.forbids.hold(path) {
            return Word::Denied("forbidden");
        }
        if let Some(shared) = self.shared.iter().find(|shared| shared.paths.hold(path)) {
            let is_member = shared.agents.contains(&agent);
            return if is_member {
                Word::Allowed
            } else {
                Word::Denied("shared-by-others")
            };
        }
        if let Some(owner) = self.agents.iter().position(|owner| owner.owns.hold(path)) {
            let is_owner = owner == agent;
            return if is_owner {
                Word::Allowed
            } else {
                Word::Denied("owned-by-another")
            };
        }
        match self.unowned {
            "deny" => Word::Denied("unowned"),
            "warn" => Word::Warned("unowned-warning"),
            _ => Word::Allowed,
        }
    }
}

impl Paths {
    /// Whether `path` is among these.
    pub(super) fn hold(&self, path: &str) -> bool {
        let any = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, path));
        any(&self.paths) && !any(&self.except)
    }

    fn write(&self, text: &mut String, indent: &str, key: &str) {
        if !self.paths.is_empty() {
            writeln!(text, "{indent}{key}:").expect("a string");
            let deeper = format!("{indent}  ");
            self.write_keys(text, &deeper, &deeper);
        }
    }

    fn write_keys(&self, text: &mut String, first: &str, then: &str) {
        writeln!(text, "{first}paths: {}", quoted(&self.paths)).expect("a string");
        if !self.except.is_empty() {
            writeln!(text, "{then}except: {}", quoted(&self.except)).expect("a string");
        }
    }
}

fn quoted(texts: &[&str]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// The paths among those of the random histories that are protected in every repository.
fn is_always_protected(path: &str) -> bool {
    let mut names = path.split('/');
    // A file where a directory should be stands in its way.
    [".github", ".github/workflows"].contains(&path)
        || path.starts_with(".github/workflows/")
        || path.split('/').next() == Some("ownership.yaml")
        || names.any(|name| name.eq_ignore_ascii_case(".gitattributes"))
}

/// Whether `pattern` matches `path`, both from the root.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    if let Some((before, rest)) = pattern.split_once('{') {
        let (inside, after) = rest.split_once('}').expect("a closed brace");
        let mut alternatives = inside.split(',');
        return alternatives.any(|choice| matches(&format!("{before}{choice}{after}"), path));
    }
    let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
    let segments: Vec<&str> = path.split('/').collect();
    match pattern.strip_suffix('/') {
        // Everything below: at least one segment more.
        Some(directory) => {
            let directory: Vec<&str> = directory.split('/').collect();
            (1..segments.len()).any(|length| all_match(&directory, &segments[..length]))
        }
        None => all_match(&pattern.split('/').collect::<Vec<_>>(), &segments),
    }
}

fn all_match(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        // At the end it is everything below, and not the directory itself.
        (["**"], _) => !path.is_empty(),
        (["**", rest @ ..], _) => (0..=path.len()).any(|skipped| all_match(rest, &path[skipped..])),
        ([first, rest @ ..], [name, below @ ..]) => {
            segment_matches(first.as_bytes(), name.as_bytes()) && all_match(rest, below)
        }
        _ => false,
    }
}

fn segment_matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            (0..=name.len()).any(|skipped| segment_matches(rest, &name[skipped..]))
        }
        ([b'?', rest @ ..], [_, below @ ..]) => segment_matches(rest, below),
        ([one, rest @ ..], [other, below @ ..]) => one == other && segment_matches(rest, below),
        _ => false,
    }
}

#[test]
fn the_matcher_of_the_oracle_knows_the_dialect() {
    for (pattern, path, expected) in [
        ("core/", "core/a/b", true),
        ("core/", "core", false),
        ("/ui/", "ui/a", true),
        ("*.core", "a.core", true),
        ("*.core", "b/a.core", false),
        ("docs/**/*.md", "docs/a.md", true),
        ("docs/**/*.md", "docs/x/y/a.md", true),
        ("docs/**/*.md", "docs/a.txt", false),
        ("**/.gitattributes", ".gitattributes", true),
        ("ops/**", "ops/a", true),
        ("ops/**", "ops", false),
        ("docs/?.txt", "docs/ab.txt", false),
        ("{README,NOTES}", "NOTES", true),
        ("core/?ase/", "core/base/x", true),
        ("core/?ase/", "core/base", false),
    ] {
        assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
    }
}
