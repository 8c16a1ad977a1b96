//! `gate supervise`: the process that gate starts for each verify command.

use super::unwritable;
use crate::engine::{self, Outcome, Sandbox, Supervision};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Where Linux has the program of whoever asks, also when its file has been replaced meanwhile.
const OWN_PROGRAM: &str = "/proc/self/exe";

pub(super) fn run() -> Outcome<u8> {
    engine::supervise()?;
    Ok(0)
}

/// How verify commands are run: under this very program, up to `jobs` at a time, in such a sandbox.
pub(super) fn supervision(jobs: NonZeroUsize, sandbox: Sandbox) -> Outcome<Supervision> {
    let program = if cfg!(target_os = "linux") {
        PathBuf::from(OWN_PROGRAM)
    } else {
        std::env::current_exe()
            .map_err(|error| unwritable("cannot find the program that this is", &error))?
    };
    Ok(Supervision {
        program,
        jobs,
        sandbox,
    })
}
