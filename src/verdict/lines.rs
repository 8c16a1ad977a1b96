//! Which lines a change touches: what the rules of shared paths, and the conflicts of merges, are
//! about. A line ends behind its line feed.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// How much of a file is looked at to tell whether it is text: as much as git looks at.
const LOOKED_AT: usize = 8_000;
/// Where more lines than this differ, with nothing equal before or behind them, they count as one
/// change: comparing them could take minutes.
const MOST_COMPARED: usize = 20_000;

/// What a change does to the lines that were in a file before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// They are all there, in front of what is new. The last one may have got the line feed that it
    /// lacked.
    Appends,
    /// One of them is not as it was, or something stands before it.
    Rewrites {
        /// The first such line, from 1.
        line: usize,
    },
}

/// Lines of one version that stand where another version has others, or none. Lines count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The lines of the version that came before; empty where lines are only added.
    pub before: Range<usize>,
    /// The lines that stand in their place; empty where they are only removed.
    pub after: Range<usize>,
}

/// Where two changes of one version overlap or touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The lines of the version before both that either of them changes.
    pub before: Range<usize>,
    /// The first change.
    pub one: Share,
    /// The second change.
    pub other: Share,
}

/// What one of two changes does where they meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The lines of the version before that it changes itself.
    pub changed: Range<usize>,
    /// What stands in its version for all the lines where they meet.
    pub stands: Range<usize>,
}

impl Edit {
    /// What a change from `before` to `after` does.
    pub fn between(before: &[u8], after: &[u8]) -> Self {
        let (old, new) = (lines(before), lines(after));
        let same = old.iter().zip(&new).take_while(|(old, new)| old == new);
        let same = same.count();
        let rewrites = Self::Rewrites { line: same + 1 };
        match &old[same..] {
            [] => Self::Appends,
            // The last line without its end: that may come, and nothing else.
            [last] if !last.ends_with(b"\n") => match new.get(same) {
                Some(line) if ends_what(last, line) => Self::Appends,
                _ => rewrites,
            },
            _ => rewrites,
        }
    }
}

/// Whether `line` is `last` with the end that it lacked, of one kind or the other.
fn ends_what(last: &[u8], line: &[u8]) -> bool {
    matches!(line.strip_prefix(last), Some(b"\n" | b"\r\n"))
}

/// Whether git takes a file with this content for something else than text.
pub fn is_binary(content: &[u8]) -> bool {
    content.iter().take(LOOKED_AT).any(|byte| *byte == 0)
}

/// The lines of a file, each with its line feed if it has one.
pub fn lines(content: &[u8]) -> Vec<&[u8]> {
    content.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Where `after` differs from `before`, in order; what is next to each other is one hunk.
pub fn hunks(before: &[&[u8]], after: &[&[u8]]) -> Vec<Hunk> {
    let equal = |(one, other): &(&&[u8], &&[u8])| one == other;
    let head = before.iter().zip(after).take_while(equal).count();
    let (old, new) = (&before[head..], &after[head..]);
    let tail = old.iter().rev().zip(new.iter().rev());
    let tail = tail.take_while(equal).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let shift = |range: Range<usize>| range.start + head..range.end + head;
    if old.len() + new.len() > MOST_COMPARED {
        return vec![Hunk {
            before: shift(0..old.len()),
            after: shift(0..new.len()),
        }];
    }
    let mut hunks: Vec<Hunk> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, old, new) {
        if matches!(operation, DiffOp::Equal { .. }) {
            continue;
        }
        let (before, after) = (shift(operation.old_range()), shift(operation.new_range()));
        match hunks.last_mut() {
            Some(last) if last.before.end == before.start && last.after.end == after.start => {
                (last.before.end, last.after.end) = (before.end, after.end);
            }
            _ => hunks.push(Hunk { before, after }),
        }
    }
    hunks
}

/// Where changes `one` and `other` of the same version overlap or touch, in order.
pub fn meetings(one: &[Hunk], other: &[Hunk]) -> Vec<Meeting> {
    let (mut one, mut other) = (one, other);
    let mut meetings = Vec::new();
    while let (Some(a), Some(b)) = (one.first(), other.first()) {
        if a.before.end < b.before.start {
            one = &one[1..];
        } else if b.before.end < a.before.start {
            other = &other[1..];
        } else {
            let (of_one, of_other) = group(one, other);
            let before = a.before.start.min(b.before.start)
                ..end(&one[..of_one]).max(end(&other[..of_other]));
            meetings.push(Meeting {
                one: share(&one[..of_one], &before),
                other: share(&other[..of_other], &before),
                before,
            });
            (one, other) = (&one[of_one..], &other[of_other..]);
        }
    }
    meetings
}

/// How many hunks of either side hang together with the first ones, which meet.
fn group(one: &[Hunk], other: &[Hunk]) -> (usize, usize) {
    let (mut of_one, mut of_other) = (1, 1);
    loop {
        let reach = end(&one[..of_one]).max(end(&other[..of_other]));
        let reached = |hunks: &[Hunk]| {
            let near = hunks.iter().take_while(|hunk| hunk.before.start <= reach);
            near.count()
        };
        let grown = (reached(one), reached(other));
        if grown == (of_one, of_other) {
            return grown;
        }
        (of_one, of_other) = grown;
    }
}

/// Where the last of some hunks ends in the version before.
fn end(hunks: &[Hunk]) -> usize {
    hunks.last().map_or(0, |hunk| hunk.before.end)
}

/// What `hunks` do within the lines `before`.
fn share(hunks: &[Hunk], before: &Range<usize>) -> Share {
    let (Some(first), Some(last)) = (hunks.first(), hunks.last()) else {
        return Share {
            changed: before.start..before.start,
            stands: 0..0,
        };
    };
    let start = first.after.start - (first.before.start - before.start);
    let end = last.after.end + (before.end - last.before.end);
    Share {
        changed: first.before.start..last.before.end,
        stands: start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn appending_leaves_every_line_as_it_was() {
        let rewrites = |line| Edit::Rewrites { line };
        for (before, after, expected) in [
            ("a\nb\n", "a\nb\nc\n", Edit::Appends),
            ("a\nb\n", "a\nb\nc", Edit::Appends),
            ("a\nb\n", "a\nb\n", Edit::Appends),
            ("", "a", Edit::Appends),
            ("a\nb", "a\nb\n", Edit::Appends),
            ("a\nb", "a\nb\nc\n", Edit::Appends),
            ("a\r\nb", "a\r\nb\r\nc\r\n", Edit::Appends),
            ("a\nb", "a\nbc\n", rewrites(2)),
            ("a\nb", "a\nb c", rewrites(2)),
            ("a\nb\n", "a\nb", rewrites(2)),
            ("a\nb\n", "a\n", rewrites(2)),
            ("a\nb\n", "", rewrites(1)),
            ("a\nb\n", "x\na\nb\n", rewrites(1)),
            ("a\nb\n", "a\nx\nb\n", rewrites(2)),
            ("a\nb\n", "a\nb\r\n", rewrites(2)),
        ] {
            let edit = Edit::between(before.as_bytes(), after.as_bytes());
            assert_eq!(edit, expected, "{before:?} {after:?}");
        }
    }

    /// Where two changes of `before` meet, as ranges of its lines.
    fn meet(before: &str, one: &str, other: &str) -> Vec<(Range<usize>, Range<usize>)> {
        let before = lines(before.as_bytes());
        let hunks = |text: &str| hunks(&before, &lines(text.as_bytes()));
        let meetings = meetings(&hunks(one), &hunks(other)).into_iter();
        let ranges = meetings.map(|meeting| (meeting.one.changed, meeting.other.changed));
        ranges.collect()
    }

    const SIX: &str = "1\n2\n3\n4\n5\n6\n";

    #[test]
    fn changes_meet_where_they_overlap_or_touch() {
        let change = |from: &str, to: &str| SIX.replace(from, to);
        assert_eq!(meet(SIX, &change("2", "x"), &change("4", "y")), []);
        let touching = meet(SIX, &change("2", "x"), &change("3", "y"));
        assert_eq!(touching, [(1..2, 2..3)]);
        let same = meet(SIX, &change("2", "x"), &change("2", "x"));
        assert_eq!(same, [(1..2, 1..2)]);
        let ends = |text: &str| format!("{SIX}{text}\n");
        assert_eq!(meet(SIX, &ends("x"), &ends("y")), [(6..6, 6..6)]);
        assert_eq!(meet(SIX, &ends("x"), &change("6", "y")), [(6..6, 5..6)]);
        assert_eq!(meet(SIX, &ends("x"), &change("5", "y")), []);
        assert_eq!(meet("", "x\n", "y\n"), [(0..0, 0..0)]);
        assert_eq!(meet(SIX, "", &change("4", "y")), [(0..6, 3..4)]);
        let twice = meet(SIX, &change("3\n", "").replace('5', "x"), &change("4", "y"));
        assert_eq!(twice, [(2..5, 3..4)]);
    }

    #[test]
    fn what_would_take_too_long_is_one_change() {
        let text = |seed: usize| (0..MOST_COMPARED).map(move |line| format!("{}\n", line * seed));
        let (one, other): (String, String) = (text(2).collect(), text(3).collect());
        let found = hunks(&lines(one.as_bytes()), &lines(other.as_bytes()));
        // Zero is the same in both.
        let rest = 1..MOST_COMPARED;
        assert_eq!(
            found,
            [Hunk {
                before: rest.clone(),
                after: rest
            }]
        );
    }

    proptest! {
        #[test]
        fn hunks_turn_one_version_into_the_other(
            before in "[abc\n]{0,30}",
            one in "[abc\n]{0,30}",
            other in "[abc\n]{0,30}",
        ) {
            let [before, one, other] = [&before, &one, &other].map(|text| lines(text.as_bytes()));
            let (of_one, of_other) = (hunks(&before, &one), hunks(&before, &other));
            let mut made = Vec::new();
            let mut at = 0;
            for hunk in &of_one {
                made.extend_from_slice(&before[at..hunk.before.start]);
                made.extend_from_slice(&one[hunk.after.clone()]);
                at = hunk.before.end;
            }
            made.extend_from_slice(&before[at..]);
            prop_assert_eq!(&made, &one);
            let touch = |a: &Hunk, b: &Hunk| {
                a.before.start <= b.before.end && b.before.start <= a.before.end
            };
            let found = meetings(&of_one, &of_other);
            for a in &of_one {
                let met = of_other.iter().any(|b| touch(a, b));
                let reported = |meeting: &Meeting| {
                    meeting.one.changed.start <= a.before.start && a.before.end <= meeting.one.changed.end
                };
                prop_assert_eq!(met && !found.iter().any(reported), false);
            }
            prop_assert!(found.iter().all(|meeting| meeting.one.stands.end <= one.len()
                && meeting.other.stands.end <= other.len()));
        }
    }
}
