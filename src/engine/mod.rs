//! Check and integrate: brings the other rooms together. The only room that uses threads.

mod absent;
mod attribution;
mod check;
mod conflicts;
mod context;
mod delivery;
mod demo;
mod disjoint;
mod edits;
mod failure;
mod forecast;
mod hunks;
mod init;
mod integrate;
mod interrupt;
mod judge;
mod kept;
mod links;
mod mainline;
mod manifest;
mod merges;
mod names;
mod outcome;
mod parallel;
mod plan;
mod presence;
mod progress;
mod publish;
mod published;
mod receive;
mod record;
mod request;
mod rewritten;
mod source;
mod staged;
mod status;
mod supervise;
mod undo;
mod upstream;
mod versions;
mod who;

pub use check::{Selection, check_branches, context_of};
pub use context::{Branch, Context, Options};
pub use demo::{SYSTEMS, System};
pub use failure::{Failure, Outcome};
pub use forecast::{Clash, ConflictsOutcome, ForecastBranch, Met, Pair, Turn, conflicts};
pub use init::{InitOutcome, Origin, init};
pub use integrate::{
    Destination, ENVIRONMENT, PlannedStep, StepsOutcome, Terms, Trust, VerifiedStep, VerifyOutcome,
    VerifyRequest, integrate, replay, steps, verify,
};
pub use interrupt::Interrupt;
pub use manifest::check_manifest;
pub use merges::merge_each;
pub use outcome::{
    Basis, BranchOutcome, CheckOutcome, IntegrateOutcome, KnownPass, Landing, ManifestOutcome,
    ProofSummary, ReplayOutcome, Standing, TrustedPass, worst,
};
pub use plan::{PlanOutcome, PlannedAgent, plan};
pub use progress::{Event, Progress, Silent};
pub use publish::{MilestoneDependent, PublishOutcome, PublishRequest, publish};
pub use published::Published;
pub use receive::check_receive;
pub use record::{ReportedBranch, RunEnd, RunReport};
pub use request::target_of_request;
pub use staged::check_staged;
pub use status::{AgentStatus, Headway, LastRun, Piece, StatusOutcome, status};
pub use supervise::{Isolation, Sandbox, Supervision, supervise};
pub use undo::{
    Carrier, Dependent, Preparation, SamePaths, UndoOutcome, UndoRequest, UndoneMerge, undo,
};
pub use who::{Asked, Statement, WhoLine, WhoOutcome, WhoPath, who};
