//! What the engine is asked for, by the arguments.

use super::{CheckBranch, Integrate, Place, Publish, Undo, Verify};
use crate::engine::{
    Destination, Options, PublishRequest, Selection, Terms, Trust, UndoRequest, VerifyRequest,
};

impl Place {
    pub(in crate::cli) fn options(&self) -> Options {
        Options {
            target: self.target.clone(),
            remote: self.remote.clone(),
        }
    }
}

impl CheckBranch {
    /// The branches to judge; `elsewhere` is where they are to be merged, if not into the target.
    pub(in crate::cli) fn selection(&self, elsewhere: Option<String>) -> Selection {
        if self.all {
            return Selection::All;
        }
        Selection::Named {
            branches: self.branches.clone(),
            if_agent: self.if_agent,
            elsewhere,
        }
    }
}

impl Publish {
    pub(in crate::cli) fn options(&self) -> Options {
        Options {
            target: self.target.clone(),
            remote: None,
        }
    }

    /// What is to be published.
    pub(in crate::cli) fn request(&self) -> PublishRequest {
        PublishRequest {
            agent: self.agent.clone(),
            milestone: self.milestone.clone(),
            commit: self.commit.clone(),
        }
    }
}

impl Verify {
    /// What is to be verified.
    pub(in crate::cli) fn request(&self) -> VerifyRequest {
        VerifyRequest {
            steps: self.steps.clone(),
            fresh: self.fresh,
            push: self.push.clone(),
        }
    }
}

impl Undo {
    pub(in crate::cli) fn options(&self) -> Options {
        Options {
            target: self.target.clone(),
            remote: None,
        }
    }

    /// What is to be taken back.
    pub(in crate::cli) fn request(&self) -> UndoRequest {
        UndoRequest {
            agent: self.agent.clone(),
            milestone: self.milestone.clone(),
            dry_run: self.dry_run,
        }
    }
}

impl Integrate {
    pub(in crate::cli) fn terms(&self) -> Terms {
        Terms {
            destination: match (self.dry_run, self.land) {
                (true, _) => Destination::DryRun,
                (false, true) => Destination::Target,
                (false, false) => Destination::Integration,
            },
            all_or_nothing: self.all_or_nothing,
            tag: self.tag,
            push: self.push.clone(),
            trust: match &self.trust_results {
                Some(remote) => Trust::Results(remote.clone()),
                None if self.fresh => Trust::Nothing,
                None => Trust::OwnPasses,
            },
        }
    }
}
