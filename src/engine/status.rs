//! `gate status`: where everybody stands, by what git holds and by nothing else.

use super::check;
use super::delivery::{Delivered, RUN_TRAILER, stated, trailer};
use super::integrate::{Foreseen, foresee};
use super::published::agent_named;
use super::record::{self, RunReport};
use super::{Basis, BranchOutcome, Context, Outcome, Standing, worst};
use crate::manifest::AgentId;
use crate::plan::Part;
use crate::words::{Finding, ObjectId, Result, Severity};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The result of `gate status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusOutcome {
    /// What it was judged against.
    pub basis: Basis,
    /// Remarks that concern no agent.
    pub findings: Vec<Finding>,
    /// The run that landed last, if one has.
    pub last_run: Option<LastRun>,
    /// What came of the run that was made last, if it is recorded here.
    pub report: Option<RunReport>,
    /// The agents, by name.
    pub agents: Vec<AgentStatus>,
}

/// A run whose merges the target holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// Its name.
    pub run: String,
    /// The last of its merges.
    pub commit: ObjectId,
    /// What it merged, in order: agents and milestones, as the manifest names them.
    pub merged: Vec<String>,
}

/// How an agent gets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headway {
    /// Something that it depends on is not in yet.
    WaitingForDependencies,
    /// Nothing is in its way.
    InProgress,
    /// It has reached all its goals.
    Completed,
    /// Something of it would be left out: refused, in conflict, or held by somebody who is.
    Blocked,
}

/// Where an agent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStatus {
    /// Its name.
    pub name: String,
    /// How it gets on.
    pub headway: Headway,
    /// Its milestones and, last, that it has finished; each with whether it is reached.
    pub goals: Vec<(String, bool)>,
    /// The date of the newest commit that is known of it, in seconds since 1970.
    pub newest: Option<i64>,
    /// What it waits for.
    pub waits_for: Vec<String>,
    /// What is to be said of it, in sentences.
    pub notes: Vec<String>,
    /// Its milestones and branches.
    pub pieces: Vec<Piece>,
}

/// Where a branch or a milestone stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What would become of it if all commands passed: `Merged` if it is ready.
    pub outcome: BranchOutcome,
    /// The verdict on its own work; `None` where there is no branch yet.
    pub verdict: Option<Standing>,
    /// How many commits the target lacks of it, and it of the target.
    pub ahead_behind: Option<(usize, usize)>,
    /// Whether gate has landed it, or it was published and the target has it.
    pub landed: bool,
}

impl StatusOutcome {
    /// 0, whatever the answer is; 3 where the last run is not to be told.
    pub fn exit_code(&self) -> u8 {
        worst(&self.findings).exit_code()
    }
}

/// The goal of having finished.
const FINISHED: &str = "finished";

/// Where every agent stands. Branches are judged and merged in memory as by an integration; verify commands
/// do not run.
pub fn status(context: &Context) -> Outcome<StatusOutcome> {
    let agents: BTreeSet<_> = context.ownership.manifest().agent_ids().collect();
    let history = History::read(context)?;
    let foreseen = foresee(context)?;
    let delivered = Delivered::read(context, &agents)?;
    let view = Overview {
        context,
        newest: history.newest,
        afterwards: afterwards(context, &delivered, &foreseen),
        delivered,
    };
    let pieces: Vec<_> = foreseen
        .into_par_iter()
        .map(|foreseen| view.piece(foreseen))
        .collect();
    let mut by_agent: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
    for piece in pieces {
        let piece = piece?;
        let agent = piece.outcome.agent.clone().unwrap_or_default();
        by_agent.entry(agent).or_default().push(piece);
    }
    for outcome in check::absent(context) {
        let agent = outcome.agent.clone().unwrap_or_default();
        let absent = Piece {
            outcome,
            verdict: None,
            ahead_behind: None,
            landed: false,
        };
        by_agent.entry(agent).or_default().push(absent);
    }
    let of = |agent: &AgentId| {
        let pieces = by_agent.remove(context.name_of(*agent));
        view.agent(*agent, pieces.unwrap_or_default())
    };
    let mut findings = check::begin(context).remarks;
    let report = record::last(&context.repo).unwrap_or_else(|finding| {
        let hint =
            "`gate integrate` writes it anew; `git update-ref -d refs/gate/last-run` removes it";
        findings.push(finding.hint(hint));
        None
    });
    let mut agents = agents.iter().map(of).collect::<Result<Vec<_>>>()?;
    for agent in &mut agents {
        let said = report
            .iter()
            .flat_map(|report| left_out(&agent.pieces, report));
        agent.notes.extend(said);
    }
    Ok(StatusOutcome {
        basis: context.basis.clone(),
        findings,
        report,
        last_run: history.last_run,
        agents,
    })
}

/// What the last run left out although it looks ready, and that is as it was: only commands can tell why.
fn left_out(pieces: &[Piece], report: &RunReport) -> Vec<String> {
    let ready = pieces.iter().map(|piece| &piece.outcome);
    let ready = ready.filter(|outcome| outcome.standing == Standing::Merged);
    let notes = ready.filter_map(|outcome| {
        let mut known = report.branches.iter();
        let same = known.find(|it| it.branch == outcome.branch && it.tip == outcome.tip)?;
        let is_out = matches!(same.standing, Standing::Ejected | Standing::Held);
        let codes = same.reasons.iter().map(|code| code.name());
        is_out.then(|| {
            let (branch, standing) = (&same.branch, same.standing.name());
            let codes = codes.collect::<Vec<_>>().join(", ");
            format!("{branch} was {standing} by the last run ({codes}), and is as it was then")
        })
    });
    notes.collect()
}

/// What would be in after an integration.
fn afterwards(context: &Context, delivered: &Delivered, foreseen: &[Foreseen]) -> Delivered {
    let mut afterwards = delivered.clone();
    for Foreseen { outcome, .. } in foreseen {
        let Some(part) = part(context, outcome) else {
            continue;
        };
        match outcome.standing {
            Standing::Merged => afterwards.bring(&part, &outcome.branch),
            Standing::UpToDate => afterwards.insert(part),
            _ => {}
        }
    }
    afterwards
}

/// What of an agent's work an outcome is about.
fn part(context: &Context, outcome: &BranchOutcome) -> Option<Part> {
    let agent = agent_named(context.ownership.manifest(), outcome.agent.as_deref()?)?;
    let milestone = outcome.milestone.clone();
    Some(Part { agent, milestone })
}

/// What the first parents of the target say.
struct History {
    last_run: Option<LastRun>,
    /// For each agent the date of the newest merge of its work.
    newest: BTreeMap<String, i64>,
}

impl History {
    fn read(context: &Context) -> Result<Self> {
        let mut history = Self {
            last_run: None,
            newest: BTreeMap::new(),
        };
        for found in context.repo.first_parents(context.target) {
            let (id, commit) = found?;
            let Some(merge) = stated(&commit) else {
                continue;
            };
            let message = String::from_utf8_lossy(&commit.message);
            let Some(run) = trailer(&message, RUN_TRAILER) else {
                continue;
            };
            let last = history.last_run.get_or_insert_with(|| LastRun {
                run: run.to_owned(),
                commit: id,
                merged: Vec::new(),
            });
            let agent = merge.part.split('@').next().unwrap_or_default();
            let newest = history.newest.entry(agent.to_owned());
            newest.or_insert(commit.committer_seconds);
            if last.run == run {
                last.merged.insert(0, merge.part);
            }
        }
        Ok(history)
    }
}

/// What is known of all agents.
struct Overview<'a> {
    context: &'a Context,
    delivered: Delivered,
    newest: BTreeMap<String, i64>,
    /// What would be in after an integration.
    afterwards: Delivered,
}

impl Overview<'_> {
    fn piece(&self, foreseen: Foreseen) -> Result<Piece> {
        let (repo, target) = (&self.context.repo, self.context.target);
        let Foreseen { outcome, verdict } = foreseen;
        let ahead_behind = match outcome.tip {
            None => None,
            Some(tip) => {
                let ahead = repo.own_commits(tip, &[target])?.len();
                Some((ahead, repo.own_commits(target, &[tip])?.len()))
            }
        };
        let part = part(self.context, &outcome);
        let landed = part.is_some_and(|part| self.delivered.has_landed(&part));
        Ok(Piece {
            landed: landed && outcome.standing == Standing::UpToDate,
            outcome,
            verdict: Some(verdict),
            ahead_behind,
        })
    }

    fn agent(&self, agent: AgentId, pieces: Vec<Piece>) -> Result<AgentStatus> {
        let goals = self.goals(agent, &pieces);
        let waits_for = self.waits_for(agent);
        let is_out =
            |piece: &Piece| matches!(piece.outcome.standing, Standing::Ejected | Standing::Held);
        let headway = if pieces.iter().any(is_out) {
            Headway::Blocked
        } else if goals.iter().all(|(_, reached)| *reached) {
            Headway::Completed
        } else if waits_for.is_empty() {
            Headway::InProgress
        } else {
            Headway::WaitingForDependencies
        };
        Ok(AgentStatus {
            name: self.context.name_of(agent).to_owned(),
            headway,
            goals,
            newest: self.newest(agent, &pieces)?,
            notes: notes(&pieces),
            waits_for,
            pieces,
        })
    }

    /// The milestones of `agent` that somebody depends on or that were published, and its end.
    fn goals(&self, agent: AgentId, pieces: &[Piece]) -> Vec<(String, bool)> {
        let context = self.context;
        let awaited = context.dependencies.milestones().into_iter();
        let awaited = awaited.filter(|part| part.agent == agent);
        let published = context.published.milestones(agent).map(|(part, _)| part);
        let milestones: BTreeSet<&Part> = awaited.chain(published).collect();
        let is_published = |part: &Part| {
            let published = matches!(context.published.commit(part), Some(Ok(_)));
            published && !self.delivered.is_taken_back(part)
        };
        let mut goals = Vec::new();
        for part in milestones {
            let reached = is_published(part) || self.delivered.contains(part);
            goals.push((part.milestone.clone().unwrap_or_default(), reached));
        }
        let mut branches = pieces
            .iter()
            .filter(|piece| piece.outcome.milestone.is_none());
        let has_landed = pieces
            .iter()
            .any(|piece| piece.landed && piece.outcome.milestone.is_none())
            && branches.all(|piece| piece.landed)
            && !self.delivered.is_taken_back(&Part::whole(agent))
            && !context.ownership.manifest().agent(agent).continuous;
        goals.push((
            FINISHED.to_owned(),
            is_published(&Part::whole(agent)) || has_landed,
        ));
        goals
    }

    /// What must be in before `agent` goes and would not be after an integration.
    fn waits_for(&self, agent: AgentId) -> Vec<String> {
        let awaited = self.context.dependencies.awaited(agent).into_iter();
        let missing = awaited.filter(|part| !self.afterwards.contains(part));
        let names = missing.map(|part| part.name(self.context.name_of(part.agent)));
        names.collect()
    }

    /// The date of the newest commit that is known of `agent`: in its branches, published, or merged.
    fn newest(&self, agent: AgentId, pieces: &[Piece]) -> Result<Option<i64>> {
        let published = self.context.published.all();
        let published = published.filter(|(part, _)| part.agent == agent);
        let published = published.filter_map(|(_, commit)| commit.as_ref().ok().copied());
        let tips = pieces.iter().filter_map(|piece| piece.outcome.tip);
        let mut newest = self.newest.get(self.context.name_of(agent)).copied();
        for id in tips.chain(published) {
            let date = self.context.repo.commit(id)?.committer_seconds;
            newest = newest.max(Some(date));
        }
        Ok(newest)
    }
}

/// Everything that is in the way, in the order of the pieces.
fn notes(pieces: &[Piece]) -> Vec<String> {
    let mut notes = Vec::new();
    for piece in pieces {
        let findings = piece.outcome.findings.iter();
        let weighty = findings.filter(|finding| finding.code.severity() > Severity::Lint);
        for finding in weighty {
            if !notes.contains(&finding.message) {
                notes.push(finding.message.clone());
            }
        }
    }
    notes
}
