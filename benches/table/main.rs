//! How fast gate is, beside what people would use instead: one table, medians of rounds that alternate,
//! and no row whose two sides do not give the same answer.
//!
//! ```text
//! cargo bench --bench table -- [--only=TEXT] [REPOSITORY…]
//! ```
//!
//! With `--only`, no more than the rows in whose first column that text stands.
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
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // cargo adds `--bench`.
    let (options, repositories): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .partition(|argument| argument.starts_with("--"));
    let only = match &options[..] {
        [] => String::new(),
        [option] => match option.strip_prefix("--only=") {
            Some(text) => text.to_owned(),
            None => return Err(format!("there is no option {option}").into()),
        },
        _ => return Err("there is one option, --only=TEXT".into()),
    };
    generated(&only)?;
    for source in &repositories {
        real(Path::new(source), &only)?;
    }
    if only.is_empty() {
        scaling::print()?;
    }
    Ok(())
}

/// What is measured on a repository with branches of many agents.
fn checks(table: &Table, make: impl Fn(&str) -> Result<Repository>, faster: f64) -> Result<()> {
    let works = [
        "`check branch --all`, net",
        "`check branch B`",
        "`who PATH`",
        "the diffs alone, CPU time",
        "`check staged`",
        "peak memory, net",
    ];
    if works.iter().any(|work| table.wants(work)) {
        let net = make("net")?;
        table.row(works[0], Faster(faster), || rows::net(&net))?;
        table.row(works[1], AtMost(1.25), || rows::one_branch(&net))?;
        table.row(works[2], AtMost(3.0), || rows::who(&net))?;
        table.row(works[3], AtMost(2.0), || rows::diffs(&net))?;
        table.row(works[4], AtMost(1.25), || rows::staged_above(&net))?;
        table.memory(works[5], || rows::peak(&net))?;
    }
    let works = [
        "`check branch --all`, every-commit",
        "peak memory, every-commit",
    ];
    if works.iter().any(|work| table.wants(work)) {
        let each = make("every-commit")?;
        table.row(works[0], Faster(10.0), || rows::every_commit(&each))?;
        table.memory(works[1], || rows::peak(&each))?;
    }
    Ok(())
}

fn generated(only: &str) -> Result<()> {
    let table = Table::begin("generated", only);
    let make = |history: &str| Repository::generated(FULL, history);
    checks(&table, make, 20.0)?;
    for files in [3_000, 100_000] {
        let work = format!("`check staged`, {files} files");
        table.row(&work, AtMost(1.25), || rows::staged(files))?;
    }
    table.row("`integrate`, disjoint, written out", Faster(15.0), || {
        merging::integrate(&make("net")?)
    })?;
    let work = "`conflicts`, 21 branches, 5000 files";
    if clash::is_there() {
        table.row(work, Faster(20.0), clash::conflicts)?;
    } else if table.wants(work) {
        eprintln!(
            "There is no row for `gate conflicts`: `clash` is not on the PATH. `cargo install clash-sh` installs it."
        );
    }
    Ok(())
}

fn real(source: &Path, only: &str) -> Result<()> {
    let name = source.file_stem().unwrap_or_default().to_string_lossy();
    let table = Table::begin(&name, only);
    let size = Size { agents: 50, ..FULL };
    // git's history makes a check take longer, and the bound is another one.
    let faster = if name == "git" { 10.0 } else { 20.0 };
    let make = |history: &str| Repository::on_top_of(source, size, history);
    checks(&table, make, faster)?;
    let work = "the last 200 merges, each pair alone";
    table.row(work, AtMost(1.0), || merging::pairs(source))?;
    let work = "`integrate` the last 200 merges as branches";
    table.row(work, AtMost(1.0), || merging::queue(source))
}
