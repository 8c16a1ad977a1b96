//! The tests of gate from the outside, as one program.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod as_written;
mod asked;
mod attacks;
mod bad_input;
mod check;
mod ci;
mod codes;
mod conflicts;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod crash;
mod crowd;
mod fixtures;
mod fuzz;
mod hooks;
mod init;
mod integrate;
mod jobs;
mod kept;
mod landing;
mod machines;
mod merges;
mod messages;
mod milestones;
mod misbehaviour;
mod names;
mod oracle;
mod passes;
mod plan;
mod promises;
mod readme;
mod receive;
mod records;
mod rules;
mod same_verdict;
mod sandbox;
mod staged;
mod status;
mod supervisors;
mod support;
mod systems;
mod undo;
mod unreadable;
mod upstream;
mod verify;
mod walls;
mod who;
