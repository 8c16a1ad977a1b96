//! How fast gate is, beside what people would use instead: one table, medians of rounds that alternate,
//! and no row whose two sides do not give the same answer.
//!
//! ```text
//! cargo bench --bench table -- [REPOSITORY…]
//! ```
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table is all that a benchmark has to say"
)]

mod clash;
mod merging;
mod print;
mod race;
mod repository;
mod rows;
mod scaling;

use self::print::Bound::{AtMost, Faster};
use self::print::Table;
use self::repository::{FULL, Repository, Size};
use std::error::Error;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // cargo adds `--bench`.
    let arguments = std::env::args().skip(1);
    let repositories: Vec<PathBuf> = arguments
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    generated()?;
    for source in &repositories {
        real(source)?;
    }
    scaling::print()
}

/// What is measured on a repository with branches of many agents.
fn checks(table: &Table, make: impl Fn(&str) -> Result<Repository>, faster: f64) -> Result<()> {
    let repository = make("net")?;
    let race = rows::net(&repository)?;
    table.row("`check branch --all`, net", &race, Faster(faster));
    table.row(
        "`check branch B`",
        &rows::one_branch(&repository)?,
        AtMost(1.25),
    );
    table.row("`who PATH`", &rows::who(&repository)?, AtMost(3.0));
    let race = rows::diffs(&repository)?;
    table.row("the diffs alone, CPU time", &race, AtMost(2.0));
    let race = rows::staged_above(&repository)?;
    table.row("`check staged`", &race, AtMost(1.25));
    table.memory("peak memory, net", rows::peak(&repository)?);
    let repository = make("every-commit")?;
    let race = rows::every_commit(&repository)?;
    table.row("`check branch --all`, every-commit", &race, Faster(10.0));
    table.memory("peak memory, every-commit", rows::peak(&repository)?);
    Ok(())
}

fn generated() -> Result<()> {
    let table = Table::begin("generated");
    checks(&table, |history| Repository::generated(FULL, history), 20.0)?;
    for files in [3_000, 100_000] {
        let work = format!("`check staged`, {files} files");
        table.row(&work, &rows::staged(files)?, AtMost(1.25));
    }
    let race = merging::integrate(&Repository::generated(FULL, "net")?)?;
    table.row("`integrate`, disjoint, written out", &race, Faster(15.0));
    match clash::conflicts()? {
        Some(race) => table.row("`conflicts`, 21 branches, 5000 files", &race, Faster(20.0)),
        None => eprintln!(
            "There is no row for `gate conflicts`: `clash` is not on the PATH. `cargo install clash-sh` installs it."
        ),
    }
    Ok(())
}

fn real(source: &Path) -> Result<()> {
    let name = source.file_stem().unwrap_or_default().to_string_lossy();
    let table = Table::begin(&name);
    let size = Size { agents: 50, ..FULL };
    // A diff of git's own repository takes longer for its history, and its bound is another one.
    let faster = if name == "git" { 10.0 } else { 20.0 };
    let make = |history: &str| Repository::on_top_of(source, size, history);
    checks(&table, make, faster)?;
    let race = merging::pairs(source)?;
    table.row("the last 200 merges, each pair alone", &race, AtMost(1.0));
    let race = merging::queue(source)?;
    table.row(
        "`integrate` the last 200 merges as branches",
        &race,
        AtMost(1.0),
    );
    Ok(())
}
