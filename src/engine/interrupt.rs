//! Whether gate has been asked to end.

use crate::words::{Code, Finding, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of the signal that asks a process to end.
const SIGTERM: usize = 15;

/// The signal by which gate has been asked to end, if it has. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Where whoever catches a signal writes its number; 0 stands for none.
    pub fn flag(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0)
    }

    /// The number of the signal.
    pub fn signal(&self) -> Option<u8> {
        let number = self.0.load(Ordering::Relaxed);
        u8::try_from(number).ok().filter(|number| *number > 0)
    }

    /// Asks for the end, as if by a signal.
    pub(super) fn end(&self) {
        self.0.store(SIGTERM, Ordering::Relaxed);
    }

    /// Fails if gate has been asked to end.
    ///
    /// # Errors
    /// [`Code::Interrupted`]
    pub(super) fn check(&self) -> Result<()> {
        match self.signal() {
            Some(signal) => Err(Box::new(interrupted(signal))),
            None => Ok(()),
        }
    }
}

/// The finding that gate was ended by this signal before it changed anything.
pub(super) fn interrupted(signal: u8) -> Finding {
    let message = format!("ended by signal {signal}: nothing was changed");
    Finding::new(Code::Interrupted, message).hint("run it again: it begins from the start")
}
