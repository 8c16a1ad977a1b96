//! Manifests that are refused or remarked upon.

use super::Scene;
use crate::support::TestRepo;
use gate::words::Code;
use std::fmt::Write;

const CHECK: &[&str] = &["check", "manifest"];

/// A manifest of these agents: the name of each, and its lines.
fn agents(agents: &[(&str, &[&str])]) -> String {
    let mut text = String::from("version: 1\nagents:\n");
    for (name, lines) in agents {
        writeln!(text, "  {name}:").unwrap();
        for line in *lines {
            writeln!(text, "    {line}").unwrap();
        }
    }
    text
}

/// The agent `core` with these lines.
fn core(lines: &[&str]) -> String {
    agents(&[("core", &[&["branch: agent/core"], lines].concat())])
}

/// The agents `core` and `ui`, with one line each.
fn both(core: &str, ui: &str) -> String {
    agents(&[
        ("core", &["branch: agent/core", core]),
        ("ui", &["branch: agent/ui", ui]),
    ])
}

/// The manifest in which to find `code`.
fn manifest(code: Code) -> Option<String> {
    Some(match code {
        Code::ManifestSyntax => core(&["owns: [core/, *.rs]"]),
        Code::ManifestSize => core(&["name:", &"  The core\n    ".repeat(30)]),
        Code::UnknownKey => core(&["own: [core/]"]),
        Code::DuplicateKey => core(&["owns: [core/]", "owns: [lib/]"]),
        Code::MissingKey => agents(&[("core", &["owns: [core/]"])]),
        Code::InvalidValue => core(&["owns: core/"]),
        Code::UnknownAgent => both("owns: [core/]", "depends_on: [croe]"),
        Code::DependencyCycle => both("depends_on: [ui]", "depends_on: [core]"),
        Code::InvalidPattern => core(&["owns: [\"core/**.rs\"]"]),
        Code::Overlap => both("owns: [core/]", "owns: [\"**/*.css\"]"),
        Code::Unproven => both(UNPROVEN[0], UNPROVEN[1]),
        Code::BranchOverlap => agents(&[
            ("core", &["branch: \"agent/*\""]),
            ("ui", &["branch: agent/ui"]),
        ]),
        Code::MatchesNothing => core(&["owns: [core/, crates/]"]),
        Code::MissingSlash => core(&["owns: [core]"]),
        Code::RootOnly => core(&["owns: [\"*.rs\"]"]),
        Code::Unclaimed | Code::LowCoverage => core(&["owns: [core/]"]),
        Code::UnclearCommand => core(&["owns: [core/]", "verify: [\"$TOOLS/check.sh\"]"]),
        Code::PlanContradiction => both("beside: []", "beside: [core]"),
        Code::CoveredClaim => core(&["owns: [core/, \"core/*.rs\"]"]),
        Code::ClaimWithoutEffect => core(&["owns: [core/, .gitattributes]"]),
        _ => return None,
    })
}

/// Two claims that take more steps to tell apart than a proof may have: whether the exceptions take
/// out all that both match depends on which of the first eighteen letters are an `a`, and no choice of
/// them is worse than another.
const UNPROVEN: [&str; 2] = [
    "owns: { paths: [\"??????????????????x\"], except: [\"*a?????????????????x\", \"*[!a]?????????????????x\"] }",
    "owns: [\"*x\"]",
];

pub(super) fn scene(code: Code) -> Option<Scene> {
    let files = [("core/a.rs", "a"), ("build.rs", "a"), ("docs/a.md", "a")];
    let command = match code {
        Code::LowCoverage => &["check", "manifest", "--min-coverage", "75"],
        _ => CHECK,
    };
    Some(Scene::new(TestRepo::new(&manifest(code)?, &files), command))
}
