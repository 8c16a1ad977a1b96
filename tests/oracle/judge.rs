//! The oracle: a judge that is slow, plain, and knows nothing of gate's code.

use super::attribution::{Attribution, Changes, Work};
use super::git::{Files, Git};
use super::names;
use super::rules::{Rules, Word};
use std::collections::{BTreeMap, BTreeSet};

/// A code, a path (nothing where it is about none), and the commit that is to blame, if one is.
pub(super) type Objection = (String, String, Option<String>);

/// What is said of one branch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub branch: String,
    pub standing: &'static str,
    /// How many paths it changes, net.
    pub paths: usize,
    /// How many commits are its own.
    pub commits: usize,
    pub objections: BTreeSet<Objection>,
}

impl Said {
    pub(super) fn summary(&self) -> String {
        let Self {
            standing,
            paths,
            commits,
            ..
        } = self;
        format!("{standing}, {paths} paths, {commits} commits")
    }
}

/// A repository, seen from the target.
pub(super) struct Oracle<'a> {
    pub git: &'a Git,
    pub rules: &'a Rules,
    /// The target's commit.
    pub target: String,
    /// The branches by their short names, each with the id that it points at.
    pub branches: BTreeMap<String, String>,
}

/// What an objection weighs.
fn is_refusal(objection: &Objection) -> bool {
    objection.0 != "unowned-warning"
}

impl Oracle<'_> {
    /// What is to be said of every branch of every agent, by name.
    pub(super) fn judge(&self) -> Vec<Said> {
        let mut said: Vec<(usize, Said)> = Vec::new();
        for (branch, tip) in &self.branches {
            if let Some(agent) = self.rules.agent_of(branch) {
                said.push((agent, self.judge_branch(branch, tip, agent)));
            }
        }
        let delivered = self.delivered();
        let of = |agent, wanted: &dyn Fn(&Said) -> bool| {
            said.iter()
                .any(|(owner, said)| *owner == agent && wanted(said))
        };
        let mut consequences = Vec::new();
        for (agent, _) in &said {
            let mut codes = BTreeSet::new();
            for on in self.rules.dependencies(*agent) {
                let is_going = |said: &Said| {
                    said.standing == "accepted" && (said.commits > 0 || !said.objections.is_empty())
                };
                if of(on, &|said| said.standing != "accepted") {
                    codes.insert("dependency-refused");
                } else if !delivered.contains(&on) && !of(on, &is_going) {
                    codes.insert("waiting");
                }
            }
            consequences.push(codes);
        }
        for ((_, said), codes) in said.iter_mut().zip(consequences) {
            said.standing = match said.standing {
                "accepted" if codes.contains("dependency-refused") => "refused",
                "accepted" if codes.contains("waiting") => "waiting",
                "refused" | "undecided" | "accepted" => said.standing,
                other => panic!("{other}"),
            };
        }
        said.into_iter().map(|(_, said)| said).collect()
    }

    /// The agents that a merge on the target's own line names, as gate's merges do.
    fn delivered(&self) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut next = Some(self.target.clone());
        while let Some(id) = next {
            if !self.git.files_of(&id).contains_key("ownership.yaml") {
                break;
            }
            let commit = self.git.commit(&id);
            if let [_, merged] = &commit.parents[..] {
                let says = |line: &str| commit.message.lines().any(|found| found == line);
                let is_named = |agent: &usize| {
                    says(&format!("Gate-Agent: {}", self.rules.agents[*agent].name))
                };
                if says(&format!("Gate-Commit: {merged}")) {
                    found.extend((0..self.rules.agents.len()).filter(is_named));
                }
            }
            next = commit.parents.first().cloned();
        }
        found
    }

    fn judge_branch(&self, branch: &str, tip: &str, agent: usize) -> Said {
        let undecided = Said {
            branch: branch.to_owned(),
            standing: "undecided",
            paths: 0,
            commits: 0,
            objections: BTreeSet::from([("not-a-commit".into(), String::new(), None)]),
        };
        let mut built_on = vec![self.target.clone()];
        for on in self.rules.dependencies(agent) {
            let of_agent = self.branches.iter();
            let of_agent = of_agent.filter(|(name, _)| self.rules.agent_of(name) == Some(on));
            built_on.extend(of_agent.map(|(_, tip)| tip.clone()));
        }
        let is_commit = |id: &str| self.git.object(id).0 == "commit";
        if !is_commit(tip) || !built_on.iter().all(|id| is_commit(id)) {
            return undecided;
        }
        let work = Attribution::new(self.git, built_on).work(tip);
        let mut objections = self.objections(agent, &work);
        let now = self.git.files_of(tip);
        let may = |path: &str| !matches!(self.rules.word(agent, path), Word::Denied(_));
        let of_path = |code: &str, path| (code.to_owned(), path, None);
        let target = self.git.files_of(&self.target);
        for (code, path) in names::objections(&work.base, &target, &work.net) {
            objections.insert(of_path(code, path));
        }
        if work.unrelated {
            objections.insert(of_path("unrelated-history", String::new()));
        }
        for path in names::links_away(self.git, &now, &work.net, &may) {
            objections.insert(of_path("link-leaves", path));
        }
        if self.rules.every_commit {
            for (id, changes) in &work.commits {
                let then = self.git.files_of(id);
                for path in names::links_away(self.git, &then, changes, &may) {
                    let is_known = |known: &Objection| known.0 == "link-leaves" && known.1 == path;
                    if !objections.iter().any(is_known) {
                        objections.insert(("link-leaves".into(), path, Some(id.clone())));
                    }
                }
            }
        }
        let changes_manifest = work.net.contains_key("ownership.yaml");
        if changes_manifest && !objections.iter().any(is_refusal) && !self.is_manifest(&now) {
            objections.insert(of_path("manifest-refused", String::new()));
        }
        let is_refused = objections.iter().any(is_refusal);
        Said {
            standing: if is_refused { "refused" } else { "accepted" },
            paths: work.net.len(),
            commits: work.commits.len(),
            objections,
            ..undecided
        }
    }

    /// One objection for each path: to the net change, or else to the newest commit that gives reason.
    fn objections(&self, agent: usize, work: &Work) -> BTreeSet<Objection> {
        let nothing = Vec::new();
        let commits = if self.rules.every_commit {
            &work.commits
        } else {
            &nothing
        };
        let touched = |path: &str| {
            commits
                .iter()
                .find(|(_, changes)| changes.contains_key(path))
        };
        let mut found: BTreeMap<String, Objection> = BTreeMap::new();
        for path in work.net.keys() {
            if let Some(code) = self.objection(agent, path, &work.net) {
                let commit = touched(path).map(|(id, _)| id.clone());
                found.insert(path.clone(), (code.to_owned(), path.clone(), commit));
            }
        }
        for (id, changes) in commits {
            for path in changes.keys() {
                if !found.contains_key(path)
                    && let Some(code) = self.objection(agent, path, changes)
                {
                    let objection = (code.to_owned(), path.clone(), Some(id.clone()));
                    found.insert(path.clone(), objection);
                }
            }
        }
        found.into_values().collect()
    }

    fn objection(&self, agent: usize, path: &str, changes: &Changes) -> Option<&'static str> {
        let (before, after) = &changes[path];
        let is_submodule = [before, after]
            .into_iter()
            .flatten()
            .any(|entry| entry.0 == "160000");
        match self.rules.word(agent, path) {
            Word::Denied(code) => Some(code),
            _ if is_submodule && !self.rules.agents[agent].trusted_with.hold(path) => {
                Some("submodule")
            }
            Word::Warned(code) => Some(code),
            Word::Allowed => None,
        }
    }

    /// Whether the manifest is a valid one: of those that the histories hold, all are that say so.
    fn is_manifest(&self, files: &Files) -> bool {
        let Some((mode, id)) = files.get("ownership.yaml") else {
            return false;
        };
        let is_file = mode.starts_with("100");
        is_file && self.git.object(id).1.starts_with(b"version: 1\n")
    }
}
