//! Landlock: a thread gives up writing anywhere but below some folders, for itself and for all that it
//! starts.

use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use std::io::{Error, Result};
use std::path::PathBuf;
use std::thread::Builder;

/// The first version that keeps files from being cut short by their names, without which much outside could
/// still be destroyed.
const OLDEST: ABI = ABI::V3;
/// The devices that everybody may write to.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];
/// The folder of shared memory, for which there is no variable that would name another one.
const SHARED_MEMORY: &str = "/dev/shm";

/// Whether this system has it, as far as it is needed.
pub(super) fn is_there() -> bool {
    // By a thread that gives up nothing but what it never does, and ends.
    let tried = Builder::new().spawn(|| restrict(&[]).is_ok());
    tried.is_ok_and(|thread| thread.join().unwrap_or(false))
}

/// From now on this thread, and all that it starts, writes only below these folders, to the usual devices
/// and into shared memory. Where the system is new enough, it can send signals only to what it has started.
pub(super) fn restrict(writable: &[PathBuf]) -> Result<()> {
    let writing = AccessFs::from_write(OLDEST);
    let rules = writable.iter().map(|folder| (folder.clone(), writing));
    let there = |(path, _): &(PathBuf, _)| path.exists();
    let devices = DEVICES.iter().map(PathBuf::from);
    let devices = devices.map(|device| (device, AccessFs::WriteFile | AccessFs::Truncate));
    let usual = devices.chain([(PathBuf::from(SHARED_MEMORY), writing)]);
    let rules: Vec<_> = rules.chain(usual.filter(there)).collect();
    match restricted(writing, &rules).map_err(Error::other)? {
        RulesetStatus::NotEnforced => Err(Error::other("this system does not enforce it")),
        RulesetStatus::PartiallyEnforced | RulesetStatus::FullyEnforced => Ok(()),
    }
}

/// Gives up what is `writing` but for these rules.
fn restricted(
    writing: BitFlags<AccessFs>,
    rules: &[(PathBuf, BitFlags<AccessFs>)],
) -> std::result::Result<RulesetStatus, Box<dyn std::error::Error + Send + Sync>> {
    let mut made = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(writing)?
        .set_compatibility(CompatLevel::BestEffort)
        .scope(Scope::Signal)?
        .create()?
        .set_compatibility(CompatLevel::HardRequirement);
    for (path, access) in rules {
        made = made.add_rule(PathBeneath::new(PathFd::new(path)?, *access))?;
    }
    Ok(made.restrict_self()?.ruleset)
}
