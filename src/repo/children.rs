//! The processes that gate itself has started: its gits and its supervisors, whoever asked for them.
//! Every other child of gate is an orphan that came to it.

use std::collections::BTreeSet;
use std::io::Result;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};

static OWN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// A child of gate's own, for as long as this exists: longer than it takes to wait for its end.
#[derive(Debug)]
pub struct OwnChild(u32);

impl OwnChild {
    /// Starts `command`. Nobody is taken for an orphan between its start and the note of it.
    pub fn start(command: &mut Command) -> Result<(Child, Self)> {
        let mut own = own();
        let child = command.spawn()?;
        let number = child.id();
        own.insert(number);
        Ok((child, Self(number)))
    }

    /// What `look` says of the numbers of gate's own children; none is started meanwhile.
    pub fn while_none_starts<T>(look: impl FnOnce(&BTreeSet<u32>) -> T) -> T {
        look(&own())
    }
}

impl Drop for OwnChild {
    fn drop(&mut self) {
        own().remove(&self.0);
    }
}

fn own() -> MutexGuard<'static, BTreeSet<u32>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}
