//! The manifest: from text to a validated [`Manifest`], every problem at once.
//!
//! Two steps: what is written, as a tree in which everything has its place, and what is meant. Keys
//! whose effect comes with a later version are read and checked like all others, and then refused:
//! nothing that a manifest says is ever ignored.

mod agents;
mod branch;
mod cycles;
mod decode;
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
pub use decode::decode;
pub use model::{
    Agent, AgentId, Command, History, Manifest, Others, PathSet, Shared, SharedRule, Spanned,
    Unowned,
};
pub use problems::did_you_mean;
pub use schema::schema;

use crate::words::{Code, Finding, Source, Span};
use problems::Problems;

/// The name of the manifest, at the root of the repository.
pub const FILE_NAME: &str = "ownership.yaml";

/// The manifest that this text says, its patterns not yet compiled.
///
/// # Errors
/// Every problem, in the order of the text, each with a label on what is wrong, and on both places
/// where two disagree. Two limits: a text with forbidden characters is not read further, and what
/// stands behind a YAML syntax error is unknown (what stands before it is still checked).
pub fn parse(source: Source) -> Result<Manifest, Vec<Finding>> {
    let mut problems = Problems::new(&source.text);
    let manifest = read_and_validate(&mut problems);
    let found = problems.finish();
    match manifest {
        Some(manifest) if found.is_empty() => Ok(Manifest { source, ..manifest }),
        _ => Err(found),
    }
}

/// The manifest, or problems; both where there is enough to go on.
fn read_and_validate(problems: &mut Problems<'_>) -> Option<Manifest> {
    if !decode::check(problems.text, problems) {
        return None;
    }
    let tree = read::read(problems);
    let Some(root) = tree.root else {
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
    }
    manifest
}
