//! Signals that ask gate to end: what it began is ended first.

use super::unwritable;
use crate::engine::{Interrupt, Outcome};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What shells add to the number of a signal.
const SIGNALLED: i32 = 128;

/// From now on a file that must not grow further is an error like any other, and no end without a word.
pub(super) fn outlive_limits() -> Outcome<()> {
    let never_read = Arc::new(AtomicBool::new(false));
    let caught = flag::register(SIGXFSZ, never_read);
    caught.map_err(|error| unwritable("cannot listen to signals", &error))?;
    Ok(())
}

/// From now on a signal is noted instead of ending gate; a second one ends it at once. Those that
/// whoever started gate has it ignore, as `nohup` does, stay ignored.
pub(super) fn catch() -> Outcome<Interrupt> {
    let interrupt = Interrupt::default();
    let again = Arc::new(AtomicBool::new(false));
    let ignored = ignored();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        if ignored & (1 << (signal - 1)) != 0 {
            continue;
        }
        let number = usize::try_from(signal).unwrap_or_default();
        flag::register_conditional_shutdown(signal, SIGNALLED + signal, Arc::clone(&again))
            .and_then(|_| flag::register(signal, Arc::clone(&again)))
            .and_then(|_| flag::register_usize(signal, interrupt.flag(), number))
            .map_err(|error| unwritable("cannot listen to signals", &error))?;
    }
    Ok(interrupt)
}

/// The signals that are ignored, the lowest bit standing for number 1: only Linux says so to a
/// program that does not want to change it.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}
