//! What two patterns have in common, as patterns again.

use super::shape::{Ending, Piece, Segment, Shape};

/// So many patterns at most are made of two.
const MOST: usize = 64;
/// So many steps are taken at most.
const STEPS: usize = 20_000;

/// Patterns that together match exactly what both `one` and `two` match; `None` if they would be
/// too many, or two classes of characters meet that are not the same.
pub(super) fn meet(one: &Shape, two: &Shape) -> Option<Vec<Shape>> {
    let mut found: Vec<Vec<Segment>> = Vec::new();
    for one in files(one) {
        for two in files(two) {
            let mut search = Search::default();
            search.segments(&one, &two, Vec::new())?;
            for segments in search.found {
                if !found.contains(&segments) {
                    found.push(segments);
                }
            }
        }
    }
    let shape = |segments| Shape {
        segments,
        ending: Ending::File,
    };
    (found.len() <= MOST).then(|| found.into_iter().map(shape).collect())
}

/// The same as patterns that name files.
fn files(shape: &Shape) -> Vec<Vec<Segment>> {
    let below = || {
        let mut segments = shape.segments.clone();
        segments.extend([Segment::Deep, Segment::Name(vec![Piece::Star])]);
        segments
    };
    match shape.ending {
        Ending::File => vec![shape.segments.clone()],
        Ending::Below => vec![below()],
        Ending::Both => vec![shape.segments.clone(), below()],
    }
}

#[derive(Default)]
struct Search {
    found: Vec<Vec<Segment>>,
    steps: usize,
}

impl Search {
    /// Finds what `one` and `two` have in common behind `before`; `None` if it gives up.
    fn segments(&mut self, one: &[Segment], two: &[Segment], before: Vec<Segment>) -> Option<()> {
        self.steps += 1;
        if self.steps > STEPS || self.found.len() > MOST {
            return None;
        }
        let with = |segment: Segment| {
            let mut longer = before.clone();
            if segment != Segment::Deep || longer.last() != Some(&Segment::Deep) {
                longer.push(segment);
            }
            longer
        };
        match (one, two) {
            ([], []) => {
                if !self.found.contains(&before) {
                    self.found.push(before);
                }
                Some(())
            }
            ([Segment::Deep, ones @ ..], [Segment::Deep, twos @ ..]) => {
                self.segments(ones, two, with(Segment::Deep))?;
                self.segments(one, twos, with(Segment::Deep))
            }
            ([Segment::Deep, ones @ ..], _) => {
                self.segments(ones, two, before.clone())?;
                match two {
                    [name, twos @ ..] => self.segments(one, twos, with(name.clone())),
                    [] => Some(()),
                }
            }
            (_, [Segment::Deep, ..]) => self.segments(two, one, before),
            ([Segment::Name(left), ones @ ..], [Segment::Name(right), twos @ ..]) => {
                let mut names = Vec::new();
                self.names(left, right, Vec::new(), &mut names)?;
                for name in names {
                    self.segments(ones, twos, with(Segment::Name(name)))?;
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    /// The same within one segment.
    fn names(
        &mut self,
        one: &[Piece],
        two: &[Piece],
        before: Vec<Piece>,
        found: &mut Vec<Vec<Piece>>,
    ) -> Option<()> {
        self.steps += 1;
        if self.steps > STEPS || found.len() > MOST {
            return None;
        }
        let with = |piece: Piece| {
            let mut longer = before.clone();
            if piece != Piece::Star || longer.last() != Some(&Piece::Star) {
                longer.push(piece);
            }
            longer
        };
        match (one, two) {
            ([], []) => {
                if !before.is_empty() && !found.contains(&before) {
                    found.push(before);
                }
                Some(())
            }
            ([Piece::Star, ones @ ..], [Piece::Star, twos @ ..]) => {
                self.names(ones, two, with(Piece::Star), found)?;
                self.names(one, twos, with(Piece::Star), found)
            }
            ([Piece::Star, ones @ ..], _) => {
                self.names(ones, two, before.clone(), found)?;
                match two {
                    [piece, twos @ ..] => self.names(one, twos, with(piece.clone()), found),
                    [] => Some(()),
                }
            }
            (_, [Piece::Star, ..]) => self.names(two, one, before, found),
            ([left, ones @ ..], [right, twos @ ..]) => match common(left, right) {
                Common::Piece(piece) => self.names(ones, twos, with(piece), found),
                Common::Nothing => Some(()),
                Common::Unsaid => None,
            },
            _ => Some(()),
        }
    }
}

/// The bytes that two pieces share.
enum Common {
    Piece(Piece),
    Nothing,
    /// No piece says it.
    Unsaid,
}

fn common(one: &Piece, two: &Piece) -> Common {
    match (one, two) {
        (Piece::Any, other) | (other, Piece::Any) => Common::Piece(other.clone()),
        (Piece::Byte(byte), Piece::Class(set, _)) | (Piece::Class(set, _), Piece::Byte(byte))
            if set.contains(*byte) =>
        {
            Common::Piece(Piece::Byte(*byte))
        }
        (Piece::Class(ones, _), Piece::Class(twos, _)) if ones == twos => {
            Common::Piece(one.clone())
        }
        (Piece::Class(ones, _), Piece::Class(twos, _)) if !ones.and(*twos).is_empty() => {
            Common::Unsaid
        }
        _ if one == two => Common::Piece(one.clone()),
        _ => Common::Nothing,
    }
}
