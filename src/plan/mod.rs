//! The plan: who depends on whom, in which order the branches are merged, and in which order it is found
//! out who breaks what several of them have to pass.

mod graph;
mod narrowing;
mod order;
mod schedule;
#[cfg(test)]
mod tests;

pub use graph::{Dependencies, Part};
pub use narrowing::{Narrowing, Next};
pub use order::{order, ranks};
pub use schedule::Schedule;
