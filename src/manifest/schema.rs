//! The JSON Schema of the manifest (draft-07), for editors: made from the tables by which the
//! manifest is read. It says everything of a manifest that a schema can say. What it lets through
//! may still be refused: names that nobody has, patterns outside the dialect, claims that overlap.

use super::keys::{
    AGENT, CHECKPOINT, COMMAND, EXPECT, HISTORY, Holds, Key, ON_FAILURE, OTHERS, PATH_SET, RULES,
    SHARED, TOP, UNOWNED,
};
use super::limits::{
    MAX_AGENTS, MAX_COMMAND, MAX_EXPECTED, MAX_HOURS, MAX_NAME, MAX_PATTERN, MAX_PRIORITY,
    MAX_RETRIES, MAX_TEXT,
};
use serde_json::{Map, Value, json};

/// No control characters, and so one line.
const ONE_LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]+$";
/// What a command may hold: anything that is not blank, on any number of lines.
const COMMAND_LINE: &str = r"\S";
/// The characters that git allows in the name of a branch. Where they may stand is for the reader.
const BRANCH: &str =
    r"^[^-/\u0000-\u0020\u007f-\u009f~^:?*\[\\][^\u0000-\u0020\u007f-\u009f~^:?*\[\\]*$";
/// The same with wildcards.
const BRANCHES: &str = r"^[^-/\u0000-\u0020\u007f-\u009f~^:\\][^\u0000-\u0020\u007f-\u009f~^:\\]*$";
/// The name of a variable. Which ones are never passed on is for the reader.
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
/// The name of an agent.
const AGENT_NAME: &str = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";
/// An agent, or a milestone of one.
const DEPENDENCY: &str = "^[A-Za-z0-9_][A-Za-z0-9_.-]*(@[A-Za-z0-9_][A-Za-z0-9_.-]*)?$";
/// Two names and what is between them.
const MAX_DEPENDENCY: usize = 2 * MAX_NAME + 1;
/// A range of two numbers of hours.
const HOURS: &str = "^ *[0-9]+([.][0-9]{0,3})? *- *[0-9]+([.][0-9]{0,3})? *$";
/// Hours, minutes and seconds.
const DURATION: &str = "^(?=[0-9])([0-9]+h)?([0-9]+m)?([0-9]+s)?$";

/// The schema as text: what `ownership.schema.json` holds and `gate schema` prints.
pub fn schema() -> String {
    let about = "Who owns which files of a git repository, what is shared, who waits for whom, and what must pass.";
    let schema = with(
        mapping(TOP),
        "$schema",
        json!("http://json-schema.org/draft-07/schema#"),
    );
    let schema = with(schema, "title", json!("gate: ownership.yaml"));
    let schema = with(schema, "description", json!(about));
    let schema = with(schema, "definitions", definitions());
    // The alternate form is the one with a line for each value.
    format!("{schema:#}\n")
}

fn definitions() -> Value {
    let path_set = mapping(PATH_SET);
    let command = mapping(COMMAND);
    json!({
        "agent": mapping(AGENT),
        "agentName": text(AGENT_NAME, MAX_NAME),
        "agentNames": distinct(&reference("agentName")),
        "branch": text(BRANCHES, MAX_TEXT),
        "command": { "anyOf": [reference("commandLine"), command] },
        "commandLine": text(COMMAND_LINE, MAX_COMMAND),
        "commands": {
            "anyOf": [
                reference("commandLine"),
                { "type": "array", "items": reference("command") },
            ],
        },
        "dependencies": distinct(&text(DEPENDENCY, MAX_DEPENDENCY)),
        "expectation": expectation(),
        "pathSet": { "anyOf": [reference("patterns"), path_set] },
        "pattern": text(ONE_LINE, MAX_PATTERN),
        "patterns": distinct(&reference("pattern")),
        "shared": mapping(SHARED),
        "checkpoint": mapping(CHECKPOINT),
    })
}

/// What a command is expected to print: at least one thing, and bounds only for what is captured.
fn expectation() -> Value {
    let bounds = [
        json!({ "required": ["at_least"] }),
        json!({ "required": ["at_most"] }),
    ];
    let expectation = with(mapping(EXPECT), "minProperties", json!(1));
    let needs = json!({
        "pattern": { "anyOf": bounds },
        "at_least": ["pattern"],
        "at_most": ["pattern"],
    });
    with(expectation, "dependencies", needs)
}

/// A mapping with these keys and no others.
fn mapping(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let value = with(value(key.holds), "description", json!(key.about));
        (key.name.to_owned(), value)
    };
    let properties: Map<_, _> = keys.iter().map(property).collect();
    let required = keys.iter().filter(|key| key.required);
    let required: Vec<_> = required.map(|key| key.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// What may stand behind a key.
fn value(holds: Holds) -> Value {
    match holds {
        Holds::Version => json!({ "const": 1 }),
        Holds::Line => text(ONE_LINE, MAX_TEXT),
        Holds::BranchName(default) => with(text(BRANCH, MAX_TEXT), "default", json!(default)),
        Holds::TagName => text(BRANCH, MAX_TEXT),
        Holds::Branches => {
            let some = with(distinct(&reference("branch")), "minItems", json!(1));
            json!({ "anyOf": [reference("branch"), some] })
        }
        Holds::Unowned => choice(UNOWNED.iter().map(|(name, _)| *name)),
        Holds::Others => choice(OTHERS.iter().map(|(name, _)| *name)),
        Holds::History => choice(HISTORY.iter().map(|(name, _)| *name)),
        Holds::Rule => choice(RULES.iter().map(|(name, _)| *name)),
        Holds::OnFailure => choice(ON_FAILURE.iter().map(|(name, _)| *name)),
        Holds::PathSet => also("pathSet"),
        Holds::Patterns => also("patterns"),
        Holds::Agents => json!({
            "type": "object",
            "propertyNames": reference("agentName"),
            "additionalProperties": reference("agent"),
            "maxProperties": MAX_AGENTS,
        }),
        Holds::AgentNames => also("agentNames"),
        Holds::Dependencies => also("dependencies"),
        Holds::SomeAgentNames => with(also("agentNames"), "minItems", json!(1)),
        Holds::Shared => json!({ "type": "array", "items": reference("shared") }),
        Holds::Checkpoints => json!({ "type": "array", "items": reference("checkpoint") }),
        Holds::Commands => also("commands"),
        Holds::CommandLine => also("commandLine"),
        Holds::Duration => json!({ "type": "string", "pattern": DURATION, "default": "30m" }),
        Holds::Priority => json!({
            "type": "integer",
            "minimum": -MAX_PRIORITY,
            "maximum": MAX_PRIORITY,
            "default": 0,
        }),
        Holds::Hours => json!({
            "anyOf": [
                { "type": "number", "exclusiveMinimum": 0, "maximum": MAX_HOURS },
                { "type": "string", "pattern": HOURS },
            ],
        }),
        Holds::Flag => json!({ "type": "boolean", "default": false }),
        Holds::Variables => distinct(&text(VARIABLE, MAX_TEXT)),
        Holds::Expectation => also("expectation"),
        Holds::Text => json!({ "type": "string", "minLength": 1, "maxLength": MAX_EXPECTED }),
        Holds::NumberPattern => text(r"\(", MAX_EXPECTED),
        Holds::Decimal => json!({ "type": "number" }),
        Holds::Retries => json!({
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_RETRIES,
            "default": 0,
        }),
    }
}

/// `schema` with one more field.
fn with(mut schema: Value, field: &str, value: Value) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert(field.to_owned(), value);
    }
    schema
}

/// A definition, and more to come: beside a plain reference draft-07 ignores everything else.
fn also(definition: &str) -> Value {
    json!({ "allOf": [reference(definition)] })
}

/// One of a few words, of which the first is the default.
fn choice(names: impl Iterator<Item = &'static str>) -> Value {
    let names: Vec<_> = names.collect();
    json!({ "enum": names, "default": names.first() })
}

/// A text like `pattern`. A limit of bytes allows at most as many characters.
fn text(pattern: &str, most: usize) -> Value {
    json!({ "type": "string", "pattern": pattern, "maxLength": most })
}

/// A list in which nothing stands twice.
fn distinct(items: &Value) -> Value {
    json!({ "type": "array", "items": items, "uniqueItems": true })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}
