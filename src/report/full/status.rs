//! Where everybody stands, in columns; below an agent, what is in its way.

use super::super::Style;
use super::super::escape::terminal;
use super::super::paint::{Tone, paint};
use super::super::status::{PieceStand, Stand};
use super::wrap::hanging;
use std::io;
use unicode_width::UnicodeWidthStr;

/// What the columns are called.
const TITLES: [&str; 6] = ["agent", "status", "goals", "branch", "commits", "standing"];

/// The cells of a line, escaped.
struct Line {
    cells: [String; 6],
    tones: [Option<Tone>; 6],
}

/// Writes a line for each branch and milestone, those of one agent together; then a blank line.
pub(super) fn write(stands: &[Stand], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if stands.is_empty() {
        return Ok(());
    }
    let title = Line {
        cells: TITLES.map(str::to_owned),
        tones: [Some(Tone::Dim); 6],
    };
    let blocks: Vec<_> = stands.iter().map(|stand| (lines(stand), stand)).collect();
    let all = || blocks.iter().flat_map(|(lines, _)| lines).chain([&title]);
    let width = |column: usize| {
        // One long name does not push everybody's columns off the screen.
        let most = style.width / 3;
        let widths = all().map(|line| line.cells[column].width());
        widths.filter(|width| *width <= most).max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    write_line(&title, widths, style, out)?;
    for (lines, stand) in &blocks {
        for line in lines {
            write_line(line, widths, style, out)?;
        }
        for note in &stand.notes {
            write!(out, "{}", hanging("    ", &terminal(note), style.width))?;
        }
    }
    writeln!(out)
}

fn lines(stand: &Stand) -> Vec<Line> {
    let of_agent = [
        terminal(&stand.agent),
        stand.headway.to_owned(),
        stand.goals.clone(),
    ];
    let tones = [Some(Tone::Strong), Some(stand.tone), None];
    let mut pieces = stand.pieces.iter();
    let mut lines = vec![line(of_agent, tones, pieces.next())];
    lines.extend(pieces.map(|piece| line(Default::default(), [None; 3], Some(piece))));
    lines
}

fn line(agent: [String; 3], tones: [Option<Tone>; 3], piece: Option<&PieceStand>) -> Line {
    let [name, headway, goals] = agent;
    let (branch, distance, standing, tone) = match piece {
        Some(piece) => (
            terminal(&piece.name),
            piece.distance.clone(),
            piece.standing.to_owned(),
            Some(piece.tone),
        ),
        None => Default::default(),
    };
    Line {
        cells: [name, headway, goals, branch, distance, standing],
        tones: [tones[0], tones[1], tones[2], None, None, tone],
    }
}

fn write_line(
    line: &Line,
    widths: [usize; 6],
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut text = String::new();
    let mut owed = 0;
    for ((cell, tone), width) in line.cells.iter().zip(line.tones).zip(widths) {
        if !cell.is_empty() {
            text.push_str(&" ".repeat(owed));
            owed = 0;
            match tone {
                Some(tone) => text.push_str(&paint(style, tone, cell)),
                None => text.push_str(cell),
            }
        }
        owed += width.saturating_sub(cell.width()) + 2;
    }
    writeln!(out, "{text}")
}
