//! CODEOWNERS against independent readings of it, and what the manifest looks like.

mod large;
mod oracle;
mod table;

use super::super::{Decision, prove};
use super::*;
use crate::manifest;
use crate::words::Severity;
use std::collections::BTreeSet;

/// The manifest that a CODEOWNERS file becomes, and that manifest compiled.
pub(super) struct Translated {
    pub(super) translation: Translation,
    pub(super) ownership: Ownership,
    pub(super) tracked: Vec<Tracked>,
}

pub(super) fn translate(text: &str, dialect: Dialect, paths: &[&str]) -> Translated {
    let source = Source {
        name: "CODEOWNERS".into(),
        text: text.into(),
    };
    let codeowners = Codeowners::parse(source, dialect);
    let tracked: Vec<Tracked> = paths
        .iter()
        .map(|path| {
            let path = RepoPath::new(*path).expect("a path");
            Tracked {
                owners: codeowners.owners_of(&path),
                path,
                submodule: false,
            }
        })
        .collect();
    let translation = codeowners
        .translate("main", &tracked)
        .expect("few patterns");
    let source = manifest::decode("ownership.yaml", translation.text.as_bytes()).expect("UTF-8");
    let manifest = manifest::parse(source)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{}", translation.text));
    let ownership = Ownership::compile(manifest).expect("patterns");
    Translated {
        translation,
        ownership,
        tracked,
    }
}

impl Translated {
    /// Fails unless the manifest is proven and holds every file as the lines say.
    #[track_caller]
    pub(super) fn holds(&self) {
        let proof = prove(&self.ownership, &[]);
        let errors = proof
            .findings
            .iter()
            .filter(|f| f.code.severity() != Severity::Lint);
        assert_eq!(
            errors.count(),
            0,
            "{:?}\n{}",
            proof.findings,
            self.translation.text
        );
        for file in &self.tracked {
            let difference = self.translation.difference(&self.ownership, file);
            assert_eq!(difference, None, "{}\n{}", file.path, self.translation.text);
        }
    }

    /// The names of the agents that may change `path`, asked one by one.
    pub(super) fn may_change(&self, path: &RepoPath) -> BTreeSet<String> {
        if self.ownership.decide(path) == Decision::Unowned {
            return BTreeSet::new();
        }
        let manifest = self.ownership.manifest();
        manifest
            .agent_ids()
            .filter(|agent| self.ownership.permission(*agent, path).is_allowed())
            .map(|agent| manifest.agent(agent).id.value.clone())
            .collect()
    }

    /// The remarks, each as one line.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.translation
            .remarks
            .iter()
            .map(|remark| remark.message.clone())
            .collect()
    }
}
