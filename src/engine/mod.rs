//! Check and integrate: brings the other rooms together. The only room that uses threads.

mod outcome;

pub use outcome::{
    Basis, BranchOutcome, CheckOutcome, Failure, IntegrateOutcome, Landing, ManifestOutcome,
    ProofSummary, Standing, worst,
};
