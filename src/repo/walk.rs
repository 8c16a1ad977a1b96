//! Walks through history that paint commits from the newest to the oldest, as git does.
//!
//! Commits are visited by date, since a generation number is not known without a commit-graph and the
//! answer must not depend on whether there is one. Paint only ever flows from child to parent, so what
//! is painted as hidden really is hidden; where the dates of commits contradict their order, a commit
//! may miss a coat that it deserves. [`SLACK`] further commits are visited to give it to them.

use super::objects::Objects;
use crate::words::{ObjectId, Result};
use std::collections::BinaryHeap;

/// How many commits more are visited after the question seems to be answered.
pub(super) const SLACK: usize = 128;
/// How far dates are believed to be off, in seconds: two days.
pub(super) const SKEW: u64 = 2 * 86_400;

/// Reachable from the first side.
pub(super) const ONE: u8 = 1;
/// Reachable from the other side.
pub(super) const TWO: u8 = 2;
/// Below a commit that both sides reach.
pub(super) const STALE: u8 = 4;
/// Not a paint: to be visited.
const QUEUED: u8 = 128;

/// A walk through history that hands paint down from commits to their parents.
pub(super) struct Walk<'a> {
    objects: &'a Objects,
    undecided: fn(u8) -> bool,
    /// The commits to visit: by date, and by id where dates are equal, with their places.
    queue: BinaryHeap<(u64, &'a ObjectId, usize)>,
    /// The paint of the commit at each place, and whether it is queued; zero if it was not reached.
    seen: Vec<u8>,
    /// How many commits in the queue are undecided.
    pending: usize,
    /// The oldest date of an undecided commit that was visited.
    oldest: u64,
    /// The commits where a shallow clone ended the walk.
    cuts: Vec<usize>,
}

impl<'a> Walk<'a> {
    /// A walk that goes on while a commit in the queue has paint that is `undecided`.
    pub(super) fn new(objects: &'a Objects, undecided: fn(u8) -> bool) -> Self {
        Self {
            objects,
            undecided,
            queue: BinaryHeap::new(),
            seen: Vec::new(),
            pending: 0,
            oldest: u64::MAX,
            cuts: Vec::new(),
        }
    }

    /// Paints where the two sides start.
    pub(super) fn begin(&mut self, one: ObjectId, two: &[ObjectId]) -> Result<()> {
        let graph = &self.objects.graph;
        self.paint(graph.place(self.objects, one)?, ONE);
        for id in two {
            self.paint(graph.place(self.objects, *id)?, TWO);
        }
        Ok(())
    }

    /// Adds `paint` to the commit at `place`, and has it visited if that is news.
    fn paint(&mut self, place: usize, paint: u8) {
        if place >= self.seen.len() {
            self.seen.resize(place + 1, 0);
        }
        let before = self.seen[place];
        let now = before | paint;
        if now == before {
            return;
        }
        self.seen[place] = now | QUEUED;
        self.pending += usize::from((self.undecided)(now & !QUEUED));
        if before & QUEUED == 0 {
            let node = self.objects.graph.node(place);
            self.queue.push((node.date, &node.id, place));
        } else {
            self.pending -= usize::from((self.undecided)(before & !QUEUED));
        }
    }

    /// Visits commits until all are decided, handing down to parents what `flow` makes of a paint.
    pub(super) fn run(&mut self, flow: impl Fn(u8) -> u8) -> Result<()> {
        let graph = &self.objects.graph;
        let mut slack = SLACK;
        while let Some((date, _, place)) = self.queue.pop() {
            if self.pending == 0 && date.saturating_add(SKEW) < self.oldest {
                if slack == 0 {
                    return Ok(());
                }
                slack -= 1;
            }
            self.seen[place] &= !QUEUED;
            let paint = self.seen[place];
            if (self.undecided)(paint) {
                self.pending -= 1;
                self.oldest = self.oldest.min(date);
            }
            let paint = flow(paint);
            if paint == 0 {
                continue;
            }
            if graph.node(place).boundary {
                self.cuts.push(place);
            }
            for parent in graph.parents(self.objects, place)? {
                self.paint(*parent, paint);
            }
        }
        Ok(())
    }

    /// The commits that only the first side reaches, the newest first.
    pub(super) fn own(&self) -> Result<Vec<ObjectId>> {
        let places = self.places(|paint| paint == ONE);
        let date = |place: usize| self.objects.graph.node(place).date;
        // What is missing below a hidden commit could hide only what is older.
        let oldest = places.last().map(|place| date(*place));
        let older = |date| oldest.is_some_and(|oldest| oldest < date);
        self.check_cuts(|date, paint| paint == ONE || older(date))?;
        Ok(self.ids(&places))
    }

    /// Fails if a shallow clone ended the walk at a commit, with this date and paint, where it matters.
    pub(super) fn check_cuts(&self, matters: impl Fn(u64, u8) -> bool) -> Result<()> {
        let graph = &self.objects.graph;
        for place in &self.cuts {
            let node = graph.node(*place);
            if matters(node.date, self.paint_of(*place)) {
                return Err(self.objects.cut_off(node.id));
            }
        }
        Ok(())
    }

    pub(super) fn paint_of(&self, place: usize) -> u8 {
        self.seen.get(place).map_or(0, |seen| seen & !QUEUED)
    }

    /// The commits with such paint, the newest first, and by id where dates are equal.
    pub(super) fn painted(&self, wanted: impl Fn(u8) -> bool) -> Vec<ObjectId> {
        self.ids(&self.places(wanted))
    }

    fn places(&self, wanted: impl Fn(u8) -> bool) -> Vec<usize> {
        let reached = |place: &usize| wanted(self.paint_of(*place));
        let mut found: Vec<_> = (0..self.seen.len()).filter(reached).collect();
        found.sort_unstable_by_key(|place| {
            let node = self.objects.graph.node(*place);
            (std::cmp::Reverse(node.date), node.id)
        });
        found
    }

    fn ids(&self, places: &[usize]) -> Vec<ObjectId> {
        let id = |place: &usize| self.objects.graph.node(*place).id;
        places.iter().map(id).collect()
    }
}
