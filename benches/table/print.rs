//! The table as it is printed.

use super::Result;
use super::race::Race;
use std::time::Duration;

/// How much memory is enough.
const MOST_MEMORY: u64 = 200 << 20;

/// What is asked of a row.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    /// So many times faster than the reference.
    Faster(f64),
    /// At most so many times as long as the reference.
    AtMost(f64),
}

/// The rows about one repository.
pub(super) struct Table {
    repository: String,
    /// What must stand in the first column.
    only: String,
}

impl Table {
    /// Prints the heading.
    pub(super) fn begin(repository: &str, only: &str) -> Self {
        println!("\n| {repository} | gate | reference | ratio | asked for | met |");
        println!("|---|---|---|---|---|---|");
        Self {
            repository: repository.to_owned(),
            only: only.to_owned(),
        }
    }

    /// Whether there is to be a row about this work.
    pub(super) fn wants(&self, work: &str) -> bool {
        work.contains(&self.only)
    }

    /// Prints what comes of a race.
    pub(super) fn row(
        &self,
        work: &str,
        bound: Bound,
        race: impl FnOnce() -> Result<Race>,
    ) -> Result<()> {
        if !self.wants(work) {
            return Ok(());
        }
        let race = race()?;
        let (gate, reference) = (race.gate.as_secs_f64(), race.reference.as_secs_f64());
        let (ratio, asked, is_met) = match bound {
            Bound::Faster(least) => {
                let times = reference / gate;
                let ratio = format!("{times:.1} times faster");
                (ratio, format!("at least {least}"), times >= least)
            }
            Bound::AtMost(most) => {
                let times = gate / reference;
                let ratio = format!("{times:.2} times as long");
                (ratio, format!("at most {most}"), times <= most)
            }
        };
        let [gate, reference] = [race.gate, race.reference].map(milliseconds);
        let met = yes(is_met);
        println!("| {work} | {gate} | {reference} | {ratio} | {asked} | {met} |");
        eprintln!("{}: {work}: {ratio}", self.repository);
        Ok(())
    }

    /// Prints how much memory is needed, in bytes.
    pub(super) fn memory(&self, work: &str, peak: impl FnOnce() -> Result<u64>) -> Result<()> {
        if !self.wants(work) {
            return Ok(());
        }
        let bytes = peak()?;
        let (peak, most) = (bytes >> 20, MOST_MEMORY >> 20);
        let met = yes(bytes < MOST_MEMORY);
        println!("| {work} | {peak} MiB | | | under {most} MiB | {met} |");
        eprintln!("{}: {work}: {peak} MiB", self.repository);
        Ok(())
    }
}

fn yes(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "no" }
}

pub(super) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
