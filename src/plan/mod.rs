//! The plan: who depends on whom, and in which order the branches are merged.

mod graph;
mod order;
mod schedule;
#[cfg(test)]
mod tests;

pub use graph::{Dependencies, Part};
pub use order::{order, ranks};
pub use schedule::Schedule;
