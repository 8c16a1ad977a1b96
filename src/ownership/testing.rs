//! Manifests for the tests of this room, without text: spans number the patterns.

use super::Ownership;
use crate::manifest::{Agent, AgentId, Command, Manifest, PathSet, Shared, Spanned, Unowned};
use crate::words::{RepoPath, Span};

pub(super) struct Builder {
    manifest: Manifest,
    spans: usize,
}

impl Builder {
    pub(super) fn new() -> Self {
        let manifest = Manifest {
            target: Spanned {
                value: "main".into(),
                span: Span::default(),
            },
            integration: "gate/integration".into(),
            ..Manifest::default()
        };
        Self { manifest, spans: 0 }
    }

    fn spanned(&mut self, value: &str) -> Spanned<String> {
        self.spans += 1;
        Spanned {
            value: value.to_owned(),
            span: Span::new(self.spans, 1),
        }
    }

    /// Patterns; those that begin with `-` are exceptions.
    fn set(&mut self, texts: &[&str]) -> PathSet {
        let mut set = PathSet::default();
        for text in texts {
            match text.strip_prefix('-') {
                Some(text) => set.except.push(self.spanned(text)),
                None => set.paths.push(self.spanned(text)),
            }
        }
        set
    }

    pub(super) fn agent(mut self, id: &str, owns: &[&str]) -> Self {
        let agent = Agent {
            id: self.spanned(id),
            branches: vec![self.spanned(&format!("agent/{id}"))],
            owns: self.set(owns),
            ..Agent::default()
        };
        self.manifest.agents.push(agent);
        self
    }

    fn last(&mut self) -> &mut Agent {
        self.manifest.agents.last_mut().expect("an agent")
    }

    pub(super) fn branches(mut self, names: &[&str]) -> Self {
        let branches = names.iter().map(|name| self.spanned(name)).collect();
        self.last().branches = branches;
        self
    }

    pub(super) fn forbids(mut self, texts: &[&str]) -> Self {
        let set = self.set(texts);
        self.last().forbids = set;
        self
    }

    pub(super) fn trusted(mut self, texts: &[&str]) -> Self {
        let set = self.set(texts);
        self.last().trusted_with = set;
        self
    }

    pub(super) fn protected(mut self, texts: &[&str]) -> Self {
        self.manifest.protected = self.set(texts);
        self
    }

    pub(super) fn shared(mut self, agents: &[usize], texts: &[&str]) -> Self {
        let paths = self.set(texts);
        let span = Span::default();
        let agents = agents
            .iter()
            .map(|id| Spanned {
                value: AgentId(*id),
                span,
            })
            .collect();
        let rule = Spanned::default();
        self.manifest.shared.push(Shared {
            span,
            paths,
            agents,
            rule,
        });
        self
    }

    pub(super) fn verify(mut self, line: &str) -> Self {
        let run = self.spanned(line);
        self.manifest.verify.push(Command::of(run));
        self
    }

    pub(super) fn unowned(mut self, unowned: Unowned) -> Self {
        self.manifest.unowned = unowned;
        self
    }

    pub(super) fn manifest(self) -> Manifest {
        self.manifest
    }

    pub(super) fn build(self) -> Ownership {
        Ownership::compile(self.manifest).expect("valid patterns")
    }
}

pub(super) fn tree(paths: &[&str]) -> Vec<RepoPath> {
    paths
        .iter()
        .map(|path| RepoPath::new(*path).expect("a path"))
        .collect()
}
