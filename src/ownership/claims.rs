//! The claims of a manifest, compiled.

use super::commands;
use super::lookup::Lookup;
use super::pattern::{Pattern, PatternError};
use crate::manifest::{Agent, AgentId, Manifest, PathSet, Spanned};
use crate::words::{Code, Finding, RepoPath, Span};
use std::collections::HashMap;

/// Which part of the manifest a claim belongs to. All claims of one part are one set of paths:
/// what its patterns match, without what its exceptions match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The paths that are protected beyond what always is.
    Protected,
    /// What this agent may change although it is protected.
    TrustedWith(AgentId),
    /// What this agent must not change.
    Forbids(AgentId),
    /// The entry of `shared` with this index.
    Shared(usize),
    /// What only this agent may change.
    Owns(AgentId),
}

/// A pattern of the manifest, and what it gives.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The part of the manifest that it belongs to.
    pub role: Role,
    /// Whether it takes paths out of that part again (`except`).
    pub exception: bool,
    /// Which paths.
    pub pattern: Pattern,
    /// Where the manifest says so.
    pub span: Span,
}

/// A manifest whose patterns are compiled: answers who may change a path.
#[derive(Clone, Debug)]
pub struct Ownership {
    manifest: Manifest,
    claims: Vec<Claim>,
    claim_lookup: Lookup,
    branches: Vec<(AgentId, Pattern, Span)>,
    branch_lookup: Lookup,
    verify_words: HashMap<Vec<u8>, Span>,
}

impl Ownership {
    /// Compiles the patterns of `manifest`.
    ///
    /// # Errors
    /// One finding for every pattern that is outside the dialect.
    pub fn compile(manifest: Manifest) -> Result<Self, Vec<Finding>> {
        let (ownership, invalid) = Self::compile_what_is_valid(manifest);
        if invalid.is_empty() {
            return Ok(ownership);
        }
        Err(invalid.into_iter().map(|pattern| pattern.finding).collect())
    }

    /// Compiles the patterns of `manifest`, for which [`Ownership::compile`] has had no objections before: each
    /// when it is needed.
    pub fn compile_again(manifest: Manifest) -> Self {
        let compiler = Compiler {
            again: true,
            ..Compiler::default()
        };
        compiler.compile(manifest).0
    }

    /// Compiles those patterns of `manifest` that are inside the dialect, and returns the others. As
    /// long as there are others, it is good for finding further problems and for nothing else.
    pub fn compile_what_is_valid(manifest: Manifest) -> (Self, Vec<InvalidPattern>) {
        Compiler::default().compile(manifest)
    }

    /// The manifest that it was compiled from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Every claim, exceptions among them, ordered by role and then as the manifest lists them.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The claims and exceptions that match `path`.
    pub fn claims_on(&self, path: &RepoPath) -> Matches<'_> {
        let patterns = self.claims.iter().map(|claim| &claim.pattern);
        let places = self.claim_lookup.matches(patterns, path.as_bytes());
        Matches {
            claims: places.iter().map(|place| &self.claims[*place]).collect(),
        }
    }

    /// The agent to which the branch `name` belongs (`agent/storage`, without `refs/heads/`), the
    /// first one if the manifest gives it to several. The target and the integration branch belong
    /// to nobody, whatever the patterns say.
    pub fn agent_of_branch(&self, name: &str) -> Option<AgentId> {
        if name == self.manifest.target.value || name == self.manifest.integration {
            return None;
        }
        let patterns = self.branches.iter().map(|(_, pattern, _)| pattern);
        let found = self.branch_lookup.matches(patterns, name.as_bytes());
        found.first().map(|place| self.branches[*place].0)
    }

    /// The patterns for the branches of `agent`, each with its place in the manifest.
    pub fn branches(&self, agent: AgentId) -> impl Iterator<Item = (&Pattern, Span)> {
        self.all_branches()
            .filter(move |(owner, _, _)| *owner == agent)
            .map(|(_, pattern, span)| (pattern, span))
    }

    /// The name that `pattern` stands for if it has no wildcards; otherwise the branches of the
    /// repository have to be tried one by one.
    pub fn branch_is_literal(pattern: &Pattern) -> Option<String> {
        pattern
            .literal()
            .and_then(|name| String::from_utf8(name).ok())
    }

    /// The verify command that has `path`, or something below it, among its words, if there is one:
    /// whatever lies at such a path is protected, since a file, or a link in place of a directory on
    /// the way to it, decides what the command does.
    pub fn verify_word(&self, path: &RepoPath) -> Option<Span> {
        self.verify_words.get(path.as_bytes()).copied()
    }

    /// Every pattern for branches: its agent, itself, its place.
    pub(super) fn all_branches(&self) -> impl Iterator<Item = (AgentId, &Pattern, Span)> {
        self.branches
            .iter()
            .map(|(agent, pattern, span)| (*agent, pattern, *span))
    }
}

/// A pattern outside the dialect.
#[derive(Clone, Debug)]
pub struct InvalidPattern {
    /// What is wrong with it.
    pub finding: Finding,
    /// Whether agents seem to own more without it, because it would have taken paths from them.
    pub widens: bool,
}

/// The claims and exceptions that match one path.
#[derive(Clone, Debug)]
pub struct Matches<'a> {
    pub(super) claims: Vec<&'a Claim>,
}

impl<'a> Matches<'a> {
    /// All of them, ordered by role.
    pub fn all(&self) -> &[&'a Claim] {
        &self.claims
    }

    /// The claim that puts the path into the set of `role`, unless an exception takes it out.
    pub fn in_set(&self, role: Role) -> Option<&'a Claim> {
        put_in(self.of_role(role))
    }

    /// The exception that takes the path out of the set of `role`.
    pub fn exception(&self, role: Role) -> Option<&'a Claim> {
        let mut claims = self.of_role(role).iter().copied();
        claims.find(|claim| claim.exception)
    }

    /// The sets that hold the path, each with the claim that puts it there, in order.
    pub fn sets(&self) -> impl Iterator<Item = &'a Claim> {
        let roles = self.claims.chunk_by(|one, two| one.role == two.role);
        roles.filter_map(put_in)
    }

    /// Those of one set: they stand together.
    fn of_role(&self, role: Role) -> &[&'a Claim] {
        let from = self.claims.partition_point(|claim| claim.role < role);
        let rest = &self.claims[from..];
        &rest[..rest.partition_point(|claim| claim.role == role)]
    }
}

/// The first of the claims of one set, unless there is an exception among them.
fn put_in<'a>(claims: &[&'a Claim]) -> Option<&'a Claim> {
    let excepted = claims.iter().any(|claim| claim.exception);
    claims.first().copied().filter(|_| !excepted)
}

#[derive(Default)]
struct Compiler {
    claims: Vec<Claim>,
    branches: Vec<(AgentId, Pattern, Span)>,
    invalid: Vec<InvalidPattern>,
    /// Whether every pattern has been found valid before.
    again: bool,
}

impl Compiler {
    fn compile(mut self, manifest: Manifest) -> (Ownership, Vec<InvalidPattern>) {
        self.set(Role::Protected, &manifest.protected);
        for id in manifest.agent_ids() {
            self.agent(id, manifest.agent(id));
        }
        for (entry, shared) in manifest.shared.iter().enumerate() {
            self.set(Role::Shared(entry), &shared.paths);
        }
        let mut claims = self.claims;
        claims.sort_by_key(|claim| claim.role);
        let verify_words = commands::words(&manifest);
        let ownership = Ownership {
            manifest,
            claims,
            claim_lookup: Lookup::default(),
            branches: self.branches,
            branch_lookup: Lookup::default(),
            verify_words,
        };
        (ownership, self.invalid)
    }

    fn pattern(
        &self,
        text: &str,
        parse: fn(&str) -> Result<Pattern, PatternError>,
    ) -> Result<Pattern, PatternError> {
        if self.again {
            Ok(Pattern::again(text))
        } else {
            parse(text)
        }
    }

    fn agent(&mut self, id: AgentId, agent: &Agent) {
        self.set(Role::TrustedWith(id), &agent.trusted_with);
        self.set(Role::Forbids(id), &agent.forbids);
        self.set(Role::Owns(id), &agent.owns);
        for branch in &agent.branches {
            match self.pattern(&branch.value, Pattern::parse_branch) {
                Ok(pattern) => self.branches.push((id, pattern, branch.span)),
                Err(error) => self.invalid.push(InvalidPattern {
                    finding: refusal("branch", branch, &error),
                    widens: false,
                }),
            }
        }
    }

    fn set(&mut self, role: Role, set: &PathSet) {
        let paths = set.paths.iter().map(|text| (false, text));
        let except = set.except.iter().map(|text| (true, text));
        for (exception, text) in paths.chain(except) {
            match self.pattern(&text.value, Pattern::parse) {
                Ok(pattern) => {
                    let span = text.span;
                    self.claims.push(Claim {
                        role,
                        exception,
                        pattern,
                        span,
                    });
                }
                Err(error) => self.invalid.push(InvalidPattern {
                    finding: refusal("path", text, &error),
                    widens: exception || !matches!(role, Role::Owns(_)),
                }),
            }
        }
    }
}

fn refusal(kind: &str, text: &Spanned<String>, error: &PatternError) -> Finding {
    let message = format!("`{}` is not a {kind} pattern: {error}", text.value);
    let column = text
        .value
        .get(..error.offset)
        .map_or(error.offset, |s| s.chars().count())
        + 1;
    let finding = Finding::new(Code::InvalidPattern, message)
        .label(text.span, format!("{error}, at character {column}"));
    match error.reason.hint() {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}
