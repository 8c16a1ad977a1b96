//! The ownership room: patterns, which claims match a path, who may change it, and the proof that
//! no path has two owners. Pure: no git, no files, no clock, no threads.

mod always;
mod automaton;
mod branches;
mod bytes;
mod claims;
mod codeowners;
mod commands;
mod coverage;
mod draft;
mod index;
mod lint;
mod lookup;
mod pattern;
mod permission;
mod proof;
#[cfg(test)]
mod testing;
mod yaml;

pub use always::{Always, RUN_DEFINITIONS};
pub use branches::{Rival, TakenNames};
pub use claims::{Claim, InvalidPattern, Matches, Ownership, Role};
pub use codeowners::{Codeowners, Dialect, Tracked, Translation};
pub use coverage::{Coverage, coverage};
pub use draft::draft;
pub use index::Index;
pub use lint::lint;
pub use pattern::{MAX_NESTING, MAX_PATTERN, Pattern, PatternError, PatternReason};
pub use permission::{Decision, Denial, Grant, Permission, ProtectedBy, Standing, Who};
pub use proof::{Budget, Proof, contradictions, prove, prove_within};
