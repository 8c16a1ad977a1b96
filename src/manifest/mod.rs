//! The manifest: from text to a validated [`Manifest`], every problem at once.
//!
//! Two steps: what is written, as a tree in which everything has its place, and what is meant. Nothing
//! that a manifest says is ever ignored.

mod agents;
mod branch;
mod cycles;
mod decimal;
mod decode;
mod environment;
mod expect;
mod kept;
mod keys;
pub mod limits;
mod model;
mod names;
mod paths;
mod problems;
mod read;
mod scalar;
mod schema;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;
mod validate;
mod value;
mod verify;

pub use branch::is_literal as is_literal_branch;
pub use decimal::Decimal;
pub use decode::decode;
pub(crate) use decode::too_large;
pub use expect::{Expectation, ExpectedNumber, NumberPattern};
pub use kept::{kept, recall};
pub use model::{
    Agent, AgentId, Checkpoint, Command, Dependency, History, Hours, Manifest, OnFailure, Others,
    PathSet, Shared, SharedRule, Spanned, Unowned,
};
pub use names::fault as name_fault;
pub use problems::did_you_mean;
pub use schema::schema;

use crate::words::{Code, Finding, Source, Span};
use problems::Problems;
use scalar::Plain;
use tree::{Node, Value};

/// The name of the manifest, at the root of the repository.
pub const FILE_NAME: &str = "ownership.yaml";

/// The manifest that this text says, its patterns not yet compiled.
///
/// # Errors
/// Every problem, in the order of the text, each with a label on what is wrong, and on both places
/// where two disagree. Two limits: a text with forbidden characters is not read further, and what
/// stands behind a YAML syntax error is unknown (what stands before it is still checked).
pub fn parse(source: Source) -> Result<Manifest, Vec<Finding>> {
    let reading = examine(source);
    match reading.manifest {
        Some(manifest) if reading.problems.is_empty() => Ok(manifest),
        _ => Err(reading.problems),
    }
}

/// What was read of a text, right or wrong.
#[derive(Debug)]
pub struct Reading {
    /// What it says, as far as that could be made out. To be judged by only if there are no
    /// problems; otherwise good for finding more of them.
    pub manifest: Option<Manifest>,
    /// Every problem, as [`parse`] returns them.
    pub problems: Vec<Finding>,
    /// Whether all agents and all their paths were made out, so that they can be compared.
    pub whole: bool,
}

/// Reads a manifest and keeps what there is of it even where it is wrong, so that what other rooms
/// have against it can be reported at the same time.
pub fn examine(source: Source) -> Reading {
    let mut problems = Problems::new(&source.text);
    let manifest = read_and_validate(&mut problems);
    let whole = problems.nothing_is_lost();
    let problems = problems.finish();
    Reading {
        manifest: manifest.map(|manifest| Manifest { source, ..manifest }),
        problems,
        whole,
    }
}

/// The manifest, or problems; both where there is enough to go on.
fn read_and_validate(problems: &mut Problems<'_>) -> Option<Manifest> {
    if !decode::check(problems.text, problems) {
        return None;
    }
    let tree = read::read(problems);
    let says_something = |root: &Node| !matches!(&root.value, Value::Scalar(scalar) if scalar.kind() == Plain::Nothing);
    let Some(root) = tree.root.filter(says_something) else {
        if !tree.cut {
            problems.push(
                Finding::new(Code::ManifestSyntax, "the manifest is empty")
                    .label(Span::default(), "nothing is said here")
                    .hint("it begins with `version: 1`"),
            );
        }
        return None;
    };
    let manifest = validate::manifest(&root, problems);
    if tree.cut {
        problems.forget_consequences();
        problems.lose();
    }
    manifest
}
