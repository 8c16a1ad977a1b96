//! The patterns of CODEOWNERS files: what they match, decided by themselves and not by way of the
//! patterns of a manifest, and how a manifest says the same.

use super::super::bytes::ByteSet;

/// What a pattern matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) segments: Vec<Segment>,
    pub(super) ending: Ending,
}

/// A part of a pattern between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Any number of segments, none among them.
    Deep,
    /// One segment.
    Name(Vec<Piece>),
}

/// A part of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Byte(u8),
    /// One byte.
    Any,
    /// Any bytes.
    Star,
    /// One byte of a class, and the class as a manifest writes it.
    Class(ByteSet, String),
}

/// What may follow the last segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing: it names a file.
    File,
    /// One segment or more: it names a directory.
    Below,
    /// Anything: it names a file or a directory.
    Both,
}

impl Shape {
    /// Whether it matches `path`.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        let reached = reach(
            &self.segments,
            names.len(),
            |segment| *segment == Segment::Deep,
            |segment, place| match segment {
                Segment::Deep => true,
                Segment::Name(pieces) => name_matches(pieces, names[place]),
            },
        );
        match self.ending {
            Ending::File => reached[names.len()],
            Ending::Below => reached[..names.len()].contains(&true),
            Ending::Both => reached.contains(&true),
        }
    }

    /// The segments without wildcards that every match begins with.
    pub(super) fn directory(&self) -> Vec<u8> {
        let literal = |segment: &Segment| match segment {
            Segment::Deep => None,
            Segment::Name(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Byte(byte) => Some(*byte),
                    _ => None,
                })
                .collect::<Option<Vec<u8>>>(),
        };
        let segments: Vec<_> = self.segments.iter().map_while(literal).collect();
        segments.join(&b'/')
    }

    /// The pattern of a manifest that matches the same, unless it holds what no such pattern can
    /// hold; `None` where its bytes are no text.
    pub(super) fn text(&self) -> Option<String> {
        let mut segments = self.segments.as_slice();
        let mut ending = self.ending;
        // `a/**/*` is what people write as `a/`.
        if let [before @ .., Segment::Deep, Segment::Name(last)] = segments
            && ending == Ending::File
            && *last == [Piece::Star]
        {
            (segments, ending) = (before, Ending::Below);
        }
        let mut text = Vec::new();
        for (place, segment) in segments.iter().enumerate() {
            if place > 0 {
                text.push(b'/');
            }
            match segment {
                Segment::Deep => text.extend_from_slice(b"**"),
                Segment::Name(pieces) => pieces.iter().for_each(|piece| write(piece, &mut text)),
            }
        }
        let ending: &[u8] = match ending {
            Ending::File => b"",
            Ending::Below if segments.is_empty() => b"**",
            Ending::Below => b"/",
            Ending::Both => b"{,/}",
        };
        text.extend_from_slice(ending);
        String::from_utf8(text).ok()
    }
}

/// The pattern of a manifest for this path alone; `None` if it is no text.
pub(crate) fn exactly(path: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    for byte in path {
        write(&Piece::Byte(*byte), &mut text);
    }
    String::from_utf8(text).ok()
}

fn write(piece: &Piece, text: &mut Vec<u8>) {
    match piece {
        Piece::Any => text.push(b'?'),
        Piece::Star => text.push(b'*'),
        Piece::Class(_, class) => text.extend_from_slice(class.as_bytes()),
        Piece::Byte(byte @ (b'*' | b'?' | b'[' | b']' | b'{' | b'}')) => {
            text.extend_from_slice(&[b'[', *byte, b']']);
        }
        Piece::Byte(byte) => text.push(*byte),
    }
}

fn name_matches(pieces: &[Piece], name: &[u8]) -> bool {
    // Most patterns have few wildcards and most names differ early.
    if let (Some(Piece::Byte(byte)), Some(first)) = (pieces.first(), name.first())
        && byte != first
    {
        return false;
    }
    let reached = reach(
        pieces,
        name.len(),
        |piece| *piece == Piece::Star,
        |piece, place| match piece {
            Piece::Byte(byte) => *byte == name[place],
            Piece::Any | Piece::Star => true,
            Piece::Class(set, _) => set.contains(name[place]),
        },
    );
    reached[name.len()]
}

/// Which lengths of a sequence of `length` things `parts` can match from its start: one thing each,
/// those that are `many` any number. Tries every possibility at once, so it takes no longer than
/// the product of both lengths.
fn reach<T>(
    parts: &[T],
    length: usize,
    many: impl Fn(&T) -> bool,
    fits: impl Fn(&T, usize) -> bool,
) -> Vec<bool> {
    let mut reached = vec![false; length + 1];
    reached[0] = true;
    for part in parts {
        if many(part) {
            if let Some(first) = reached.iter().position(|here| *here) {
                reached[first..].fill(true);
            }
            continue;
        }
        for place in (0..length).rev() {
            reached[place + 1] = reached[place] && fits(part, place);
        }
        reached[0] = false;
        if !reached.contains(&true) {
            break;
        }
    }
    reached
}
