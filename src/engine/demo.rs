//! The five systems: real coordination plans, each as a small repository to play with.

use crate::repo;
use crate::words::{Code, Finding, Result};
use std::path::Path;

/// A coordination plan as a repository.
#[derive(Clone, Copy, Debug)]
pub struct System {
    /// The name that `gate demo` takes.
    pub name: &'static str,
    /// What the plan is about, in one line.
    pub about: &'static str,
    /// Its manifest.
    pub manifest: &'static str,
    /// The target and the branches that keep to the plan, as a stream for `git fast-import`; the
    /// mark `:1` stands for the manifest.
    pub branches: &'static str,
    /// One more commit on a branch, which changes what it must not.
    pub intruder: &'static str,
    /// One more commit on a branch, with which its verification fails.
    pub failure: &'static str,
}

macro_rules! system {
    ($name:literal, $about:literal) => {
        System {
            name: $name,
            about: $about,
            manifest: include_str!(concat!("../../fixtures/", $name, "/ownership.yaml")),
            branches: include_str!(concat!("../../fixtures/", $name, "/branches.import")),
            intruder: include_str!(concat!("../../fixtures/", $name, "/intruder.import")),
            failure: include_str!(concat!("../../fixtures/", $name, "/failure.import")),
        }
    };
}

/// The five systems.
pub const SYSTEMS: &[System] = &[
    system!(
        "tusklang",
        "five agents repair a Rust SDK; the operators are shared in the middle"
    ),
    system!(
        "nofx",
        "three tracks build a control plane, with one directory of migrations"
    ),
    system!(
        "bulletproof",
        "four agents that never talk to each other, on a Python daemon"
    ),
    system!(
        "runebook",
        "an orchestrator and six agents build a desktop program"
    ),
    system!(
        "fleet",
        "ten agents in four tiers rebuild a fleet-management service"
    ),
];

impl System {
    /// The system with this name.
    pub fn named(name: &str) -> Result<&'static Self> {
        SYSTEMS
            .iter()
            .find(|system| system.name == name)
            .ok_or_else(|| {
                let names: Vec<_> = SYSTEMS.iter().map(|system| system.name).collect();
                let finding = Finding::new(Code::Usage, format!("there is no system {name}"));
                Box::new(finding.hint(format!("one of: {}", names.join(", "))))
            })
    }

    /// Builds the system's repository in `folder`, which is empty, with `extra` streams on top.
    pub fn build(&self, folder: &Path, extra: &[&str]) -> Result<()> {
        let manifest = self.manifest;
        let mut stream = format!("blob\nmark :1\ndata {}\n{manifest}\n", manifest.len());
        for part in [&self.branches].into_iter().chain(extra) {
            stream.push_str(part);
        }
        repo::create(folder, "main", stream.as_bytes())
    }
}
