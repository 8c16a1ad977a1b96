//! The schema against the parser: the file is what is generated, and lets through whatever the
//! parser does.

use super::{parse, source};
use crate::manifest::keys::{
    AGENT, CHECKPOINT, COMMAND, EXPECT, HISTORY, Holds, Key, ON_FAILURE, OTHERS, PATH_SET, RULES,
    SHARED, TOP, UNOWNED,
};
use crate::manifest::problems::Problems;
use crate::manifest::read;
use crate::manifest::scalar::Plain;
use crate::manifest::schema;
use crate::manifest::tree::{Node, Value};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};
use std::cell::Cell;

fn validator() -> Validator {
    let schema: Json = serde_json::from_str(&schema()).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
}

/// The document as an editor sees it.
fn document(text: &str) -> Json {
    read::read(&mut Problems::new(text))
        .root
        .as_ref()
        .map_or(Json::Null, json)
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Broken => Json::Null,
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.value.clone(), json(&entry.value)))
            .collect(),
        Value::Scalar(scalar) => match scalar.kind() {
            Plain::Nothing => Json::Null,
            Plain::Boolean(value) => json!(value),
            Plain::Number => serde_json::from_str(&scalar.text).unwrap_or(json!(0.5)),
            Plain::Text => json!(scalar.text),
        },
    }
}

#[test]
fn the_file_is_what_is_generated() {
    let file = include_str!("../../../ownership.schema.json");
    assert!(file == schema(), "run: gate schema > ownership.schema.json");
    let schema: Json = serde_json::from_str(file).unwrap();
    assert!(jsonschema::draft7::meta::is_valid(&schema));
}

#[test]
fn real_manifests_are_valid() {
    let validator = validator();
    for (name, text) in [
        (
            "bulletproof",
            include_str!("../../../fixtures/bulletproof/ownership.yaml"),
        ),
        (
            "fleet",
            include_str!("../../../fixtures/fleet/ownership.yaml"),
        ),
        (
            "nofx",
            include_str!("../../../fixtures/nofx/ownership.yaml"),
        ),
        (
            "runebook",
            include_str!("../../../fixtures/runebook/ownership.yaml"),
        ),
        (
            "tusklang",
            include_str!("../../../fixtures/tusklang/ownership.yaml"),
        ),
        ("gate", include_str!("../../../ownership.yaml")),
        ("every key", super::accepted::FULL),
    ] {
        let errors: Vec<_> = validator
            .iter_errors(&document(text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

// One table: a row for each way to be wrong.
#[test]
fn what_is_broken_for_the_parser_is_broken_for_an_editor() {
    let validator = validator();
    for (top, agent) in [
        ("versoin: 1", ""),
        ("target: refs heads", ""),
        ("target: -x", ""),
        ("integration: [x]", ""),
        ("unowned: denied", ""),
        ("others: warn", ""),
        ("history: true", ""),
        ("protected: tools/", ""),
        ("protected: {except: [a]}", ""),
        ("protected: {paths: [a], but: [b]}", ""),
        ("shared: {paths: [a]}", ""),
        ("shared: [{paths: [a]}]", ""),
        ("shared: [{paths: [a], agents: []}]", ""),
        ("shared: [{paths: [a], agents: [x], rule: append}]", ""),
        ("checkpoints: [{after: [], verify: [y]}]", ""),
        ("verify: {run: x}", ""),
        ("verify: [{timeout: 1m}]", ""),
        ("verify: [{run: x, timeout: 10}]", ""),
        ("verify: [{run: x, timeout: 1d}]", ""),
        ("verify: [{run: x, expect: {}}]", ""),
        ("verify: [{run: x, expect: {stdout: ''}}]", ""),
        ("verify: [{run: x, expect: {stderr: y}}]", ""),
        ("verify: [{run: x, expect: {at_least: 1}}]", ""),
        ("verify: [{run: x, expect: {pattern: '(x)'}}]", ""),
        ("verify: [{run: x, expect: {pattern: x, at_least: 1}}]", ""),
        (
            "verify: [{run: x, expect: {pattern: '(x)', at_least: a}}]",
            "",
        ),
        ("verify: [{run: x, environment: [1x]}]", ""),
        ("verify: [{run: x, environment: CC}]", ""),
        ("verify: [{run: x, retries: 10}]", ""),
        ("verify: [{run: x, retries: -1}]", ""),
        ("verify: ['  ']", ""),
        ("on_failure: explode", ""),
        ("tag: v 1", ""),
        ("", "name: 12"),
        ("", "name: ''"),
        ("", "name:"),
        ("", "branch: []"),
        ("", "branch: [x, x]"),
        ("", "branch: a b"),
        ("", "own: [a]"),
        ("", "owns: a"),
        ("", "owns: [1]"),
        ("", "owns: [a, a]"),
        ("", "forbids: {a: b}"),
        ("", "depends_on: x"),
        ("", "depends_on: [x@]"),
        ("", "depends_on: ['x@y z']"),
        ("", "depends_on: [x@y@z]"),
        ("", "priority: high"),
        ("", "priority: 1.5"),
        ("", "priority: 1000001"),
        ("", "continuous: yes"),
        ("", "beside: x"),
        ("", "hours: many"),
        ("", "hours: 0"),
    ] {
        let has_branch = agent.starts_with("branch");
        let branch = if has_branch { "" } else { "branch: agent/a, " };
        let text = format!("version: 1\n{top}\nagents:\n  x: {{{branch}{agent}}}\n");
        assert!(parse(source(&text)).is_err(), "{text}");
        assert!(!validator.is_valid(&document(&text)), "{text}");
    }
    for text in [
        "",
        "[]",
        "version: 1",
        "version: 2\nagents: {}",
        "version: '1'\nagents: {}",
        "agents: {}",
        "version: 1\nagents:",
        "version: 1\nagents: {x: {}}",
        "version: 1\nagents: {-x: {branch: a}}",
        "version: 1\nagents: {x y: {branch: a}}",
    ] {
        assert!(parse(source(text)).is_err(), "{text}");
        assert!(!validator.is_valid(&document(text)), "{text}");
    }
}

/// What somebody might write behind a key, right or wrong. `@` stands for the name of the agent.
// One arm for each kind of value.
fn value(holds: Holds) -> BoxedStrategy<String> {
    fn names<T>(choices: &[(&'static str, T)]) -> Vec<&'static str> {
        choices.iter().map(|(name, _)| *name).collect()
    }
    let right = match holds {
        Holds::Version => vec!["1"],
        Holds::Line => vec!["Storage APIs", "'12'", "yes", "\"ü\\u00e4\"", "1-2"],
        Holds::BranchName(_) => vec!["main", "trunk", "a.b/c", "gate/x", "ü"],
        Holds::TagName => vec!["v1", "'v2.3.0'", "release/1"],
        Holds::Branches => vec!["agent/@", "[agent/@]", "['w/@-*', 'v/{@,@x}']", "'[a^]'"],
        Holds::Unowned => names(&UNOWNED),
        Holds::Others => names(&OTHERS),
        Holds::History => names(&HISTORY),
        Holds::Rule => names(&RULES),
        Holds::OnFailure => names(&ON_FAILURE),
        Holds::PathSet => {
            let patterns = value(Holds::Patterns);
            return prop_oneof![patterns, mapping(PATH_SET)].boxed();
        }
        Holds::Patterns => vec![
            "[a/]",
            "['*.rs', 'x{y,z}']",
            "[]",
            "[a, 'ü/']",
            "['1', \"\\u00a0\"]",
        ],
        Holds::Agents => return agents(),
        Holds::AgentNames | Holds::SomeAgentNames => vec!["[b]", "[c, b]", "[]", "[b@x]"],
        Holds::Dependencies => vec!["[b]", "[c@x, b]", "[]", "[b@x, b]", "[c@v1.0]"],
        Holds::Shared => {
            let entries = prop::collection::vec(mapping(SHARED), 0..3);
            return entries
                .prop_map(|entries| format!("[{}]", entries.join(", ")))
                .boxed();
        }
        Holds::Checkpoints => {
            let entries = prop::collection::vec(mapping(CHECKPOINT), 0..3);
            return entries
                .prop_map(|entries| format!("[{}]", entries.join(", ")))
                .boxed();
        }
        Holds::Commands => {
            let line = value(Holds::CommandLine);
            let command = prop_oneof![line.clone(), mapping(COMMAND)];
            let commands = prop::collection::vec(command, 0..3);
            let list = commands.prop_map(|commands| format!("[{}]", commands.join(", ")));
            return prop_oneof![line, list].boxed();
        }
        Holds::CommandLine => vec!["cargo test", "\"a\\nb\"", "' x'", "yes"],
        Holds::Duration => vec!["10m", "1h30m", "90s", "0010s", "24h"],
        Holds::Priority => vec!["0", "-5", "1000000", "-1000000"],
        Holds::Hours => vec!["4", "3.5", "3-4", "'3 - 4.25'", "100000"],
        Holds::Flag => vec!["false", "False", "true"],
        Holds::Variables => vec!["[CC]", "[_x, CI_TOKEN]", "[]", "[GIT_DIR]"],
        Holds::Expectation => return mapping(EXPECT),
        Holds::Text => vec!["'False'", "passed", "\"a\\nb\"", "' '"],
        Holds::NumberPattern => vec!["'([0-9]+)%'", "(x)(y)", "a(?:b)(c)", "'('"],
        Holds::Decimal => vec!["0", "80", "-0.5", "79.50", "1e3"],
        Holds::Retries => vec!["0", "3", "9", "10"],
    };
    let wrong = [
        "",
        "~",
        "12",
        "true",
        "[]",
        "{}",
        "x",
        "[1]",
        "-x",
        "1.0",
        "{paths: x}",
        "[[a]]",
    ];
    prop_oneof![40 => select(right), 1 => select(wrong.to_vec())]
        .prop_map(str::to_owned)
        .boxed()
}

/// A mapping with some of these keys.
fn mapping(keys: &'static [Key]) -> BoxedStrategy<String> {
    let entries: Vec<_> = keys.iter().map(entry).collect();
    entries
        .prop_map(|entries| {
            format!(
                "{{{}}}",
                entries.into_iter().flatten().collect::<Vec<_>>().join(", ")
            )
        })
        .boxed()
}

fn entry(key: &'static Key) -> BoxedStrategy<Option<String>> {
    let likely = if key.required { 0.99 } else { 0.3 };
    let text = value(key.holds).prop_map(|value| format!("{}: {value}", key.name));
    prop::option::weighted(likely, text).boxed()
}

fn agents() -> BoxedStrategy<String> {
    (mapping(AGENT), mapping(&AGENT[..5]), mapping(&AGENT[..5]))
        .prop_map(|(a, b, c)| {
            let [a, b, c] =
                [(a, "a"), (b, "b"), (c, "c")].map(|(text, name)| text.replace('@', name));
            format!("{{a: {a}, b: {b}, c: {c}}}")
        })
        .boxed()
}

#[test]
fn what_the_parser_accepts_the_schema_accepts() {
    let validator = validator();
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    };
    let outcome = TestRunner::new(config).run(&mapping(TOP), |text| {
        let valid = validator.is_valid(&document(&text));
        if parse(source(&text)).is_ok() {
            accepted.set(accepted.get() + 1);
            prop_assert!(valid, "{}", text);
        }
        if !valid {
            refused.set(refused.get() + 1);
        }
        Ok(())
    });
    outcome.unwrap();
    // The documents are neither all right nor all wrong.
    assert!(accepted.get() > 100, "{} accepted", accepted.get());
    assert!(refused.get() > 100, "{} refused", refused.get());
}
