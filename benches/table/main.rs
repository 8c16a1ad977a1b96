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

mod merging;
mod race;
mod repository;
mod rows;
mod scaling;

use self::race::Race;
use self::repository::{FULL, Repository, Size};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // cargo adds `--bench`.
    let arguments = std::env::args().skip(1);
    let repositories: Vec<PathBuf> = arguments
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    println!("| work | repository | gate | reference | |");
    println!("|---|---|---|---|---|");
    let generated = |history| Repository::generated(FULL, history);
    let name = "generated";
    let repository = generated("net")?;
    row("check branch --all, net", name, &rows::net(&repository)?);
    row("check branch B", name, &rows::one_branch(&repository)?);
    row("who PATH", name, &rows::who(&repository)?);
    row("the diffs alone, CPU", name, &rows::diffs(&repository)?);
    row("integrate", name, &merging::integrate(&repository)?);
    let repository = generated("every-commit")?;
    row(
        "check branch --all, every-commit",
        name,
        &rows::every_commit(&repository)?,
    );
    for files in [3_000, 100_000] {
        row(
            "check staged",
            &format!("{files} files"),
            &rows::staged(files)?,
        );
    }
    match merging::conflicts()? {
        Some(race) => row("conflicts, 21 branches", "5000 files", &race),
        None => eprintln!("no row for conflicts: there is no `clash` on the PATH"),
    }
    for source in &repositories {
        let name = source.file_name().unwrap_or_default().to_string_lossy();
        let above = |history| {
            let size = Size { agents: 50, ..FULL };
            Repository::on_top_of(source, size, history)
        };
        let repository = above("net")?;
        row("check branch --all, net", &name, &rows::net(&repository)?);
        row("check branch B", &name, &rows::one_branch(&repository)?);
        row("the diffs alone, CPU", &name, &rows::diffs(&repository)?);
        let peak = rows::peak(&repository)?;
        println!(
            "| peak memory of it | {name} | {} MiB | | |",
            peak / (1 << 20)
        );
        let repository = above("every-commit")?;
        row(
            "check branch --all, every-commit",
            &name,
            &rows::every_commit(&repository)?,
        );
        row(
            "integrate the last 200 merges",
            &name,
            &merging::merges(source)?,
        );
    }
    scaling::print()
}

fn row(work: &str, repository: &str, race: &Race) {
    let Race { gate, reference } = *race;
    let times = reference.as_secs_f64() / gate.as_secs_f64();
    let [gate, reference] = [gate, reference].map(milliseconds);
    println!("| {work} | {repository} | {gate} | {reference} | {times:.2} times |");
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
