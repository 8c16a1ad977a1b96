//! What a check of all branches costs as one thing grows and all else stays.

use super::print::milliseconds;
use super::repository::{Repository, Size};
use super::{Result, rows};

/// Where each thing begins.
const SMALL: Size = Size {
    files: 10_000,
    branches: 250,
    agents: 50,
    patterns: 500,
};

/// The factors by which it grows.
const FACTORS: [usize; 4] = [1, 2, 4, 8];

/// Makes one thing so many times larger.
type Grow = fn(&mut Size, usize);

/// Prints the table.
pub(super) fn print() -> Result<()> {
    println!("\n| check branch --all with | 1 | 2 | 4 | 8 times as many |");
    println!("|---|---|---|---|---|");
    let ways: [(&str, Grow); 4] = [
        ("250 branches", |size, factor| size.branches *= factor),
        ("10,000 files", |size, factor| size.files *= factor),
        ("500 patterns", |size, factor| size.patterns *= factor),
        ("50 agents", |size, factor| size.agents *= factor),
    ];
    for (name, grow) in ways {
        let mut cells = Vec::new();
        for factor in FACTORS {
            let mut size = SMALL;
            grow(&mut size, factor);
            // Every agent has a pattern, and a branch.
            size.patterns = size.patterns.max(size.agents);
            size.branches = size.branches.max(size.agents);
            let repository = Repository::generated(size, "net")?;
            cells.push(milliseconds(rows::check(&repository)?));
        }
        println!("| {name} | {} |", cells.join(" | "));
    }
    Ok(())
}
