//! Check and integrate: brings the other rooms together. The only room that uses threads.

mod attribution;
mod check;
mod context;
mod delivery;
mod demo;
mod failure;
mod init;
mod integrate;
mod judge;
mod manifest;
mod outcome;
mod progress;
mod who;

pub use check::{Selection, check_branches, check_staged};
pub use context::{Branch, Context, Options};
pub use demo::{SYSTEMS, System};
pub use failure::{Failure, Outcome};
pub use init::{InitOutcome, Origin, init};
pub use integrate::{Destination, ENVIRONMENT, integrate};
pub use manifest::check_manifest;
pub use outcome::{
    Basis, BranchOutcome, CheckOutcome, IntegrateOutcome, Landing, ManifestOutcome, ProofSummary,
    Standing, worst,
};
pub use progress::{Event, Progress, Silent};
pub use who::{Statement, WhoOutcome, WhoPath, who};
