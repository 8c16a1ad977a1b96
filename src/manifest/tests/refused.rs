//! What is refused, and what gate says of it.

use super::{SMALL, problems};
use insta::assert_snapshot;
use std::fmt::Write;

/// Some twenty mistakes that have nothing to do with each other.
const WRONG: &str = r#"version: "1"
target: main
integration: main
unowned: denied
histroy: net
protected: tools/
agents:
  core:
    branch: 12
    owns: [src/core/, *.rs, "", src/core/]
    owns: [lib/]
    priority: high
    hours: 3-4
  docs team:
    branch: refs/heads/agent/docs
    owns:
      - !docs/internal
      - {a,b}
      - src/
        docs/
  storage:
    owns: src/memory/
    depends_on: [cor, storage, "core@a b"]
    verify:
      - run: cargo test
        timeout: 10
        enviroment: [HOME]
    last: yes
  "":
    branch: x
shared:
  - paths: [src/shared/]
    agents: [core, core, strage]
    rule: append
  - agents: []
on_failure: stop
tag: v1..0
"#;

#[test]
fn every_problem_is_reported_at_once() {
    assert_snapshot!(problems(WRONG));
}

/// One mistake each: the lines to put into an agent, and what is said.
#[test]
fn values_of_an_agent() {
    let table = [
        "owns:",
        "owns: ~",
        "owns: 5",
        "owns: [5, true, null, [a], {a: b}]",
        "owns: {paths: [a], exept: [b]}",
        "owns: {except: [b]}",
        "owns: [\"a\\e[31m\"]",
        "owns: |\n      src/",
        "owns:\n      - |\n        src/\n        docs/",
        "owns:\n      - #tag/",
        "owns: {a,b}",
        "forbids: [[ab].rs]",
        "name: ''",
        "name: 12",
        "priority: 1.5",
        "priority: 010",
        "priority: '1'",
        "priority: 99999999999999999999",
        "priority: 2000000",
        "continuous: 1",
        "last: True",
        "beside: [nobody]",
        "beside: a",
        "hours: 4-3",
        "hours: many",
        "hours: -1",
        "depends_on: a",
        "depends_on: ['b@x y']",
        "depends_on: ['a@m', 'a@m']",
        "verify: []\n    verify: []",
        "verify: {run: 'true'}",
        "verify: ['']",
        "verify: [{timeout: 0s}]",
        "verify: [{run: x, timeout: 25h}]",
        "verify: [{run: x, timeout: 0m}]",
        "verify: [{run: x, environment: [HOME, '1x']}]",
        "verify: [{run: x, environment: [CC, GIT_DIR, GATE_FORMAT, GITHUB_ENV, CC]}]",
        "verify: [{run: x, retries: 10}]",
        "verify: [{run: x, retries: often}]",
        "verify: [{run: x, expect: {stdout: False}}]",
        "verify: [{run: x, expect: {stderr: 'False'}}]",
        "verify: [{run: x, expect: {stdout: '2 failed', not_stdout: failed}}]",
        "verify: [{run: x, expect: {pattern: '([0-9]+)'}}]",
        "verify: [{run: x, expect: {pattern: '([0-9]+', at_least: 1}}]",
        "verify: [{run: x, expect: {pattern: '[0-9]+', at_least: 1}}]",
        "verify: [{run: x, expect: {pattern: '([0-9]+)(%)', at_least: 010}}]",
        "verify: [{run: x, expect: {pattern: '((?:a{500}){500})', at_least: 1}}]",
        "verify: [{run: x, expect: {pattern: '([0-9]+)', at_least: 81, at_most: 80.9}}]",
        "verify: [{run: x, expect: {at_least: 80}}]",
        "verify: [{run: x, expect: {}}]",
        "verify: [{run: x, expect: False}]",
        "agents: {}",
    ];
    let mut page = String::new();
    for lines in table {
        let said = problems(&format!("{SMALL}    {lines}\n"));
        write!(page, "== {lines}\n{said}\n").unwrap();
    }
    assert_snapshot!(page);
}

/// One mistake each, at the top.
#[test]
fn values_at_the_top() {
    let agents = "agents: {a: {branch: agent/a}}";
    let table = [
        format!("version: 2\n{agents}"),
        format!("version: one\n{agents}"),
        agents.into(),
        "version: 1".into(),
        "version: 1\nagents: [a]".into(),
        "version: 1\nagents: {a: , b: x, 1: {branch: b}}".into(),
        "version: 1\nagents: {a: {branch: []}}".into(),
        "version: 1\nagents: {b: {branch: [x, y]}, a: {branch: x}, c: {branch: y}}".into(),
        "version: 1\nagents: {a: {branch: [b, c, b]}}".into(),
        "version: 1\nagents: {a: {branch: [main, gate/integration, main/x, gate, 'x..*']}}".into(),
        format!("version: 1\n{agents}\ntarget: a b\nintegration: -x"),
        format!("version: 1\n{agents}\nintegration: Main"),
        format!("version: 1\n{agents}\nintegration: MAIN/x"),
        "version: 1\nagents: {a: {branch: [Main, agent/Core]}, b: {branch: [agent/core, GATE]}}"
            .into(),
        format!("version: 1\n{agents}\ntarget: gate"),
        format!("version: 1\n{agents}\ntarget: agent\n"),
        format!("version: 1\n{agents}\nothers: warn\nhistory: every_commit"),
        format!("version: 1\n{agents}\nshared: {{}}"),
        format!("version: 1\n{agents}\nshared: [{{paths: [x], agents: a, rule: merge-all}}]"),
        format!("version: 1\n{agents}\nshared: [{{paths: [x]}}, 3]"),
        format!("version: 1\n{agents}\ncheckpoints: [{{after: [b], verify: x}}, {{}}]"),
        format!("version: 1\n{agents}\ntag: v1.0\non_failure: explode"),
    ];
    let mut page = String::new();
    for text in table {
        write!(page, "== {text}\n{}\n", problems(&text)).unwrap();
    }
    assert_snapshot!(page);
}

#[test]
fn circles_are_reported_once_with_every_member() {
    let agent =
        |name: &str, on: &str| format!("  {name}: {{branch: x/{name}, depends_on: [{on}]}}\n");
    let text = "version: 1\nagents:\n".to_owned()
        + &agent("d", "a, c")
        + &agent("a", "b")
        + &agent("b", "e, c")
        + &agent("c", "a")
        + &agent("e", "f")
        + &agent("f", "e")
        + &agent("g", "g, a");
    assert_snapshot!(problems(&text), @r#"
    dependency-cycle: agents depend on each other in a circle: `a`, `b`, `c`
        4:33 "b": `a` waits for `b`
        5:36 "c": `b` waits for `c`
        6:33 "a": `c` waits for `a`
        hint: remove one of these dependencies, so that somebody can go first
    dependency-cycle: agents depend on each other in a circle: `e`, `f`
        7:33 "f": `e` waits for `f`
        8:33 "e": `f` waits for `e`
        hint: remove one of these dependencies, so that somebody can go first
    dependency-cycle: the agent `g` depends on itself
        9:33 "g": this is the agent itself
        hint: remove it from the list
    "#);
}

/// What YAML makes of a pattern without quotes, and what YAML has that gate refuses.
#[test]
fn yaml_that_is_not_plain() {
    let owns = |items: &str| format!("{SMALL}    owns:\n{items}\n");
    let table = [
        owns("      - *.rs"),
        owns("      - **/x.rs"),
        owns("      - * x"),
        owns("      - *.{rs,toml}"),
        owns("      - !docs/internal/"),
        owns("      - !!str x"),
        owns("      - ! x"),
        owns("      - &a src/"),
        owns("      - &a src/\n      - *a"),
        owns("      - @scope/x"),
        owns("      - `x`"),
        owns("      - %x"),
        owns("      - {a,b}/x"),
        owns("      - [ab].rs"),
        owns("\t- x"),
        owns("      - \"x"),
        owns("      - 'x' y"),
        owns("      - \"\\ud800\""),
        owns("      - \"\\q\""),
        owns("    - x\n   - y"),
        format!("{SMALL}    owns: [@a, b]\n"),
        format!("{SMALL}    owns: [*.rs, \"b\"]\n"),
        format!("{SMALL}    verify: echo a: b\n"),
        format!("{SMALL}    <<: {{owns: [x]}}\n"),
        format!("{SMALL}    ? [a]\n    : b\n"),
        format!("{SMALL}    ~: b\n"),
        format!("{SMALL}    : b\n"),
        format!("{SMALL}---\n{SMALL}"),
        format!("%YAML 1.2\n---\n{SMALL}"),
        format!("!manifest\n{SMALL}"),
        String::new(),
        "# nothing\n".into(),
        "---\n".into(),
        "[]".into(),
        "text".into(),
    ];
    let mut page = String::new();
    for text in table {
        let shown = text.replace(SMALL, "…\n");
        write!(page, "== {shown}\n{}\n", problems(&text)).unwrap();
    }
    assert_snapshot!(page);
}

/// What stands before a syntax error is still checked, what it makes unknown is not held against it.
#[test]
fn a_syntax_error_does_not_hide_what_was_read() {
    let text = "version: 2\nunowend: deny\nagents:\n  a:\n    owns: x\n    depends_on: [b]\n    forbids: [\n  b: {";
    assert_snapshot!(problems(text), @r#"
    invalid-value: this gate reads manifests of version 1, not 2
        1:10 "2": not a version that is known here
        hint: write 1, or use the version of gate that this manifest was written for
    unknown-key: the manifest has no key `unowend`
        2:1 "unowend": unknown key
        hint: did you mean `unowned`?
    invalid-value: `owns` must be a list, found the text `x`
        5:11 "x": expected a list
        hint: write it as a list: ["x"]
    manifest-syntax: the manifest is not valid YAML: unclosed bracket '{'
        8:6 "{": the reading ends here
        hint: close it, or quote it if it is meant as text
    "#);
}
