//! The manifest: from text to a validated [`Manifest`], every problem at once.

mod model;

pub use model::{
    Agent, AgentId, Command, History, Manifest, Others, PathSet, Shared, SharedRule, Spanned,
    Unowned,
};

/// The name of the manifest, at the root of the repository.
pub const FILE_NAME: &str = "ownership.yaml";
