//! What a verify command is run with: all that could change what it says of a tree, in one place.

use crate::manifest::{AgentId, Command, Expectation, Manifest};
use crate::repo::Objects;
use crate::words::{ObjectId, Result};
use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// What of gate's own environment every command sees; everything else is left out unless the manifest
/// names it.
pub const ENVIRONMENT: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "TZ",
    "CARGO_HOME",
    "RUSTUP_HOME",
];

/// Those of them that change what programs say. The others only say where things are: on another machine
/// they are elsewhere.
const SPOKEN: &[&str] = &["LANG", "LC_ALL", "TZ"];

/// Where a pass is to count, and so what of the environment its digest is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// On this machine: every variable that the command gets.
    Here,
    /// On every machine of the platform: the variables that the manifest names, and those that change what
    /// programs say.
    Everywhere,
}

/// The lists of commands of a manifest, each read once for the time of a run. Those that are the same in
/// everything that could change what they say have one number.
pub(super) struct Recipes<'a> {
    lists: Vec<RecipeList<'a>>,
    agents: usize,
}

/// A list of commands in a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// That of an agent.
    Agent(AgentId),
    /// That of the checkpoint at this place.
    Checkpoint(usize),
    /// That of the whole.
    Whole,
}

/// The recipes of a list.
pub(super) struct RecipeList<'a> {
    /// The commands as the manifest has them.
    pub commands: &'a [Command],
    pub recipes: Vec<Recipe<'a>>,
    /// The place of the first list that is the same.
    pub number: usize,
}

/// A command and what it is run with, read once: it runs with what its digest is made of.
pub(super) struct Recipe<'a> {
    /// The command as the manifest has it.
    pub command: &'a Command,
    /// The variables that it gets, by name; those that are not set are missing.
    pub variables: Vec<(&'a str, OsString)>,
    /// Whose it is, and its name among theirs: by these it finds again what it has cached. They are not
    /// part of its digest, since nothing that is cached decides.
    pub cache: (String, String),
}

impl<'a> Recipes<'a> {
    /// All lists of `manifest`, in the environment of this process.
    pub(super) fn of(manifest: &'a Manifest, objects: &Objects) -> Result<Self> {
        let agents = manifest.agents.iter().map(|agent| &agent.verify);
        let checkpoints = manifest.checkpoints.iter().map(|point| &point.verify);
        let all = agents.chain(checkpoints).chain([&manifest.verify]);
        let (mut lists, mut numbers) = (Vec::new(), HashMap::new());
        for (place, commands) in all.enumerate() {
            let owner = owner(manifest, place);
            let recipes = commands.iter().map(|command| {
                let name = objects.digest(command.run.value.as_bytes())?.short();
                Ok(Recipe::of(command, (owner.clone(), name)))
            });
            let recipes = recipes.collect::<Result<Vec<_>>>()?;
            let digests = recipes
                .iter()
                .map(|recipe| recipe.digest(objects, Reach::Here));
            let digests = digests.collect::<Result<Vec<_>>>()?;
            let number = *numbers.entry(digests).or_insert(lists.len());
            lists.push(RecipeList {
                commands,
                recipes,
                number,
            });
        }
        Ok(Self {
            lists,
            agents: manifest.agents.len(),
        })
    }

    /// The recipes of that list.
    pub(super) fn list(&self, list: List) -> &RecipeList<'a> {
        match list {
            List::Agent(agent) => &self.lists[agent.0],
            List::Checkpoint(place) => &self.lists[self.agents + place],
            List::Whole => &self.lists[self.lists.len() - 1],
        }
    }

    /// The recipes of the lists with that number.
    pub(super) fn numbered(&self, number: usize) -> &RecipeList<'a> {
        &self.lists[number]
    }
}

impl<'a> Recipe<'a> {
    /// The recipe for `command` in the environment of this process.
    fn of(command: &'a Command, cache: (String, String)) -> Self {
        let own = command.environment.iter().map(|name| name.value.as_str());
        let mut names: Vec<_> = ENVIRONMENT.iter().copied().chain(own).collect();
        names.sort_unstable();
        names.dedup();
        let set = |name| Some((name, std::env::var_os(name)?));
        Self {
            command,
            variables: names.into_iter().filter_map(set).collect(),
            cache,
        }
    }

    /// A digest of all of it, or of all that counts within `reach`: what is remembered of a command is
    /// remembered by this. Values of variables, which may be secrets, are in it and cannot be read from
    /// it.
    pub(super) fn digest(&self, objects: &Objects, reach: Reach) -> Result<ObjectId> {
        objects.digest(&self.text(reach))
    }

    fn text(&self, reach: Reach) -> Vec<u8> {
        let command = self.command;
        let mut parts: Vec<Vec<u8>> = vec![
            command.run.value.clone().into_bytes(),
            format!("{:?} {}", command.timeout, command.retries).into_bytes(),
        ];
        parts.extend(command.expect.iter().flat_map(expected));
        let counts = |name: &str| {
            let mut own = command.environment.iter();
            reach == Reach::Here || SPOKEN.contains(&name) || own.any(|own| own.value == name)
        };
        for (name, value) in self.variables.iter().filter(|(name, _)| counts(name)) {
            parts.push(format!("variable {name}").into_bytes());
            parts.push(value.as_bytes().to_vec());
        }
        // Each with its length, so that nothing can pass for what is beside it.
        let text = parts.into_iter().flat_map(|part| {
            let length = format!("{} ", part.len()).into_bytes();
            length.into_iter().chain(part)
        });
        text.collect()
    }
}

/// The name of whose list is at this place; no agent's begins with a dot.
fn owner(manifest: &Manifest, place: usize) -> String {
    let agents = manifest.agents.len();
    match manifest.agents.get(place) {
        Some(agent) => agent.id.value.clone(),
        None if place == agents + manifest.checkpoints.len() => ".whole".to_owned(),
        None => format!(".checkpoint-{}", place - agents + 1),
    }
}

/// What is expected, part by part.
fn expected(expectation: &Expectation) -> Vec<Vec<u8>> {
    let number = expectation.number.as_ref();
    let text =
        |what: &str, text: Option<String>| text.map(|text| format!("{what} {text}").into_bytes());
    let (stdout, not_stdout) = (&expectation.stdout, &expectation.not_stdout);
    let least = number.and_then(|number| number.at_least.as_ref());
    let most = number.and_then(|number| number.at_most.as_ref());
    let pattern = number.map(|number| number.pattern.value.as_str().to_owned());
    [
        text("stdout", stdout.as_ref().map(|text| text.value.clone())),
        text(
            "not_stdout",
            not_stdout.as_ref().map(|text| text.value.clone()),
        ),
        text("pattern", pattern),
        text("at_least", least.map(|bound| bound.value.to_string())),
        text("at_most", most.map(|bound| bound.value.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{decode, parse};
    use std::collections::BTreeSet;

    /// What the digest of this command, as a manifest has it, is made of where these variables are set.
    fn text(command: &str, variables: &[(&'static str, &str)], reach: Reach) -> Vec<u8> {
        let manifest =
            format!("version: 1\nagents: {{ a: {{ branch: b }} }}\nverify: [{command}]\n");
        let source = decode("ownership.yaml", manifest.as_bytes()).expect("a text");
        let manifest = parse(source).expect("a manifest");
        let variables = variables
            .iter()
            .map(|(name, value)| (*name, (*value).into()));
        let recipe = Recipe {
            command: &manifest.verify[0],
            variables: variables.collect(),
            cache: (String::new(), String::new()),
        };
        recipe.text(reach)
    }

    #[test]
    fn whatever_could_change_the_answer_is_in_the_digest() {
        let commands = [
            "x",
            "x -y",
            "{ run: x, timeout: 1m }",
            "{ run: x, retries: 1 }",
            "{ run: x, expect: { stdout: a } }",
            "{ run: x, expect: { stdout: b } }",
            "{ run: x, expect: { not_stdout: a } }",
            "{ run: x, expect: { pattern: '(1)', at_least: 1 } }",
            "{ run: x, expect: { pattern: '(2)', at_least: 1 } }",
            "{ run: x, expect: { pattern: '(1)', at_least: 2 } }",
            "{ run: x, expect: { pattern: '(1)', at_most: 1 } }",
        ];
        for reach in [Reach::Here, Reach::Everywhere] {
            let texts = commands.iter().map(|command| text(command, &[], reach));
            let texts: BTreeSet<_> = texts.collect();
            assert_eq!(texts.len(), commands.len(), "{reach:?}");
        }
    }

    #[test]
    fn where_things_are_counts_on_this_machine_only() {
        let counts = |command: &str, name: &'static str, reach| {
            let with = |value| text(command, &[(name, value)], reach);
            let unset = text(command, &[], reach);
            (
                with("1") != with("2"),
                with("1") != unset,
                with("") != unset,
            )
        };
        let (yes, no) = ((true, true, true), (false, false, false));
        for name in ENVIRONMENT {
            assert_eq!(counts("x", name, Reach::Here), yes, "{name}");
            let speaks = ["LANG", "LC_ALL", "TZ"].contains(name);
            let everywhere = if speaks { yes } else { no };
            assert_eq!(counts("x", name, Reach::Everywhere), everywhere, "{name}");
        }
        for reach in [Reach::Here, Reach::Everywhere] {
            for name in ["CC", "PATH"] {
                let command = format!("{{ run: x, environment: [{name}] }}");
                assert_eq!(counts(&command, name, reach), yes, "{name} is named");
            }
        }
    }

    #[test]
    fn nothing_passes_for_what_is_beside_it() {
        let variables = |one, other| text("x", &[("LANG", one), ("TZ", other)], Reach::Here);
        assert_ne!(variables("a", "b"), variables("a11 variable TZ1 b", ""));
        assert_ne!(variables("", "ab"), variables("a", "b"));
    }
}
