//! A pattern without braces: one of the alternatives that a pattern stands for.

use super::super::bytes::ByteSet;
use super::parse::{Node, What};
use std::hash::{Hash, Hasher};

/// One step of a [`Glob`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// This byte.
    Byte(u8),
    /// `/`.
    Slash,
    /// One byte of the set with this index.
    One(u16),
    /// `*`.
    Star,
    /// `**`; a slash follows.
    Deep,
}

/// A pattern without braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob {
    pub(crate) tokens: Box<[Token]>,
    pub(crate) sets: Box<[ByteSet]>,
    /// Whether it means everything below what `tokens` match; everything there is if there are
    /// none.
    pub(crate) below: bool,
}

/// The alternatives that `nodes` stand for, or `None` if there are more than `most`.
pub(super) fn expand(nodes: &[Node], most: usize) -> Option<Vec<Glob>> {
    let mut written = vec![Vec::new()];
    extend(&mut written, nodes, most)?;
    Some(written.iter().map(|nodes| glob(nodes)).collect())
}

fn extend<'a>(written: &mut Vec<Vec<&'a What>>, nodes: &'a [Node], most: usize) -> Option<()> {
    for node in nodes {
        let What::Group(alternatives) = &node.what else {
            for glob in written.iter_mut() {
                glob.push(&node.what);
            }
            continue;
        };
        let mut longer = Vec::new();
        for alternative in alternatives {
            let mut these = written.clone();
            extend(&mut these, alternative, most)?;
            longer.append(&mut these);
            if longer.len() > most {
                return None;
            }
        }
        *written = longer;
    }
    Some(())
}

fn glob(nodes: &[&What]) -> Glob {
    let mut sets: Vec<ByteSet> = Vec::new();
    let mut tokens: Vec<Token> = Vec::new();
    for node in nodes {
        let token = match node {
            What::Byte(byte) => Token::Byte(*byte),
            What::Slash => Token::Slash,
            What::Star if tokens.last() == Some(&Token::Star) => continue,
            What::Star => Token::Star,
            What::Deep => Token::Deep,
            What::One(set) => {
                let known = sets.iter().position(|other| other == set);
                let index = known.unwrap_or_else(|| {
                    sets.push(*set);
                    sets.len() - 1
                });
                Token::One(u16::try_from(index).unwrap_or_default())
            }
            What::Group(_) => continue,
        };
        tokens.push(token);
    }
    let mut below = tokens.last() == Some(&Token::Slash);
    if below {
        tokens.pop();
    }
    while tokens.last() == Some(&Token::Deep) {
        below = true;
        tokens.pop();
        tokens.pop();
    }
    Glob {
        tokens: tokens.into(),
        sets: sets.into(),
        below,
    }
}

impl Hash for Glob {
    /// Mixes the steps first: hashed one by one they would take most of the time of a large manifest.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mixed = self
            .tokens
            .iter()
            .fold(u64::from(self.below), |mixed, token| {
                let number = match token {
                    Token::Byte(byte) => u64::from(*byte),
                    Token::Slash => 1 << 8,
                    Token::Star => 2 << 8,
                    Token::Deep => 3 << 8,
                    Token::One(set) => 4 << 8 | u64::from(*set) << 16,
                };
                (mixed.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            });
        state.write_u64(mixed);
    }
}

impl Glob {
    /// Whether it matches `path`, which is a path or a name of a branch: no segment is empty.
    pub(crate) fn matches(&self, path: &[u8]) -> bool {
        self.begins_like(path) && self.goes_on_like(path)
    }

    /// Whether `path` has the bytes that every match begins with, as far as it goes: tells most apart.
    fn begins_like(&self, path: &[u8]) -> bool {
        for (token, byte) in self.tokens.iter().zip(path) {
            match token.literal() {
                Some(literal) if literal == *byte => {}
                Some(_) => return false,
                None => break,
            }
        }
        true
    }

    fn goes_on_like(&self, path: &[u8]) -> bool {
        let (mut token, mut byte) = (0, 0);
        // Where to go on, in the pattern and in the path, if the rest does not fit here.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            if token >= self.tokens.len() {
                return self.below;
            }
            if self.tokens[token] == Token::Deep {
                token += 2;
                retry = Some((token, byte));
                continue;
            }
            let tokens = &self.tokens[token..];
            let tokens = &tokens[..position(tokens, |t| *t == Token::Slash)];
            let bytes = &path[byte..];
            let bytes = &bytes[..position(bytes, |b| *b == b'/')];
            let last_token = token + tokens.len() == self.tokens.len();
            let last_byte = byte + bytes.len() == path.len();
            if self.segment(tokens, bytes) {
                match (last_token, last_byte) {
                    (true, true) if !self.below => return true,
                    (true, false) if self.below => return true,
                    (true, _) => {}
                    (false, true) => return false,
                    (false, false) => {
                        token += tokens.len() + 1;
                        byte += bytes.len() + 1;
                        continue;
                    }
                }
            }
            let Some((after, from)) = retry else {
                return false;
            };
            let skipped = position(&path[from..], |b| *b == b'/');
            if from + skipped == path.len() {
                return false;
            }
            (token, byte) = (after, from + skipped + 1);
            retry = Some((token, byte));
        }
    }

    /// Whether `tokens`, without slashes, match the segment `bytes`.
    fn segment(&self, tokens: &[Token], bytes: &[u8]) -> bool {
        let (mut token, mut byte) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let fits = match (tokens.get(token), bytes.get(byte)) {
                (None, None) => return true,
                (Some(Token::Star), _) => {
                    token += 1;
                    retry = Some((token, byte));
                    continue;
                }
                (Some(Token::Byte(wanted)), Some(found)) => wanted == found,
                (Some(Token::One(set)), Some(found)) => {
                    self.sets[usize::from(*set)].contains(*found)
                }
                _ => false,
            };
            if fits {
                token += 1;
                byte += 1;
                continue;
            }
            match retry {
                Some((after, from)) if from < bytes.len() => {
                    (token, byte) = (after, from + 1);
                    retry = Some((token, byte));
                }
                _ => return false,
            }
        }
    }

    /// One of the names that it matches, unless that is no path; not always a shortest one.
    pub(crate) fn example(&self) -> Vec<u8> {
        let mut name = Vec::new();
        let mut skip_slash = false;
        for (place, token) in self.tokens.iter().enumerate() {
            let segment_starts = name.is_empty() || name.ends_with(b"/");
            let segment_ends = matches!(self.tokens.get(place + 1), None | Some(Token::Slash));
            match token {
                Token::Byte(byte) => name.push(*byte),
                Token::One(set) => name.extend(self.sets[usize::from(*set)].nicest()),
                Token::Star if segment_starts && segment_ends => name.push(b'a'),
                Token::Star => {}
                Token::Deep => skip_slash = true,
                Token::Slash if std::mem::take(&mut skip_slash) => {}
                Token::Slash => name.push(b'/'),
            }
        }
        if self.below {
            let slash: &[u8] = if name.is_empty() { b"" } else { b"/" };
            name.extend_from_slice(slash);
            name.push(b'a');
        }
        name
    }

    /// The bytes that every match begins with, and whether they are the whole pattern (apart from
    /// [`Glob::below`]).
    pub(crate) fn literal(&self) -> (Vec<u8>, bool) {
        let wild = |token: &Token| token.literal().is_none();
        let bytes = bytes(&self.tokens[..position(&self.tokens, wild)]);
        let whole = bytes.len() == self.tokens.len();
        (bytes, whole)
    }

    /// The bytes that every match ends with. The slash behind `**` is none of them: `**` also stands
    /// for no directory at all, and then there is no slash.
    pub(crate) fn literal_end(&self) -> Vec<u8> {
        if self.below {
            return Vec::new();
        }
        let literal = self.tokens.iter().rev();
        let literal = literal.take_while(|token| token.literal().is_some());
        let mut from = self.tokens.len() - literal.count();
        if from > 0 && self.tokens[from - 1] == Token::Deep {
            from += 1;
        }
        bytes(&self.tokens[from.min(self.tokens.len())..])
    }

    /// The name of every match, if there is only one.
    pub(crate) fn literal_name(&self) -> Option<Vec<u8>> {
        if self.below {
            return None;
        }
        let name = self.tokens.rsplit(|token| *token == Token::Slash).next()?;
        name.iter().map(|token| token.literal()).collect()
    }
}

impl Token {
    /// The byte that it stands for, if it stands for only one.
    pub(crate) fn literal(self) -> Option<u8> {
        match self {
            Self::Byte(byte) => Some(byte),
            Self::Slash => Some(b'/'),
            _ => None,
        }
    }
}

/// The bytes that these stand for, each for one.
fn bytes(tokens: &[Token]) -> Vec<u8> {
    let bytes = tokens.iter().map(|token| token.literal());
    bytes.map(Option::unwrap_or_default).collect()
}

fn position<T>(items: &[T], wanted: impl Fn(&T) -> bool) -> usize {
    items.iter().position(wanted).unwrap_or(items.len())
}
