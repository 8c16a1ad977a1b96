//! The tests of gate from the outside, as one program.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod bad_input;
mod check;
mod fixtures;
mod init;
mod integrate;
mod readme;
mod staged;
mod support;
mod systems;
mod walls;
