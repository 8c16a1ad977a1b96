//! Position automata (Glushkov 1961): one state per character of the pattern, no empty transitions,
//! and all transitions into a state read the same set of bytes.

use super::bytes::ByteSet;
use super::pattern::{Node, What};

/// The automaton of one pattern. State 0 is where it starts; it never comes back there.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    /// What is read on the way into each state.
    reads: Vec<ByteSet>,
    /// Where the successors of each state begin in `edges`, and where the last ones end.
    starts: Vec<u32>,
    edges: Vec<u16>,
    accepts: Vec<bool>,
}

/// A state in which what was read so far can end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    state: u16,
    /// Whether the text goes on with a `*` that reads nothing: a slash before it ends no pattern.
    starred: bool,
}

struct Builder {
    reads: Vec<ByteSet>,
    follow: Vec<Vec<u16>>,
    deep: Vec<u16>,
}

impl Automaton {
    /// The automaton of a pattern that has passed the rules about segments.
    pub(super) fn new(nodes: &[Node]) -> Self {
        let mut builder = Builder {
            reads: vec![ByteSet::EMPTY],
            follow: vec![Vec::new()],
            deep: Vec::new(),
        };
        let ends = builder.sequence(nodes, vec![End::at(0)]);
        let ends = builder.finish(ends);
        let mut starts = vec![0];
        let mut edges: Vec<u16> = Vec::new();
        for next in &builder.follow {
            edges.extend(next);
            starts.push(u32::try_from(edges.len()).unwrap_or(u32::MAX));
        }
        let mut accepts = vec![false; builder.reads.len()];
        for end in ends {
            accepts[usize::from(end)] = true;
        }
        Self {
            reads: builder.reads,
            starts,
            edges,
            accepts,
        }
    }

    /// The automaton that accepts everything but the empty name.
    pub(super) fn everything() -> Self {
        Self::new(&[Node {
            at: 0,
            what: What::Deep,
        }])
    }

    /// The automaton that accepts `bytes` alone.
    pub(super) fn exactly(bytes: &[u8]) -> Self {
        let byte = |(at, byte): (usize, &u8)| Node {
            at,
            what: What::Byte(*byte),
        };
        Self::new(&bytes.iter().enumerate().map(byte).collect::<Vec<_>>())
    }

    pub(super) fn len(&self) -> usize {
        self.reads.len()
    }

    pub(super) fn next(&self, state: u16) -> &[u16] {
        let state = usize::from(state);
        &self.edges[self.starts[state] as usize..self.starts[state + 1] as usize]
    }

    pub(super) fn reads(&self, state: u16) -> ByteSet {
        self.reads[usize::from(state)]
    }

    pub(super) fn accepts(&self, state: u16) -> bool {
        self.accepts[usize::from(state)]
    }

    /// Whether everything is accepted from this state on, whatever follows.
    pub(super) fn is_final(&self, state: u16) -> bool {
        self.accepts(state)
            && self.reads(state) == ByteSet::ALL
            && self.next(state).contains(&state)
    }

    /// Whether it accepts `bytes`, by simulation.
    pub(super) fn matches(&self, bytes: &[u8]) -> bool {
        let ends = self.after(bytes);
        ends.iter().any(|state| self.accepts(*state))
    }

    /// Whether it accepts something that begins with `bytes`: from every state there is a way on.
    pub(super) fn goes_on(&self, bytes: &[u8]) -> bool {
        !self.after(bytes).is_empty()
    }

    /// The bytes with which everything begins that it accepts.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        let mut state = 0;
        while let [next] = self.next(state)
            && !self.accepts(state)
            && self.reads(*next).is_single()
        {
            head.extend(self.reads(*next).nicest());
            state = *next;
        }
        head
    }

    /// Whether what it accepts may begin with just any name, before a slash or the end: every byte that
    /// is read until then is of a wildcard.
    pub(super) fn begins_anyhow(&self) -> bool {
        let mut open = vec![0_u16];
        let mut seen = vec![false; self.len()];
        while let Some(state) = open.pop() {
            if self.accepts(state) {
                return true;
            }
            for &next in self.next(state) {
                let reads = self.reads(next);
                if reads.contains(b'/') {
                    return true;
                }
                if reads == ByteSet::segment() && !seen[usize::from(next)] {
                    seen[usize::from(next)] = true;
                    open.push(next);
                }
            }
        }
        false
    }

    /// The states after `bytes`.
    fn after(&self, bytes: &[u8]) -> Vec<u16> {
        let mut now = vec![0_u16];
        let mut seen = vec![usize::MAX; self.len()];
        for (step, byte) in bytes.iter().enumerate() {
            let mut after = Vec::new();
            for &state in &now {
                for &next in self.next(state) {
                    let place = usize::from(next);
                    if seen[place] != step && self.reads[place].contains(*byte) {
                        seen[place] = step;
                        after.push(next);
                    }
                }
            }
            now = after;
        }
        now
    }
}

impl End {
    fn at(state: u16) -> Self {
        Self {
            state,
            starred: false,
        }
    }
}

impl Builder {
    fn state(&mut self, reads: ByteSet, from: &[End], repeats: bool) -> End {
        let state = u16::try_from(self.reads.len()).unwrap_or(u16::MAX);
        self.reads.push(reads);
        self.follow
            .push(if repeats { vec![state] } else { Vec::new() });
        for before in from {
            let next = &mut self.follow[usize::from(before.state)];
            if next.last() != Some(&state) {
                next.push(state);
            }
        }
        End::at(state)
    }

    /// Adds `nodes` behind the states `ends`; returns the states in which they can end.
    fn sequence(&mut self, nodes: &[Node], mut ends: Vec<End>) -> Vec<End> {
        for node in nodes {
            ends = match &node.what {
                What::Byte(byte) => vec![self.state(ByteSet::one(*byte), &ends, false)],
                What::Slash => vec![self.state(ByteSet::one(b'/'), &ends, false)],
                What::One(set) => vec![self.state(*set, &ends, false)],
                What::Star => {
                    let star = self.state(ByteSet::segment(), &ends, true);
                    for end in &mut ends {
                        end.starred = true;
                    }
                    ends.push(star);
                    ends
                }
                What::Deep => {
                    let deep = self.state(ByteSet::ALL, &ends, true);
                    self.deep.push(deep.state);
                    vec![deep]
                }
                What::Group(alternatives) => {
                    let mut after = Vec::new();
                    for alternative in alternatives {
                        after.extend(self.sequence(alternative, ends.clone()));
                    }
                    after.sort_unstable();
                    after.dedup();
                    after
                }
            };
        }
        ends
    }

    /// A slash at the end means everything below; `**` and the slash after it may both be left out.
    fn finish(&mut self, ends: Vec<End>) -> Vec<u16> {
        let slash = ByteSet::one(b'/');
        let (slashes, others): (Vec<_>, Vec<_>) = ends
            .into_iter()
            .partition(|end| self.reads[usize::from(end.state)] == slash);
        let mut ends: Vec<u16> = others.iter().map(|end| end.state).collect();
        let open: Vec<End> = slashes.into_iter().filter(|end| !end.starred).collect();
        if !open.is_empty() {
            ends.push(self.state(ByteSet::ALL, &open, true).state);
        }
        // From right to left, so that the successors of a slash already know what may be left out
        // behind it.
        for deep in std::mem::take(&mut self.deep).into_iter().rev() {
            let mut skipped = Vec::new();
            for &next in self.follow[usize::from(deep)]
                .iter()
                .filter(|next| **next != deep)
            {
                skipped.extend(&self.follow[usize::from(next)]);
            }
            for (state, next) in self.follow.iter_mut().enumerate() {
                if state != usize::from(deep) && next.contains(&deep) {
                    next.extend(&skipped);
                    next.sort_unstable();
                    next.dedup();
                }
            }
        }
        ends
    }
}
