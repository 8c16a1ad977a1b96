//! Other systems: what leaves the process group is not found.

#![expect(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "the same face as on Linux, where all of it can fail"
)]

use rustix::process::{Pid, Signal, test_kill_process_group};
use std::io::Result;

/// How often the children alone are looked for: here this is never done.
pub(super) const PASSES: usize = 1;

/// Somebody in the process group of a command.
pub(super) struct Survivor(Pid);

impl Survivor {
    /// Does nothing: only its group is known, which has got the signal.
    pub(super) fn signal(&self, _signal: Signal) {}

    pub(super) fn name(&self) -> String {
        format!("process group {}", self.0)
    }
}

/// There is nothing to begin: orphans go to the first process of the system.
pub(super) fn adopt() -> Result<()> {
    Ok(())
}

/// Whether anybody is in the group that its leader `group` has left.
pub(super) fn survivors(group: Pid) -> Result<Vec<Survivor>> {
    let found = test_kill_process_group(group).map(|()| Survivor(group));
    Ok(found.into_iter().collect())
}

/// There is no list of them.
pub(super) fn kill_children() {}

/// Whether nobody is in the group that its leader `command` has left.
pub(super) fn is_deserted(command: Pid) -> Result<bool> {
    Ok(survivors(command)?.is_empty())
}

/// What a supervisor leaves behind that is killed: nothing of it comes to gate.
pub(super) struct Inheritance;

impl Inheritance {
    pub(super) fn expect() -> Result<Self> {
        Ok(Self)
    }

    /// Ends nothing: nothing is known of it but its group.
    pub(super) fn end(&self) -> Result<bool> {
        Ok(true)
    }
}
