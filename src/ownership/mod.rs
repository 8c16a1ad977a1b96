//! The ownership room: patterns, which claims match a path, who may change it, and the proof that
//! no path has two owners. Pure: no git, no files, no clock, no threads.

mod automaton;
mod bytes;
pub mod index;
mod pattern;

pub use index::Index;
pub use pattern::{MAX_NESTING, MAX_PATTERN, Pattern, PatternError, PatternReason};
