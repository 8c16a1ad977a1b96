//! What is to be said of lines that a manifest cannot say as they stand.

use crate::words::Span;
use std::collections::HashMap;

/// A line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: usize,
    /// Its place, without white space at its ends.
    pub(super) span: Span,
}

/// Something to be said of some lines.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) reason: String,
    /// In ascending order.
    pub(super) lines: Vec<Line>,
}

/// Everything that is to be said, each reason once.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks {
    remarks: Vec<Remark>,
    places: HashMap<String, usize>,
}

impl Remarks {
    /// Says `reason` of `line`.
    pub(super) fn add(&mut self, line: Line, reason: impl Into<String>) {
        let reason = reason.into();
        let place = *self.places.entry(reason).or_insert_with_key(|reason| {
            self.remarks.push(Remark {
                reason: reason.clone(),
                lines: Vec::new(),
            });
            self.remarks.len() - 1
        });
        let lines = &mut self.remarks[place].lines;
        if let Err(at) = lines.binary_search(&line) {
            lines.insert(at, line);
        }
    }

    /// In the order of the first lines.
    pub(super) fn sorted(&self) -> Vec<&Remark> {
        let mut sorted: Vec<&Remark> = self.remarks.iter().collect();
        sorted.sort_by_key(|remark| remark.lines.first());
        sorted
    }
}

impl Remark {
    /// `line 3`, `lines 3, 5-9 and 12 more`.
    pub(super) fn numbers(&self) -> String {
        /// So many numbers or ranges are written out.
        const WRITTEN: usize = 40;
        let numbers: Vec<usize> = self.lines.iter().map(|line| line.number).collect();
        let ranges = ranges(&numbers);
        let (written, rest) = ranges.split_at(ranges.len().min(WRITTEN));
        let more = match rest
            .iter()
            .map(|(first, last)| last - first + 1)
            .sum::<usize>()
        {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        let noun = if self.lines.len() == 1 {
            "line"
        } else {
            "lines"
        };
        format!("{noun} {}{more}", listed(written))
    }
}

/// The first and last numbers of the runs in `numbers`, which ascend.
pub(super) fn ranges(numbers: &[usize]) -> Vec<(usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 >= *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    ranges
}

/// `3, 5-9`.
pub(super) fn listed(ranges: &[(usize, usize)]) -> String {
    let range = |(first, last): &(usize, usize)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(", ")
}
