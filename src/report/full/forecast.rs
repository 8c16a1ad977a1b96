//! Who will conflict with whom: the branches in the order of the plan, the pairs that clash, and every
//! two branches as a matrix.

use super::super::Style;
use super::super::escape::terminal;
use super::super::forecast::{Forecast, Mark};
use super::super::paint::{Tone, paint};
use super::wrap::hanging;
use std::io;
use unicode_width::UnicodeWidthStr;

/// How many columns a cell of the matrix has.
const CELL: usize = 3;
/// How many columns of the matrix the name of a branch may take.
const LABEL: usize = 30;

/// Writes `forecast`.
pub(super) fn write(forecast: &Forecast, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if forecast.branches.is_empty() {
        return Ok(());
    }
    writeln!(out, "in the order of the plan")?;
    for (at, row) in forecast.branches.iter().enumerate() {
        let tone = if row.is_good { Tone::Good } else { Tone::Bad };
        let fate = paint(style, tone, row.fate);
        let gap = " ".repeat(9 - row.fate.len());
        let name = terminal(&row.name);
        writeln!(out, "{:>4}. {fate}{gap}{name}", at + 1)?;
        if !row.detail.is_empty() {
            let detail = terminal(&row.detail);
            write!(out, "{}", hanging(&" ".repeat(15), &detail, style.width))?;
        }
    }
    writeln!(out)?;
    if !forecast.clashes.is_empty() {
        writeln!(out, "clashes")?;
        for (first, second, place) in &forecast.clashes {
            let title = format!("{:>4} and {}: ", first + 1, second + 1);
            write!(out, "{}", hanging(&title, &terminal(place), style.width))?;
        }
        writeln!(out)?;
    }
    matrix(forecast, style, out)
}

/// Every two branches that have something to merge: each branch has a row, and each that comes before
/// another one a column. Where there are more columns than fit, the matrix is written in parts.
fn matrix(forecast: &Forecast, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let shown = forecast.branches.iter().enumerate();
    let shown = shown.filter(|(_, row)| row.has_work).map(|(at, _)| at);
    let shown: Vec<_> = shown.collect();
    if shown.len() < 2 {
        return Ok(());
    }
    let names: Vec<_> = shown.iter().map(|at| label(forecast, *at)).collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let room = (style.width.saturating_sub(6 + width) / CELL).max(1);
    for (part, columns) in shown[..shown.len() - 1].chunks(room).enumerate() {
        let numbers = columns.iter().map(|at| format!("{:>CELL$}", at + 1));
        writeln!(
            out,
            "{:width$}{}",
            "",
            numbers.collect::<String>(),
            width = 6 + width
        )?;
        for (row, name) in shown.iter().zip(&names).skip(part * room + 1) {
            let mut line = format!("{:>4}. {name}", row + 1);
            line.push_str(&" ".repeat(width - name.width()));
            for column in columns.iter().filter(|column| *column < row) {
                let mark = mark(forecast, *column, *row);
                let sign = format!("{:>CELL$}", mark.sign());
                line.push_str(&match mark {
                    Mark::Clashes | Mark::Untold => paint(style, Tone::Bad, &sign),
                    Mark::Apart | Mark::Merges => sign,
                });
            }
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    let mut signs = vec![". cannot meet", "+ merges", "x clashes"];
    if forecast.met.iter().any(|(.., mark)| *mark == Mark::Untold) {
        signs.push("? not told: one of them does not merge alone");
    }
    writeln!(out, "{}\n", signs.join("   "))
}

/// The name of the branch at `at`, cut short where it is long.
fn label(forecast: &Forecast, at: usize) -> String {
    let name = terminal(&forecast.branches[at].name);
    if name.width() <= LABEL {
        return name;
    }
    let mut label = String::new();
    for character in name.chars() {
        let longer = format!("{label}{character}");
        if longer.width() >= LABEL {
            break;
        }
        label = longer;
    }
    label.push('…');
    label
}

fn mark(forecast: &Forecast, first: usize, second: usize) -> Mark {
    let place = forecast
        .met
        .binary_search_by_key(&(first, second), |(one, other, _)| (*one, *other));
    place.map_or(Mark::Untold, |place| forecast.met[place].2)
}
