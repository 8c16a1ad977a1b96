//! The plan: who depends on whom, and in which order the branches are merged.

mod graph;
mod order;
mod schedule;

pub use graph::Dependencies;
pub use order::order;
pub use schedule::Schedule;
