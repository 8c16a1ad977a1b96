//! Which patterns match a path: a tree of the directories that patterns name, so that only few
//! patterns have to be tried, however many there are.

mod keys;

use super::pattern::{Glob, Pattern, Token};
use keys::{
    ANYWHERE, EXACT, EXTENSION, Edge, Identity, NAME, Part, ROOT, finish, hash, literal_edge,
    literal_part, literal_segment, segment_key, step, tail_key, tail_length,
};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// Patterns, each known by the number of its place in the list it was built from.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// By the hash of everything that an entry must share with a path to be tried on it.
    buckets: HashMap<u64, Bucket, BuildHasherDefault<Identity>>,
    globs: Vec<Entry>,
    /// Patterns with too many alternatives to write them out.
    others: Vec<(u32, Pattern)>,
}

/// What lies at one place.
#[derive(Clone, Debug, Default)]
struct Bucket {
    /// Entries to be tried.
    globs: Vec<u32>,
    /// Whether there are buckets by name, by extension, or for whole paths at this directory.
    names: bool,
    extensions: bool,
    /// Where below this directory literal parts of patterns lie for which there are buckets.
    parts: Vec<Part>,
    /// How many segments below this directory literal segments stand for which there are buckets.
    segments: Vec<u8>,
    /// Whether there are buckets for literal segments anywhere below this directory.
    anywhere: bool,
    /// How many bytes at the end of a name there are buckets for.
    tails: Vec<u8>,
    /// How segments anywhere below this directory begin or end for which there are buckets.
    edges: Vec<Edge>,
}

/// The most different places of literal parts in one directory: each costs a look-up per path.
const MOST_PARTS: usize = 12;

#[derive(Clone, Debug)]
struct Entry {
    /// The patterns that have it as an alternative.
    patterns: Vec<u32>,
    test: Test,
    /// What has to match, if that is still to be asked.
    glob: Option<Glob>,
    head: Box<[u8]>,
    tail: Box<[u8]>,
}

/// What is left to be asked, once the bucket is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    /// The path is `head`.
    Exact,
    /// The path begins with `head`.
    Below,
    /// The name is `tail`.
    Name,
    /// The path begins with `head`, ends with `tail`, and the pattern matches.
    Glob,
}

impl Index {
    /// An index of `patterns`, which are known by their places from then on.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a Pattern>) -> Self {
        let mut index = Self::default();
        index.buckets.insert(ROOT, Bucket::default());
        // Many patterns can have one alternative.
        let patterns = patterns.into_iter();
        let least = patterns.size_hint().0;
        let mut known: HashMap<&'a Glob, usize> = HashMap::with_capacity(least);
        index.buckets.reserve(least);
        index.globs.reserve(least);
        for (place, pattern) in patterns.enumerate() {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            let Some(globs) = pattern.globs() else {
                index.others.push((place, pattern.clone()));
                continue;
            };
            for glob in globs {
                let entry = *known.entry(glob).or_insert(index.globs.len());
                if entry == index.globs.len() {
                    index.add(glob);
                }
                index.globs[entry].patterns.push(place);
            }
        }
        index
    }

    /// Adds an entry for `glob` that belongs to no pattern yet.
    fn add(&mut self, glob: &Glob) {
        let (head, whole) = glob.literal();
        let (test, key, tail) = if whole && glob.below {
            (Test::Below, self.directory(&head, true), Vec::new())
        } else if whole {
            (Test::Exact, finish(hash(ROOT, &head), EXACT), Vec::new())
        } else {
            let tail = glob.literal_end();
            let (test, key) = self.place(glob, &head, &tail);
            (test, key, tail)
        };
        let head = if test == Test::Below && !head.is_empty() {
            head.into_iter().chain([b'/']).collect()
        } else {
            head.into()
        };
        let entry = u32::try_from(self.globs.len()).unwrap_or(u32::MAX);
        self.globs.push(Entry {
            patterns: Vec::new(),
            test,
            glob: (test == Test::Glob).then(|| glob.clone()),
            head,
            tail: tail.into(),
        });
        self.buckets.entry(key).or_default().globs.push(entry);
    }

    /// The bucket for a pattern with wildcards: by the name that it ends with, by a literal part
    /// at a fixed place, by the extension, or just by its directory.
    fn place(&mut self, glob: &Glob, head: &[u8], tail: &[u8]) -> (Test, u64) {
        let slash = head.iter().rposition(|byte| *byte == b'/');
        let key = self.directory(&head[..slash.unwrap_or(0)], slash.is_some());
        let behind = slash.map_or(0, |at| at + 1);
        let bucket = self.buckets.entry(key).or_default();
        if let Some(name) = glob.literal_name() {
            bucket.names = true;
            let short = glob.tokens.starts_with(&[Token::Deep, Token::Slash])
                && glob.tokens.len() == name.len() + 2;
            let test = if short { Test::Name } else { Test::Glob };
            return (test, finish(hash(key, &name), NAME));
        }
        let dot = tail.iter().rposition(|byte| *byte == b'.');
        let (part, bytes) = literal_part(&glob.tokens[behind..]);
        let worth_it = bytes.len() >= 3 || dot.is_none() && !bytes.is_empty();
        if worth_it && (bucket.parts.contains(&part) || bucket.parts.len() < MOST_PARTS) {
            if !bucket.parts.contains(&part) {
                bucket.parts.push(part);
            }
            return (Test::Glob, part.key(key, &bytes));
        }
        if let Some((place, segment)) = literal_segment(&glob.tokens[behind..]) {
            let Some(place) = place.filter(|place| *place < MOST_PARTS) else {
                bucket.anywhere = true;
                return (Test::Glob, finish(hash(key, &segment), ANYWHERE));
            };
            let place = u8::try_from(place).unwrap_or_default();
            if !bucket.segments.contains(&place) {
                bucket.segments.push(place);
            }
            return (Test::Glob, segment_key(key, place, &segment));
        }
        let extension = dot.map_or(0, |dot| tail.len() - dot);
        let known = tail_length(tail).map_or(extension, usize::from);
        let edge = literal_edge(&glob.tokens[behind..], known)
            .filter(|(edge, _)| bucket.edges.contains(edge) || bucket.edges.len() < MOST_PARTS);
        if let Some((edge, bytes)) = edge
            && let Some(place) = edge.key(key, &bytes)
        {
            if !bucket.edges.contains(&edge) {
                bucket.edges.push(edge);
            }
            return (Test::Glob, place);
        }
        by_end(bucket, key, tail)
    }

    /// The key of a directory; it and all above it exist from then on.
    fn directory(&mut self, directory: &[u8], named: bool) -> u64 {
        let mut key = ROOT;
        if !named || directory.is_empty() {
            return key;
        }
        for segment in directory.split(|byte| *byte == b'/') {
            key = step(key, segment);
            self.buckets.entry(key).or_default();
        }
        key
    }

    /// The places of the patterns that match `path`, in ascending order, into `found`.
    pub fn matches_into(&self, path: &[u8], found: &mut Vec<u32>) {
        found.clear();
        let name = &path[path
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |at| at + 1)..];
        let extension = name
            .iter()
            .rposition(|byte| *byte == b'.')
            .map(|dot| &name[dot..]);
        if let Some(bucket) = self.buckets.get(&finish(hash(ROOT, path), EXACT)) {
            self.test(bucket, path, name, found);
        }
        let mut key = ROOT;
        let mut rest = path;
        while let Some(bucket) = self.buckets.get(&key) {
            self.test(bucket, path, name, found);
            if bucket.names
                && let Some(bucket) = self.buckets.get(&finish(hash(key, name), NAME))
            {
                self.test(bucket, path, name, found);
            }
            if bucket.extensions
                && let Some(extension) = extension
                && let Some(bucket) = self.buckets.get(&finish(hash(key, extension), EXTENSION))
            {
                self.test(bucket, path, name, found);
            }
            for part in &bucket.parts {
                let from = usize::from(part.offset);
                if let Some(bytes) = rest.get(from..from + usize::from(part.length))
                    && let Some(bucket) = self.buckets.get(&part.key(key, bytes))
                {
                    self.test(bucket, path, name, found);
                }
            }
            for length in &bucket.tails {
                if let Some(from) = name.len().checked_sub(usize::from(*length))
                    && let Some(bucket) = self.buckets.get(&tail_key(key, &name[from..]))
                {
                    self.test(bucket, path, name, found);
                }
            }
            self.test_segments(bucket, key, (path, name, rest), found);
            let Some(slash) = rest.iter().position(|byte| *byte == b'/') else {
                break;
            };
            key = step(key, &rest[..slash]);
            rest = &rest[slash + 1..];
        }
        let others = self
            .others
            .iter()
            .filter(|(_, pattern)| pattern.matches(path));
        found.extend(others.map(|(place, _)| *place));
        if found.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
    }

    /// The places of the patterns that match `path`, in ascending order.
    pub fn matches(&self, path: &[u8]) -> Vec<u32> {
        let mut found = Vec::new();
        self.matches_into(path, &mut found);
        found
    }

    /// Tries the buckets for literal segments below the directory `key`, behind which `rest` is left
    /// of the path.
    fn test_segments(
        &self,
        bucket: &Bucket,
        key: u64,
        (path, name, rest): (&[u8], &[u8], &[u8]),
        found: &mut Vec<u32>,
    ) {
        for place in &bucket.segments {
            if let Some(segment) = rest.split(|byte| *byte == b'/').nth(usize::from(*place))
                && let Some(bucket) = self.buckets.get(&segment_key(key, *place, segment))
            {
                self.test(bucket, path, name, found);
            }
        }
        if !bucket.anywhere && bucket.edges.is_empty() {
            return;
        }
        for segment in rest.split(|byte| *byte == b'/') {
            let whole = bucket
                .anywhere
                .then(|| finish(hash(key, segment), ANYWHERE));
            let edges = bucket.edges.iter();
            let edges = edges.filter_map(|edge| edge.key(key, segment));
            for place in whole.into_iter().chain(edges) {
                if let Some(bucket) = self.buckets.get(&place) {
                    self.test(bucket, path, name, found);
                }
            }
        }
    }

    fn test(&self, bucket: &Bucket, path: &[u8], name: &[u8], found: &mut Vec<u32>) {
        for &entry in &bucket.globs {
            let entry = &self.globs[entry as usize];
            let fits = match entry.test {
                Test::Exact => path == &*entry.head,
                Test::Below => path.starts_with(&entry.head),
                Test::Name => name == &*entry.tail,
                Test::Glob => {
                    path.starts_with(&entry.head)
                        && path.ends_with(&entry.tail)
                        && entry.glob.as_ref().is_some_and(|glob| glob.matches(path))
                }
            };
            if fits {
                found.extend(&entry.patterns);
            }
        }
    }
}

/// The bucket for names that end with `tail`, as far as that is looked up, below the directory `key`.
fn by_end(bucket: &mut Bucket, key: u64, tail: &[u8]) -> (Test, u64) {
    let length = tail_length(tail)
        .filter(|length| bucket.tails.contains(length) || bucket.tails.len() < MOST_PARTS);
    if let Some(length) = length {
        if !bucket.tails.contains(&length) {
            bucket.tails.push(length);
        }
        let end = &tail[tail.len() - usize::from(length)..];
        return (Test::Glob, tail_key(key, end));
    }
    match tail.iter().rposition(|byte| *byte == b'.') {
        Some(dot) => {
            bucket.extensions = true;
            (Test::Glob, finish(hash(key, &tail[dot..]), EXTENSION))
        }
        None => (Test::Glob, key),
    }
}

#[cfg(test)]
mod tests;
