//! Many at once: what lands beside others is there, and the same work comes to the same commit.
//!
//! `GATE_CROWD_ROUNDS` says how often eight gates integrate at once, `GATE_CROWD_ORDERS` in how many orders
//! the same branches are made.

mod at_once;
mod orders;

/// What the environment says under `variable`.
fn number(variable: &str, default: usize) -> usize {
    let text = std::env::var(variable).ok();
    text.map_or(default, |text| text.parse().expect("a number"))
}
