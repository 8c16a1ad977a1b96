//! What earlier runs found out, by the ids of all that it depends on. Nothing here is needed: what is
//! missing, damaged or of another version is found out again.

use super::super::Context;
use super::{Clash, Met};
use crate::repo::Quarantine;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result, quote, unquote};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Under which name it is kept.
const NAME: &str = "conflicts";
/// How many bytes are kept at most.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How many bytes one answer may have: what conflicts everywhere is found out again.
const MOST_OF_ONE: usize = 16 * 1024;

/// The answers of earlier runs and of this one.
pub(super) struct Memory {
    /// What every answer depends on besides the branches: the target, the manifest, git and gate.
    basis: String,
    known: BTreeMap<String, Kept>,
    /// The keys that this run has asked for.
    touched: BTreeSet<String>,
    used: usize,
    learned: BTreeSet<String>,
    /// Where merges are made; made with the first one.
    quarantine: Option<Quarantine>,
}

/// An answer as it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kept {
    Apart,
    Merges,
    Untold,
    Clashes {
        by_rule: bool,
        /// Paths as git quotes them, each with what is wrong there.
        paths: Vec<(String, Vec<String>)>,
    },
}

impl Memory {
    /// What is kept in this clone, for this target, manifest and version of git.
    pub(super) fn read(context: &Context, git: &str) -> Result<Self> {
        // Where every answer is known, no quarantine is made, which would do this.
        context.repo.sweep_quarantines()?;
        let kept = context.repo.remembered(NAME, MOST_BYTES as u64)?;
        let known = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
        let (target, manifest) = (context.target, context.manifest_id);
        let version = env!("CARGO_PKG_VERSION");
        Ok(Self {
            basis: format!("gate {version}\n{git}\ntarget {target}\nmanifest {manifest}\n"),
            known: known.unwrap_or_default(),
            touched: BTreeSet::new(),
            used: 0,
            learned: BTreeSet::new(),
            quarantine: None,
        })
    }

    /// What is known of merging these commits onto the target, one after the other.
    pub(super) fn recall(&mut self, context: &Context, tips: &[ObjectId]) -> Result<Option<Met>> {
        let key = self.key(context, tips)?;
        let met = self.known.get(&key).and_then(Kept::met);
        if met.is_some() {
            let is_of_before = !self.learned.contains(&key);
            self.used += usize::from(is_of_before && self.touched.insert(key));
        }
        Ok(met)
    }

    /// Adds what was found out about merging these commits.
    pub(super) fn learn(&mut self, context: &Context, tips: &[ObjectId], met: &Met) -> Result<()> {
        let key = self.key(context, tips)?;
        if !self.touched.contains(&key) && self.learned.insert(key.clone()) {
            self.known.insert(key, Kept::of(met));
        }
        Ok(())
    }

    /// How many answers were known from earlier runs.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Where merges are made.
    pub(super) fn quarantine(&mut self, context: &Context) -> Result<&Quarantine> {
        Ok(match &mut self.quarantine {
            Some(quarantine) => quarantine,
            missing => missing.insert(context.quarantine()?),
        })
    }

    /// Keeps what is new for the next run: what this one has asked for first, and as much of the rest
    /// as there is room for.
    pub(super) fn keep(&self, context: &Context) -> Result<()> {
        let Some(quarantine) = self
            .quarantine
            .as_ref()
            .filter(|_| !self.learned.is_empty())
        else {
            return Ok(());
        };
        let is_touched = |key: &String| self.touched.contains(key) || self.learned.contains(key);
        let (now, before): (Vec<_>, Vec<_>) =
            self.known.iter().partition(|(key, _)| is_touched(key));
        // What the file begins with, and braces.
        let mut room = MOST_BYTES - 256;
        let mut kept = BTreeMap::new();
        for (key, answer) in now.into_iter().chain(before) {
            // The key, its quotes, a colon and a comma.
            let size = text(answer)?.len() + key.len() + 4;
            if size <= MOST_OF_ONE && size <= room {
                room -= size;
                kept.insert(key, answer);
            }
        }
        context.repo.remember(quarantine, NAME, &text(&kept)?)
    }

    fn key(&self, context: &Context, tips: &[ObjectId]) -> Result<String> {
        let tips: Vec<_> = tips.iter().map(ObjectId::to_string).collect();
        let text = format!("{}{}", self.basis, tips.join("\n"));
        Ok(context.repo.digest(text.as_bytes())?.to_string())
    }
}

impl Kept {
    fn of(met: &Met) -> Self {
        match met {
            Met::Apart => Self::Apart,
            Met::Merges => Self::Merges,
            Met::Untold => Self::Untold,
            Met::Clashes(clash) => Self::Clashes {
                by_rule: clash.by_rule,
                paths: (clash.paths.iter())
                    .map(|(path, kinds)| (quote(path.as_bytes()), kinds.clone()))
                    .collect(),
            },
        }
    }

    /// The answer; `None` if it names what is no path.
    fn met(&self) -> Option<Met> {
        Some(match self {
            Self::Apart => Met::Apart,
            Self::Merges => Met::Merges,
            Self::Untold => Met::Untold,
            Self::Clashes { by_rule, paths } => {
                let paths = paths.iter().map(|(path, kinds)| {
                    let path = RepoPath::new(unquote(path.as_bytes())?).ok()?;
                    Some((path, kinds.clone()))
                });
                Met::Clashes(Clash {
                    by_rule: *by_rule,
                    paths: paths.collect::<Option<_>>()?,
                })
            }
        })
    }
}

/// `value` as it is kept.
fn text(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| {
        let finding = Finding::new(Code::InputOutput, "what was found out cannot be kept");
        Box::new(finding.because(&error))
    })
}
