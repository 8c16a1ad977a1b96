//! The tests of gate from the outside, as one program.

mod fixtures;
