//! CODEOWNERS files of GitHub and GitLab, and the manifest that means the same.
//!
//! A file is read into sections of entries (`parse`, `dialect`, `owners`) and these into rules
//! (`rules`); what rules of different sections say together makes regions (`regions`, `meet`), those
//! become sets that are disjoint (`sets`), and the sets are written down (`write`, `alike`): an owner's
//! as what its agent `owns`, those of several owners as entries of `shared`. `shared` says exactly what
//! several owners mean: each of them may change the path, and nobody else. A path that an owner wins
//! back within an exception of its own becomes a shared entry with that agent alone. What is always
//! protected gets its owner by `trusted_with` (`trust`).
//!
//! Beside that, [`Codeowners::owners_of`] asks the lines themselves, one after the other, so that the
//! manifest can be compared with them on every file.

mod alike;
mod dialect;
mod meet;
mod owners;
mod parse;
mod regions;
mod remarks;
mod rules;
mod sets;
mod shape;
#[cfg(test)]
mod tests;
mod trust;
mod write;

use super::Ownership;
use crate::words::{Code, Finding, RepoPath, Result, Source};
pub use dialect::Dialect;
pub(super) use owners::{Taken, id};
use parse::{Entry, Reader};
use remarks::Line;
use rules::Rules;
pub(super) use shape::exactly;

/// A CODEOWNERS file.
pub struct Codeowners {
    source: Source,
    reader: Reader,
}

/// A file of the target, and who owns it by [`Codeowners::owners_of`].
#[derive(Clone, Debug)]
pub struct Tracked {
    /// Its path.
    pub path: RepoPath,
    /// Whether it is a submodule.
    pub submodule: bool,
    /// Its owners, as numbers.
    pub owners: Vec<usize>,
}

/// The manifest that means the same as a CODEOWNERS file.
#[derive(Clone, Debug)]
pub struct Translation {
    /// Its text.
    pub text: String,
    /// What it does not say as the file does, one finding for each reason; labels point into the file.
    pub remarks: Vec<Finding>,
    /// The agents that stand for the owners, by number.
    agents: Vec<String>,
}

impl Codeowners {
    /// Reads the lines of `source`. Lines that are wrong become remarks of the translation.
    pub fn parse(source: Source, dialect: Dialect) -> Self {
        let reader = Reader::read(&source, dialect);
        Self { source, reader }
    }

    /// The file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The owners of `path`, as numbers, in order: for each section those of its last entry that
    /// matches.
    pub fn owners_of(&self, path: &RepoPath) -> Vec<usize> {
        let entries = self.entries_on(path);
        let mut owners: Vec<usize> = entries.flat_map(|entry| &entry.owners).copied().collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// The entry of each section that decides about `path`.
    fn entries_on(&self, path: &RepoPath) -> impl Iterator<Item = &Entry> {
        let sections = self.reader.sections.iter();
        sections.filter_map(|section| section.entry_on(path.as_bytes()))
    }

    /// The first line that decides about `path`.
    fn line_on(&self, path: &RepoPath) -> Option<Line> {
        self.entries_on(path).map(|entry| entry.line).min()
    }

    /// The manifest for the branch `target` that means the same, if one of a bearable size does.
    /// `tracked` decides who is trusted with what is always protected.
    pub fn translate(&self, target: &str, tracked: &[Tracked]) -> Result<Translation> {
        let mut remarks = self.reader.remarks.clone();
        let rules = Rules::read(&self.reader.sections, &mut remarks);
        let regions = regions::regions(&rules)?;
        let sets = sets::sets(&rules, &regions)?;
        let trusted = trust::trust(self, &rules, tracked, &mut remarks);
        let agents = self.reader.owners.agents();
        for entry in self
            .reader
            .sections
            .iter()
            .flat_map(|section| &section.entries)
        {
            if entry.owners.len() > 1 {
                remarks.add(entry.line, SEVERAL);
            }
            let address = |owner: &&usize| !self.reader.owners.names()[**owner].starts_with('@');
            for owner in entry.owners.iter().filter(address) {
                let name = &self.reader.owners.names()[*owner];
                remarks.add(
                    entry.line,
                    format!(
                        "`{name}` is a person, and has an agent `{}` now",
                        agents[*owner]
                    ),
                );
            }
            if entry.text.contains('?') {
                remarks.add(entry.line, ONE_BYTE);
            }
        }
        let manifest = write::Manifest {
            file: &self.source.name,
            dialect: self.reader.dialect,
            target,
            owners: self.reader.owners.names(),
            agents: &agents,
            rules: &rules,
            regions: &regions,
            sets: &sets,
            trusted: &trusted,
            remarks: &remarks.sorted(),
        };
        let text = manifest.text();
        Ok(Translation {
            text: text.ok_or_else(|| rules::too_many(&rules, &sets::exceptions(&rules, &sets)))?,
            remarks: remarks.sorted().into_iter().map(finding).collect(),
            agents,
        })
    }
}

const SEVERAL: &str =
    "it has several owners: any of them may change what it matches, which is a `shared` entry";
const ONE_BYTE: &str = "`?` stands for one byte in a manifest; letters outside ASCII have several";

fn finding(remark: &remarks::Remark) -> Finding {
    let numbers = remark.numbers();
    let finding = Finding::new(
        Code::CodeownersLine,
        format!("{numbers}: {}", remark.reason),
    );
    match remark.lines.first() {
        Some(line) => finding.label(line.span, "here"),
        None => finding,
    }
}

impl Translation {
    /// Who holds `file` by `ownership`, the compiled manifest, and who should, if that differs.
    pub fn difference(
        &self,
        ownership: &Ownership,
        file: &Tracked,
    ) -> Option<(Vec<String>, Vec<String>)> {
        let manifest = ownership.manifest();
        let name = |agent: &crate::manifest::AgentId| manifest.agent(*agent).id.value.clone();
        let wanted = if file.needs_trust() {
            file.trustee().into_iter().collect()
        } else {
            file.owners.clone()
        };
        let mut wanted: Vec<String> = wanted
            .iter()
            .map(|owner| self.agents[*owner].clone())
            .collect();
        let mut found: Vec<String> = if file.submodule {
            let trusted = |agent: &_| ownership.trusted(*agent, &file.path).is_some();
            let agents: Vec<_> = manifest.agent_ids().filter(trusted).collect();
            agents.iter().map(name).collect()
        } else {
            ownership.holders(&file.path).iter().map(name).collect()
        };
        wanted.sort_unstable();
        found.sort_unstable();
        (wanted != found).then_some((found, wanted))
    }
}
