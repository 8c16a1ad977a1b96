//! What a run did not verify itself, and who says that it passes.

use super::view::count;
use crate::engine::KnownPass;
use std::collections::BTreeMap;

/// How many of those that passed in this clone are named.
const NAMED: usize = 5;

/// A line for what passed in this clone before, and one for each remote that was believed, which names
/// everything that it was believed.
pub(super) fn lines(known: &[KnownPass]) -> Vec<String> {
    let mut here = Vec::new();
    let mut trusted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for pass in known {
        match &pass.trusted {
            None => here.push(pass.subject.as_str()),
            Some(by) => trusted.entry(&by.remote).or_default().push(&pass.subject),
        }
    }
    let mut lines = Vec::new();
    if !here.is_empty() {
        let number = count(here.len(), "verification");
        let more = here.len().saturating_sub(NAMED);
        here.truncate(NAMED);
        let and_more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let names = here.join(", ");
        lines.push(format!(
            "{number} not run again, passed before on the same tree: {names}{and_more}"
        ));
    }
    lines.extend(trusted.into_iter().map(|(remote, subjects)| {
        let number = count(subjects.len(), "verification");
        let names = subjects.join(", ");
        format!("{number} not run, trusted to have passed by what {remote} says: {names}")
    }));
    lines
}
