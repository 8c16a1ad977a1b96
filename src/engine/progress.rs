//! What the engine tells while it is at work.

/// Something that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A branch is being merged.
    Merging {
        /// Its short name.
        branch: &'a str,
    },
    /// A command is being run on a merged tree.
    Verifying {
        /// The branch, or what else is being verified.
        subject: &'a str,
        /// The command line.
        command: &'a str,
        /// How many commands are to come, if nobody fails.
        left: usize,
        /// Its number among those that run beside each other, from 0. It is about what began there last.
        lane: usize,
    },
    /// What ran beside others has ended.
    Verified {
        /// Its number.
        lane: usize,
    },
}

/// Listens to the engine. What it does with the events decides nothing.
pub trait Progress: Sync {
    /// Takes note of an event.
    fn event(&self, event: Event<'_>);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: Event<'_>) {}
}
