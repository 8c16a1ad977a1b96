//! Other systems: what leaves the process group is not found.

#![expect(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "the same face as on Linux, where all of it can fail"
)]

use super::Survivor;
use rustix::process::{Pid, test_kill_process_group};
use std::io::Result;

pub(super) struct Orphans;

impl Orphans {
    /// There is nothing to begin: orphans go to the first process of the system.
    pub(super) fn adopt() -> Result<Self> {
        Ok(Self)
    }

    /// Whether anybody is in the group that its leader `group` has left.
    pub(super) fn survivors(&self, group: Pid) -> Result<Vec<Survivor>> {
        let survivor = Survivor {
            pid: None,
            name: format!("process group {group}"),
        };
        Ok(match test_kill_process_group(group) {
            Ok(()) => vec![survivor],
            Err(_) => Vec::new(),
        })
    }
}
