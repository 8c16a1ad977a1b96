//! Who may change what, as tables.

use super::super::testing::Builder;
use super::*;
use crate::words::{Code, RepoPath};

const ALPHA: AgentId = AgentId(0);
const BETA: AgentId = AgentId(1);

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).expect(text)
}

/// A manifest with one of everything.
fn ownership() -> Ownership {
    Builder::new()
        .agent("alpha", &["src/", "-src/beta/", "**/alpha.md"])
        .forbids(&["docs/", "-docs/alpha.md"])
        .trusted(&["tools/a/", ".github/workflows/a.yml", "scripts/"])
        .agent("beta", &["src/beta/", "docs/b.txt"])
        .forbids(&["shared/secret"])
        .shared(&[0, 1], &["shared/", "-shared/not/", "docs/both"])
        .shared(&[1], &["only-beta/"])
        .protected(&["tools/", "-tools/free/"])
        .verify("sh ./scripts/check.sh && cargo test")
        .build()
}

/// The permission in a few words.
fn verdict(permission: Permission) -> &'static str {
    match permission {
        Permission::Allowed(Grant::Trusted { .. }) => "trusted",
        Permission::Allowed(Grant::Shared { .. }) => "shares",
        Permission::Allowed(Grant::Owner { .. }) => "owns",
        Permission::Allowed(Grant::Unowned) => "free",
        Permission::Allowed(Grant::UnownedWarning) => "warned",
        Permission::Denied(Denial::Protected(ProtectedBy::Always(_))) => "always protected",
        Permission::Denied(Denial::Protected(ProtectedBy::VerifyWord(_))) => "verify word",
        Permission::Denied(Denial::Protected(ProtectedBy::Manifest(_))) => "protected",
        Permission::Denied(Denial::Forbidden { .. }) => "forbidden",
        Permission::Denied(Denial::SharedByOthers { .. }) => "shared by others",
        Permission::Denied(Denial::OwnedByAnother { .. }) => "owned by another",
        Permission::Denied(Denial::Unowned) => "unowned",
    }
}

#[test]
fn the_first_rule_that_applies_decides() {
    let ownership = ownership();
    for (name, alpha, beta) in [
        ("src/lib.rs", "owns", "owned by another"),
        ("src/beta/lib.rs", "owned by another", "owns"),
        ("a/alpha.md", "owns", "owned by another"),
        ("docs/x", "forbidden", "unowned"),
        ("docs/b.txt", "forbidden", "owns"),
        ("docs/alpha.md", "owns", "owned by another"),
        ("docs/both", "forbidden", "shares"),
        ("shared/x", "shares", "shares"),
        ("shared/alpha.md", "shares", "shares"),
        ("shared/secret", "shares", "forbidden"),
        ("shared/not/x", "unowned", "unowned"),
        ("only-beta/x", "shared by others", "shares"),
        ("tools/x", "protected", "protected"),
        ("tools/a/x", "trusted", "protected"),
        ("tools/free/x", "unowned", "unowned"),
        ("tools/free/alpha.md", "owns", "owned by another"),
        ("scripts/check.sh", "trusted", "verify word"),
        ("scripts", "verify word", "verify word"),
        ("scripts/other.sh", "unowned", "unowned"),
        ("scripts/check.sh/x", "unowned", "unowned"),
        ("ownership.yaml", "always protected", "always protected"),
        ("src/.gitattributes", "always protected", "always protected"),
        (".github/workflows/a.yml", "trusted", "always protected"),
        (
            ".github/workflows/b.yml",
            "always protected",
            "always protected",
        ),
        ("README", "unowned", "unowned"),
    ] {
        let given = [ALPHA, BETA].map(|agent| verdict(ownership.permission(agent, &path(name))));
        assert_eq!(given, [alpha, beta], "{name}");
    }
    assert!(
        ownership
            .trusted(ALPHA, &path("scripts/other.sh"))
            .is_some()
    );
}

#[test]
fn what_nobody_owns_is_up_to_the_manifest() {
    for (unowned, expected) in [
        (Unowned::Deny, "unowned"),
        (Unowned::Warn, "warned"),
        (Unowned::Allow, "free"),
    ] {
        let ownership = Builder::new()
            .agent("alpha", &[])
            .forbids(&["no"])
            .unowned(unowned)
            .build();
        assert_eq!(verdict(ownership.permission(ALPHA, &path("a"))), expected);
        assert_eq!(
            verdict(ownership.permission(ALPHA, &path("no"))),
            "forbidden"
        );
    }
}

#[test]
fn reasons_point_at_the_line_that_decides() {
    let ownership = ownership();
    let span = |text: &str| {
        let claim = ownership
            .claims()
            .iter()
            .find(|claim| !claim.exception && claim.pattern.as_str() == text);
        claim.map(|claim| claim.span).expect(text)
    };
    assert_eq!(
        ownership.permission(BETA, &path("src/x")),
        Permission::Denied(Denial::OwnedByAnother {
            owner: ALPHA,
            claim: span("src/")
        })
    );
    assert_eq!(
        ownership.decide(&path("tools/x")),
        Decision::Protected(ProtectedBy::Manifest(span("tools/")))
    );
    let name = path("src/beta/x");
    let who = ownership.who(&name);
    assert_eq!(
        who.decision,
        Decision::Owned {
            owner: BETA,
            claim: span("src/beta/")
        }
    );
    let standing: Vec<_> = who
        .claims
        .iter()
        .map(|s| {
            (
                s.claim.pattern.as_str(),
                s.claim.exception,
                s.decides,
                s.excepted_by.is_some(),
            )
        })
        .collect();
    assert_eq!(
        standing,
        [
            ("src/", false, false, true),
            ("src/beta/", true, false, false),
            ("src/beta/", false, true, false),
        ]
    );
    let agents: Vec<_> = who
        .agents
        .iter()
        .map(|(_, permission)| permission.is_allowed())
        .collect();
    assert_eq!(agents, [false, true]);
}

#[test]
fn every_invalid_pattern_is_reported_at_once() {
    let manifest = Builder::new()
        .agent("alpha", &["a//b", "-[x", "ok"])
        .forbids(&["**a"])
        .branches(&["agent/", "agent/ok"])
        .shared(&[0], &["a\\b"])
        .protected(&[""])
        .manifest();
    let findings = Ownership::compile(manifest).expect_err("six mistakes");
    assert!(
        findings
            .iter()
            .all(|f| f.code == Code::InvalidPattern && f.labels.len() == 1)
    );
    let messages: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "`` is not a path pattern: it is empty, or one of its alternatives is",
            "`**a` is not a path pattern: `**` is not a whole segment",
            "`a//b` is not a path pattern: a segment is empty (`//`)",
            "`[x` is not a path pattern: the class `[` is not closed",
            "`agent/` is not a branch pattern: it ends in a slash",
            "`a\\b` is not a path pattern: a backslash means nothing here",
        ]
    );
    assert_eq!(
        findings[2].labels[0].text,
        "a segment is empty (`//`), at character 3"
    );
}

#[test]
fn branches_belong_to_agents() {
    let ownership = Builder::new()
        .agent("alpha", &[])
        .branches(&["agent/alpha", "wip/alpha/*"])
        .agent("beta", &[])
        .branches(&["**/beta", "m*"])
        .build();
    for (name, agent) in [
        ("agent/alpha", Some(ALPHA)),
        ("wip/alpha/x", Some(ALPHA)),
        ("wip/alpha/x/y", None),
        ("beta", Some(BETA)),
        ("x/beta", Some(BETA)),
        ("mine", Some(BETA)),
        ("main", None),
        ("gate/integration", None),
        ("other", None),
    ] {
        assert_eq!(ownership.agent_of_branch(name), agent, "{name}");
    }
    let literal: Vec<_> = ownership
        .branches(ALPHA)
        .map(|(pattern, _)| Ownership::branch_is_literal(pattern))
        .collect();
    assert_eq!(literal, [Some("agent/alpha".to_owned()), None]);
}
