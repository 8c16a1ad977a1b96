//! `gate supervise`: the process that gate starts for each verify command.

use super::args::values;
use super::unwritable;
use crate::engine::{self, Outcome, Sandbox, Supervision};
use crate::words::{Code, Finding, Result};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Where Linux has the program of whoever asks, also when its file has been replaced meanwhile.
const OWN_PROGRAM: &str = "/proc/self/exe";

pub(super) fn run() -> Outcome<u8> {
    engine::supervise()?;
    Ok(0)
}

/// How verify commands are run: under this very program, up to `jobs` at a time, in such a sandbox: if none is
/// named, in the one that `GATE_SANDBOX` names.
pub(super) fn supervision(jobs: NonZeroUsize, sandbox: Option<Sandbox>) -> Outcome<Supervision> {
    let sandbox = sandbox.map_or_else(sandbox_of_environment, Ok)?;
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

/// The usual one where `GATE_SANDBOX` is not set, or empty.
fn sandbox_of_environment() -> Result<Sandbox> {
    let when = std::env::var_os("GATE_SANDBOX").unwrap_or_default();
    if when.is_empty() {
        return Ok(Sandbox::default());
    }
    values::sandbox(&when.to_string_lossy()).map_err(|complaint| {
        let message = format!("the environment variable GATE_SANDBOX is wrong: {complaint}");
        Box::new(Finding::new(Code::Usage, message))
    })
}
