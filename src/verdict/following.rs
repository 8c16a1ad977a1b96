//! What becomes of the lines that a change added or removed while others change the file after it.

use super::lines::{Hunk, hunks};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// The lines that changes of one file added and removed, followed through those that came after.
#[derive(Debug, Default)]
pub struct Following {
    followed: Vec<Line>,
}

/// What of one change is not there at the end, through one that came after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The change whose lines they are.
    pub of: usize,
    /// The change that did it.
    pub by: usize,
    /// The lines that were added and are gone, as they counted right after they were added, from 1.
    pub gone: Vec<usize>,
    /// The lines that were removed and are back, as they count at the end, from 1.
    pub back: Vec<usize>,
}

/// A line that a change added or removed.
#[derive(Debug)]
struct Line {
    of: usize,
    text: Box<[u8]>,
    /// Its number right after it was added, from 1; `None` if it was removed.
    added: Option<usize>,
    place: Place,
    /// The last change that took it out, or put it in.
    by: usize,
}

/// Where a line is, or where it would be, in the newest version. Lines count from 0.
#[derive(Clone, Debug)]
enum Place {
    In(usize),
    OutOf(Range<usize>),
}

/// What a hunk puts into a file.
#[derive(Default)]
struct Put<'a> {
    /// For each text where it stands, in order.
    places: HashMap<&'a [u8], Vec<usize>>,
    /// How many of them have been found to be lines of the change that is looked at.
    found: HashMap<&'a [u8], usize>,
}

impl Following {
    /// The next change of the file, which leads from the version before to the one after it.
    pub fn change(&mut self, change: usize, before: &[&[u8]], after: &[&[u8]]) {
        let hunks = hunks(before, after);
        let put = |hunk: &Hunk| {
            let mut put = Put::default();
            for at in hunk.after.clone() {
                put.places.entry(after[at]).or_default().push(at);
            }
            put
        };
        let mut put: Vec<_> = hunks.iter().map(put).collect();
        let mut of = change;
        for line in &mut self.followed {
            if of != line.of {
                of = line.of;
                for put in &mut put {
                    put.found.clear();
                }
            }
            line.pass(change, &hunks, &mut put);
        }
        for hunk in &hunks {
            let line = |text: &[u8], added, place| Line {
                of: change,
                text: text.into(),
                added,
                place,
                by: change,
            };
            let removed = before[hunk.before.clone()].iter();
            let removed = removed.filter(|text| is_telling(text));
            let removed = removed.map(|text| line(text, None, Place::OutOf(hunk.after.clone())));
            self.followed.extend(removed);
            let added = hunk.after.clone();
            let added = added.map(|at| line(after[at], Some(at + 1), Place::In(at)));
            self.followed.extend(added);
        }
    }

    /// What is not there at the end, by change and then by who did it.
    pub fn losses(&self) -> Vec<Loss> {
        let mut losses = BTreeMap::new();
        for line in &self.followed {
            let loss = || Loss {
                of: line.of,
                by: line.by,
                gone: Vec::new(),
                back: Vec::new(),
            };
            let key = (line.of, line.by);
            match (line.added, &line.place) {
                (Some(number), Place::OutOf(_)) => {
                    losses.entry(key).or_insert_with(loss).gone.push(number);
                }
                (None, Place::In(at)) => {
                    losses.entry(key).or_insert_with(loss).back.push(at + 1);
                }
                (Some(_), Place::In(_)) | (None, Place::OutOf(_)) => {}
            }
        }
        losses.into_values().collect()
    }
}

impl Line {
    /// Follows the line through a change with these hunks.
    fn pass(&mut self, change: usize, hunks: &[Hunk], put: &mut [Put<'_>]) {
        let place = match &self.place {
            Place::In(at) => match hunks.iter().position(|hunk| hunk.before.contains(at)) {
                None => Place::In(shifted(*at, hunks)),
                Some(hunk) => {
                    // Where much differs at once it may still be among what was put there.
                    let stays = self.among(hunk, put);
                    stays.map_or_else(
                        || {
                            self.by = change;
                            Place::OutOf(hunks[hunk].after.clone())
                        },
                        Place::In,
                    )
                }
            },
            Place::OutOf(gap) => {
                let near =
                    |hunk: &Hunk| hunk.before.start <= gap.end && gap.start <= hunk.before.end;
                let mut near = (0..hunks.len()).filter(|at| near(&hunks[*at]));
                match near.find_map(|hunk| self.among(hunk, put)) {
                    None => Place::OutOf(moved(gap, hunks)),
                    Some(at) => {
                        self.by = change;
                        Place::In(at)
                    }
                }
            }
        };
        self.place = place;
    }

    /// Where the change put a line with the same text, at the place of this hunk.
    fn among(&self, hunk: usize, put: &mut [Put<'_>]) -> Option<usize> {
        let Put { places, found } = &mut put[hunk];
        let (text, places) = places.get_key_value(&*self.text)?;
        let found = found.entry(text).or_default();
        let place = places.get(*found).copied()?;
        *found += 1;
        Some(place)
    }
}

/// Where a line is that none of `hunks` touches.
fn shifted(at: usize, hunks: &[Hunk]) -> usize {
    let before = hunks.iter().rev().find(|hunk| hunk.before.end <= at);
    before.map_or(at, |hunk| at - hunk.before.end + hunk.after.end)
}

/// Where the place between lines is, with whatever was put there.
fn moved(gap: &Range<usize>, hunks: &[Hunk]) -> Range<usize> {
    let at = |place: usize| {
        hunks
            .iter()
            .find(|hunk| hunk.before.start <= place && place <= hunk.before.end)
    };
    let start = at(gap.start).map_or_else(|| shifted(gap.start, hunks), |hunk| hunk.after.start);
    let end = at(gap.end).map_or_else(|| shifted(gap.end, hunks), |hunk| hunk.after.end);
    start..end.max(start)
}

/// Whether it says something that such a line is there again: a brace or an empty line comes with
/// whatever is put there.
fn is_telling(line: &[u8]) -> bool {
    line.iter()
        .any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::*;
    use proptest::prelude::*;

    /// Whose lines, through whom, which of them are gone, and which are back.
    type Told = (usize, usize, Vec<usize>, Vec<usize>);

    /// What is lost of the changes between these versions, the first of which leads to version 1.
    fn lost(versions: &[&str]) -> Vec<Told> {
        let versions: Vec<_> = versions.iter().map(|text| lines(text.as_bytes())).collect();
        let mut following = Following::default();
        for (at, pair) in versions.windows(2).enumerate() {
            following.change(at + 1, &pair[0], &pair[1]);
        }
        let losses = following.losses().into_iter();
        losses
            .map(|loss| (loss.of, loss.by, loss.gone, loss.back))
            .collect()
    }

    #[test]
    fn lines_are_followed_to_the_end() {
        let cases: &[(&[&str], &[Told])] = &[
            // Others change other lines, before and behind.
            (
                &["a\nb\n", "a\nx\nb\n", "0\na\nx\nb\n", "0\na\nx\nb\nc\n"],
                &[],
            ),
            (
                &["a\nb\n", "a\nx\ny\nb\n", "a\ny\nb\n"],
                &[(1, 2, vec![2], vec![])],
            ),
            (
                &["b\n", "x\ny\nb\n", "0\nx\ny\nb\n", "0\nx\nb\n", "b\n"],
                &[
                    (1, 3, vec![2], vec![]),
                    (1, 4, vec![1], vec![]),
                    (2, 4, vec![1], vec![]),
                ],
            ),
            // What was replaced is back, and what replaced it is gone.
            (&["a\nb\n", "a\nx\n", "a\nb\n"], &[(1, 2, vec![2], vec![2])]),
            (&["a\nb\n", "a\nx\n", "a\ny\n"], &[(1, 2, vec![2], vec![])]),
            (
                &["a\nb\nc\n", "a\nc\n", "0\na\nc\n", "0\na\nb\nc\n"],
                &[(1, 3, vec![], vec![3])],
            ),
            (
                &["a\nb\n", "a\nx\n", "a\nx\nb\n"],
                &[(1, 2, vec![], vec![3])],
            ),
            // Taken out by one, put in again by the next.
            (
                &["a\n", "a\nx\n", "a\n", "a\nx\n"],
                &[(2, 3, vec![], vec![2])],
            ),
            (
                &["a\nb\nc\n", "a\nc\n", "a\nb\nc\n", "a\nc\n"],
                &[(2, 3, vec![2], vec![])],
            ),
            // A brace comes with whatever stands before it.
            (&["a {\n}\nb\n", "b\n", "c {\n}\nb\n"], &[]),
            // Somewhere else it is another line.
            (&["a\nb\nc\nd\n", "a\nc\nd\n", "a\nc\nd\nb\n"], &[]),
            (&["", "x\n", ""], &[(1, 2, vec![1], vec![])]),
        ];
        for (versions, expected) in cases {
            assert_eq!(lost(versions), *expected, "{versions:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_said_to_be_gone_or_back_is(
            versions in proptest::collection::vec("[abc\n]{0,12}", 2..5),
        ) {
            let texts: Vec<_> = versions.iter().map(|text| lines(text.as_bytes())).collect();
            let text: Vec<&str> = versions.iter().map(String::as_str).collect();
            for (of, by, gone, back) in lost(&text) {
                prop_assert!(of < by && by < texts.len());
                prop_assert!(!gone.is_empty() || !back.is_empty());
                prop_assert!(gone.iter().all(|line| (1..=texts[of].len()).contains(line)));
                for line in back {
                    let text = texts[texts.len() - 1][line - 1];
                    prop_assert!(texts[of - 1].contains(&text));
                }
            }
        }

        #[test]
        fn whoever_changes_nothing_of_it_takes_nothing_away(
            versions in proptest::collection::vec("[abc\n]{0,12}", 2..4),
            more in "([xyz]{1,4}\n){1,4}",
        ) {
            let last = versions[versions.len() - 1].clone() + "\n";
            let appended = last.clone() + &more;
            let before = &versions[..versions.len() - 1];
            let before = before.iter().map(String::as_str);
            let text: Vec<&str> = before.chain([last.as_str()]).collect();
            let longer = [&text[..], &[appended.as_str()]].concat();
            prop_assert_eq!(lost(&longer), lost(&text));
        }
    }
}
