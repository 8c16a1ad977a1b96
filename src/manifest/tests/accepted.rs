//! What is accepted, and what comes out.

use super::{SMALL, read, render};
use crate::manifest::{
    AgentId, Command, Decimal, History, Hours, Manifest, OnFailure, Others, SharedRule, Spanned,
    Unowned, parse,
};
use crate::words::Source;
use std::time::Duration;

pub(super) const FULL: &str = r#"# comment
---
version: 1
target: trunk
integration: gate/next
unowned: warn
others: deny
history: net
protected: ["tools/**"]
agents:
  storage:
    name: Storage APIs
    branch: agent/storage
    owns: ["src/memory/", 'it''s', "a\x62/"]
    forbids:
      paths: ["src/", "docs/"]
      except: ["src/memory/"]
    trusted_with:
      - .github/workflows/
    depends_on: [core, "core@api"]
    verify:
      - run: cargo test -p storage
        timeout: 1h30m
        environment: [RUSTFLAGS, CI]
        expect:
          stdout: test result
          not_stdout: 0 passed
          pattern: ([0-9.]+)%
          at_least: 79.5
          at_most: 100
        retries: 2
      - |
        set -e
        true
    priority: -10
    continuous: true
    last: true
    beside: [core]
    hours: 3-4.5
  core:
    branch: [agent/core, "core/*"]
    verify: cargo check
shared:
  - paths: ["src/operators/"]
    except: ["src/operators/security.rs"]
    agents: [storage, core]
    rule: merge
checkpoints:
  - after: [core]
    verify: cargo check --lib
verify: ["cargo test"]
on_failure: stop
tag: v2.3.0
"#;

fn full() -> Manifest {
    read(FULL).unwrap_or_else(|findings| panic!("{}", render(FULL, &findings)))
}

fn values(items: &[Spanned<String>]) -> Vec<&str> {
    items.iter().map(|item| item.value.as_str()).collect()
}

#[test]
fn every_supported_key_arrives() {
    let manifest = full();
    assert_eq!(manifest.target.value, "trunk");
    assert_eq!(manifest.integration, "gate/next");
    assert_eq!(manifest.unowned, Unowned::Warn);
    assert_eq!(manifest.others, Others::Deny);
    assert_eq!(manifest.history, History::Net);
    assert_eq!(values(&manifest.protected.paths), ["tools/**"]);
    let [core, storage] = &manifest.agents[..] else {
        panic!("two agents, by name");
    };
    assert_eq!((core.id.value.as_str(), &core.name), ("core", &None));
    assert_eq!(values(&core.branches), ["agent/core", "core/*"]);
    assert!(storage.continuous && storage.last && !core.continuous && !core.last);
    let beside = storage.beside.as_ref().map(|beside| beside[0].value);
    assert_eq!((beside, &core.beside), (Some(AgentId(0)), &None));
    let (low, high) = (3_000, 4_500);
    assert_eq!(
        (storage.hours, core.hours),
        (Some(Hours { low, high }), None)
    );
    let [checkpoint] = &manifest.checkpoints[..] else {
        panic!("one checkpoint");
    };
    assert_eq!(checkpoint.after[0].value, AgentId(0));
    assert_eq!(checkpoint.verify[0].run.value, "cargo check --lib");
    assert_eq!(manifest.on_failure, OnFailure::Stop);
    assert_eq!(
        manifest.tag.as_ref().map(|tag| tag.value.as_str()),
        Some("v2.3.0")
    );
    assert_eq!(storage.name.as_deref(), Some("Storage APIs"));
    assert_eq!(values(&storage.owns.paths), ["src/memory/", "it's", "ab/"]);
    assert_eq!(values(&storage.forbids.paths), ["src/", "docs/"]);
    assert_eq!(values(&storage.forbids.except), ["src/memory/"]);
    assert_eq!(values(&storage.trusted_with.paths), [".github/workflows/"]);
    let on = storage.depends_on.iter();
    let on: Vec<_> = on.map(|on| (on.agent, on.milestone.as_deref())).collect();
    assert_eq!(on, [(AgentId(0), None), (AgentId(0), Some("api"))]);
    assert_eq!((storage.priority, core.priority), (-10, 0));
    let [shared] = &manifest.shared[..] else {
        panic!("one shared entry");
    };
    assert_eq!(values(&shared.paths.paths), ["src/operators/"]);
    assert_eq!(values(&shared.paths.except), ["src/operators/security.rs"]);
    let agents: Vec<_> = shared.agents.iter().map(|agent| agent.value.0).collect();
    assert_eq!((agents, shared.rule.value), (vec![1, 0], SharedRule::Merge));
}

#[test]
fn shared_paths_have_one_of_three_rules() {
    for (text, rule) in [
        ("", SharedRule::Merge),
        ("    rule: merge\n", SharedRule::Merge),
        ("    rule: disjoint-lines\n", SharedRule::DisjointLines),
        ("    rule: append-only\n", SharedRule::AppendOnly),
    ] {
        let shared = "shared:\n  - paths: [x]\n    agents: [a]\n";
        let manifest = read(&format!("{SMALL}{shared}{text}")).unwrap();
        let found = &manifest.shared[0].rule;
        assert_eq!(found.value, rule);
        let said = &manifest.source.text[found.span.offset..][..found.span.length];
        assert_eq!(said, text.trim().trim_start_matches("rule: "));
    }
}

#[test]
fn verify_is_a_text_a_list_of_texts_or_of_mappings() {
    let manifest = full();
    let plain = |command: &Command| (command.run.value.clone(), command.timeout.as_secs());
    let commands = |commands: &[Command]| commands.iter().map(plain).collect::<Vec<_>>();
    assert_eq!(
        commands(&manifest.agents[1].verify),
        [
            ("cargo test -p storage".to_owned(), 5400),
            ("set -e\ntrue\n".to_owned(), 1800)
        ]
    );
    assert_eq!(
        commands(&manifest.agents[0].verify),
        [("cargo check".to_owned(), 1800)]
    );
    assert_eq!(manifest.verify[0].timeout, Duration::from_secs(1800));
    let [all, plain] = &manifest.agents[1].verify[..] else {
        panic!("two commands");
    };
    assert_eq!(values(&all.environment), ["RUSTFLAGS", "CI"]);
    let expect = all.expect.as_ref().unwrap();
    let said = |text: &Option<Spanned<String>>| text.as_ref().unwrap().value.clone();
    assert_eq!(said(&expect.stdout), "test result");
    assert_eq!(said(&expect.not_stdout), "0 passed");
    let number = expect.number.as_ref().unwrap();
    assert_eq!(number.pattern.value.as_str(), "([0-9.]+)%");
    let bound = |bound: &Option<Spanned<Decimal>>| bound.as_ref().unwrap().value.to_string();
    let bounds = (bound(&number.at_least), bound(&number.at_most));
    assert_eq!(bounds, ("79.5".to_owned(), "100".to_owned()));
    assert_eq!(all.retries, 2);
    let nothing = (&plain.environment[..], &plain.expect, plain.retries);
    assert_eq!(nothing, (&[][..], &None, 0));
}

#[test]
fn defaults_are_the_documented_ones() {
    let manifest = read(SMALL).unwrap();
    assert_eq!(manifest.target.value, "main");
    assert_eq!(manifest.integration, "gate/integration");
    assert_eq!(manifest.unowned, Unowned::Deny);
    assert_eq!(manifest.others, Others::Allow);
    assert_eq!(manifest.history, History::EveryCommit);
    assert!(manifest.protected.paths.is_empty() && manifest.shared.is_empty());
}

#[test]
fn spans_cover_what_lies_between_the_quotes() {
    let manifest = full();
    let at = |span: crate::words::Span| &manifest.source.text[span.offset..][..span.length];
    let storage = &manifest.agents[1];
    let owns: Vec<_> = storage.owns.paths.iter().map(|p| at(p.span)).collect();
    assert_eq!(owns, ["src/memory/", "it''s", "a\\x62/"]);
    assert_eq!(at(storage.id.span), "storage");
    assert_eq!(at(storage.branches[0].span), "agent/storage");
    assert_eq!(at(storage.depends_on[0].span), "core");
    assert_eq!(at(storage.depends_on[1].span), "core@api");
    assert_eq!(at(storage.trusted_with.paths[0].span), ".github/workflows/");
    assert_eq!(at(manifest.target.span), "trunk");
    assert_eq!(at(manifest.verify[0].run.span), "cargo test");
    assert_eq!(at(manifest.shared[0].span), "paths: [\"src/operators/\"]");
}

#[test]
fn line_endings_and_document_marks_change_nothing() {
    let plain = read(SMALL).unwrap();
    for text in [
        SMALL.replace('\n', "\r\n"),
        format!("---\n{SMALL}"),
        format!("{SMALL}...\n"),
        format!("# first\n\n{SMALL}\n# last"),
        "{version: 1, agents: {a: {branch: agent/a}}}".into(),
    ] {
        let manifest = read(&text).unwrap();
        assert_eq!(manifest.agents.len(), plain.agents.len(), "{text:?}");
        assert_eq!(manifest.agents[0].branches[0].value, "agent/a", "{text:?}");
    }
}

#[test]
fn the_text_comes_back_as_it_was() {
    let source = Source {
        name: "x".into(),
        text: SMALL.into(),
    };
    assert_eq!(parse(source.clone()).unwrap().source, source);
}
