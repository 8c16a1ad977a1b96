//! Every branch alone on the target, and every two of them one after the other.

use super::super::Context;
use super::super::disjoint::{self, Party};
use super::super::merge_each;
use super::footprint::Footprint;
use super::memory::Memory;
use super::{Candidate, Clash, Met, Pair, merge_commit};
use crate::repo::{ConflictPath, Merge, Quarantine};
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use rayon::prelude::*;
use std::collections::HashSet;

/// What comes of each branch alone, and of each two that have something to merge.
pub(super) struct Pairs {
    pub alone: Vec<Met>,
    pub pairs: Vec<Pair>,
}

/// A branch on top of the target.
struct Landed {
    met: Met,
    /// The merge commit, where it merges.
    commit: Option<ObjectId>,
    /// What the merge changes in the target.
    to_target: Footprint,
    /// What the branch changes in the commit that it shares with the target, if there is one such
    /// commit and its merge is plain: at no name do both sides differ from it.
    plain: Option<Footprint>,
    /// The commits that the target does not have.
    own: HashSet<ObjectId>,
    /// The paths that the branch changes, net, in order.
    paths: Vec<RepoPath>,
}

/// What comes of two branches, as far as it is told without merging them.
enum Told {
    Met(Met),
    /// The second commit is to be merged onto the first one.
    ToMerge(ObjectId, ObjectId),
}

struct Pairing<'a> {
    context: &'a Context,
    quarantine: &'a Quarantine,
    candidates: &'a [Candidate],
}

impl Pairs {
    /// Looks up what is known, and finds out the rest.
    pub(super) fn of(
        context: &Context,
        candidates: &[Candidate],
        memory: &mut Memory,
    ) -> Result<Self> {
        let tips: Vec<_> = candidates.iter().map(|candidate| candidate.tip).collect();
        let alone = tips.iter().map(|tip| memory.recall(context, &[*tip]));
        let alone = alone.collect::<Result<Vec<_>>>()?;
        let places = || {
            (0..tips.len())
                .flat_map(|first| (first + 1..tips.len()).map(move |second| (first, second)))
        };
        let known = places()
            .map(|(first, second)| memory.recall(context, &[tips[first], tips[second]]))
            .collect::<Result<Vec<_>>>()?;
        if alone.iter().chain(&known).all(Option::is_some) {
            return Ok(Self::put(
                alone.into_iter().flatten().collect(),
                places().zip(known.into_iter().flatten()),
            ));
        }
        let pairing = Pairing {
            context,
            quarantine: memory.quarantine(context)?,
            candidates,
        };
        let landed: Vec<_> = candidates
            .par_iter()
            .map(|candidate| pairing.land(candidate))
            .collect();
        let landed = landed.into_iter().collect::<Result<Vec<_>>>()?;
        let asked: Vec<_> = places().zip(known).collect();
        let met = pairing.meet_all(&landed, asked)?;
        for (tip, landed) in tips.iter().zip(&landed) {
            memory.learn(context, &[*tip], &landed.met)?;
        }
        for ((first, second), met) in places().zip(&met) {
            memory.learn(context, &[tips[first], tips[second]], met)?;
        }
        let alone = landed.into_iter().map(|landed| landed.met).collect();
        Ok(Self::put(alone, places().zip(met)))
    }

    /// Leaves out whoever has nothing to merge.
    fn put(alone: Vec<Met>, pairs: impl Iterator<Item = ((usize, usize), Met)>) -> Self {
        let has_something = |place: usize| alone[place] != Met::Apart;
        let pairs = pairs
            .filter(|((first, second), _)| has_something(*first) && has_something(*second))
            .map(|((first, second), met)| Pair { first, second, met })
            .collect();
        Self { alone, pairs }
    }
}

impl Pairing<'_> {
    /// Merges a branch onto the target.
    fn land(&self, candidate: &Candidate) -> Result<Landed> {
        let Self {
            context,
            quarantine,
            ..
        } = self;
        let (target, target_tree) = (context.target, context.target_tree);
        let fork = quarantine.fork(candidate.tip, &[target])?;
        let mut landed = Landed {
            met: Met::Apart,
            commit: None,
            to_target: Footprint::default(),
            plain: None,
            own: fork.own.into_iter().collect(),
            paths: Vec::new(),
        };
        if landed.own.is_empty() {
            return Ok(landed);
        }
        let tree = quarantine.commit(candidate.tip)?.tree;
        let base = match fork.bases[..] {
            [] => None,
            [base] => Some(quarantine.commit(base)?.tree),
            ref several => Some(quarantine.merge_all(several)?.tree),
        };
        let changes = quarantine.diff(base, tree)?;
        let mut plainly = None;
        if let ([_], Some(base)) = (&fork.bases[..], base) {
            plainly = quarantine.merge_trees(Some(base), target_tree, tree)?;
            if plainly.is_some() {
                landed.plain = Some(Footprint::of(quarantine, &changes, tree)?);
            }
        }
        landed.paths = changes.into_iter().map(|change| change.path).collect();
        let merged = match plainly {
            Some(tree) => tree,
            None => match quarantine.merge(target, candidate.tip)? {
                Merge::Clean { tree } => tree,
                Merge::Conflict { paths, .. } => {
                    landed.met = Met::Clashes(Clash::of(paths));
                    return Ok(landed);
                }
                Merge::Unrelated => {
                    landed.met = Met::Clashes(Clash::of(Vec::new()));
                    return Ok(landed);
                }
            },
        };
        landed.met = Met::Merges;
        landed.commit = Some(merge_commit(quarantine, target, candidate.tip, merged)?);
        let changes = quarantine.diff(Some(target_tree), merged)?;
        landed.to_target = Footprint::of(quarantine, &changes, merged)?;
        Ok(landed)
    }

    /// What comes of each pair that is not known.
    fn meet_all(
        &self,
        landed: &[Landed],
        asked: Vec<((usize, usize), Option<Met>)>,
    ) -> Result<Vec<Met>> {
        let told: Vec<_> = asked
            .into_par_iter()
            .map(|(places, known)| match known {
                Some(met) => Ok(Told::Met(met)),
                None => self.meet(landed, places),
            })
            .collect();
        let told = told.into_iter().collect::<Result<Vec<_>>>()?;
        let open = told.iter().filter_map(|told| match told {
            Told::Met(_) => None,
            Told::ToMerge(onto, tip) => Some((*onto, *tip)),
        });
        let open: Vec<_> = open.collect();
        let mut merged = merge_each(self.quarantine, &open)?.into_iter();
        let met = told.into_iter().map(|told| match told {
            Told::Met(met) => Ok(met),
            Told::ToMerge(..) => match merged.next() {
                Some(Merge::Clean { .. }) => Ok(Met::Merges),
                Some(Merge::Conflict { paths, .. }) => Ok(Met::Clashes(Clash::of(paths))),
                Some(Merge::Unrelated) | None => Err(Finding::error(
                    Code::Git,
                    "two branches of one target have nothing in common",
                )),
            },
        });
        met.collect()
    }

    /// What comes of merging the second branch onto the target that has the first one.
    fn meet(&self, landed: &[Landed], (first, second): (usize, usize)) -> Result<Told> {
        let (one, other) = (&landed[first], &landed[second]);
        if one.met == Met::Apart || other.met == Met::Apart {
            return Ok(Told::Met(Met::Apart));
        }
        let (Some(onto), Some(_)) = (one.commit, other.commit) else {
            return Ok(Told::Met(Met::Untold));
        };
        if one.cannot_meet(other) {
            return Ok(Told::Met(Met::Apart));
        }
        let tip = self.candidates[second].tip;
        let party = |place: usize| Party {
            branch: &self.candidates[place].branch,
            tip: self.candidates[place].tip,
            paths: &landed[place].paths,
        };
        let close = disjoint::clash(self.context, self.quarantine, party(first), party(second))?;
        if let Some(clash) = close {
            return Ok(Told::Met(Met::Clashes(Clash::by_rule(clash))));
        }
        Ok(Told::ToMerge(onto, tip))
    }
}

impl Landed {
    /// Whether it is certain that `other` merges behind it, without merging them.
    ///
    /// If they share no commit of their own, their merge has the base that `other` has with the target.
    /// `other` is plain there: at no name do it and the target both differ from that base. So there is
    /// nothing but what this branch changes in the target that could meet it, at the same path, where
    /// one has a file and the other one a directory, or in a directory that is removed. Where nothing
    /// does, the merge is as plain, and the first engine answers it.
    fn cannot_meet(&self, other: &Self) -> bool {
        let Some(plain) = &other.plain else {
            return false;
        };
        self.own.is_disjoint(&other.own) && !self.to_target.meets(plain)
    }
}

impl Clash {
    /// A conflict in these paths.
    pub(super) fn of(paths: Vec<ConflictPath>) -> Self {
        let paths = paths.into_iter();
        Self {
            by_rule: false,
            paths: paths
                .map(|conflict| (conflict.path, conflict.kinds))
                .collect(),
        }
    }

    fn by_rule(clash: disjoint::Clash) -> Self {
        let places = clash.places.iter();
        let places = places.map(|[one, other]| format!("{one} and {other}"));
        Self {
            by_rule: true,
            paths: vec![(clash.path, places.collect())],
        }
    }
}
