//! gate: a git-native ownership enforcer and merge gate.
//!
//! The rooms, from the ground up; none of them uses one that stands further down in this list:
//! [`words`], [`manifest`], [`ownership`], [`verdict`], [`plan`] (pure), [`repo`] (git), [`engine`]
//! (check and integrate), [`report`] (formats) and [`cli`] (arguments, terminal, exit code).

pub mod cli;
pub mod engine;
pub mod manifest;
pub mod ownership;
pub mod plan;
pub mod repo;
pub mod report;
pub mod verdict;
pub mod words;
