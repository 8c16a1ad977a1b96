//! The plan: who depends on whom, and in which order the branches are merged.

mod graph;
mod order;

pub use graph::Dependencies;
pub use order::order;
