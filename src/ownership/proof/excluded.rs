//! What of two sets does not count: exceptions, what is shared, what is protected.

use super::super::always::always;
use super::super::claims::{Claim, Ownership, Role};
use super::super::pattern::Pattern;
use super::exclusion::ExcludedSet;
use super::filter;
use super::prover::Prover;
use crate::words::RepoPath;

impl<'a> Prover<'a> {
    /// The exceptions of a set.
    pub(super) fn exceptions(&self, role: Role) -> impl Iterator<Item = &'a Claim> + use<'a> {
        self.of_role(role).iter().filter(|claim| claim.exception)
    }

    /// The claims and exceptions of a set: they stand together, in the order of roles.
    pub(super) fn of_role(&self, role: Role) -> &'a [Claim] {
        of_role(self.ownership, role)
    }

    /// Whether `path` is really given by both claims, everything taken into account.
    pub(super) fn both_give(&self, one: &Claim, two: &Claim, path: &[u8]) -> bool {
        let Ok(path) = RepoPath::new(path) else {
            return false;
        };
        let matches = self.ownership.claims_on(&path);
        if matches.exception(one.role).is_some() || matches.exception(two.role).is_some() {
            return false;
        }
        let trusted = matches!(one.role, Role::TrustedWith(_));
        let owners = matches!((one.role, two.role), (Role::Owns(_), Role::Owns(_)));
        trusted
            || always(&path).is_none()
                && !matches.sets().any(|claim| match claim.role {
                    Role::Protected => true,
                    Role::Shared(_) => owners,
                    _ => false,
                })
    }

    /// The exceptions of `roles` that could matter to a path that all of `patterns` match.
    pub(super) fn exception_sets(
        &mut self,
        roles: &[Role],
        patterns: &[&Pattern],
    ) -> Vec<ExcludedSet> {
        let mut sets = Vec::new();
        for exception in roles
            .iter()
            .flat_map(|role| self.exceptions(*role))
            .collect::<Vec<_>>()
        {
            if matters(&exception.pattern, patterns) {
                let paths = vec![self.automaton(&exception.pattern)];
                sets.push(ExcludedSet {
                    paths,
                    except: Vec::new(),
                });
            }
        }
        sets
    }

    /// The sets that decide before `roles` do, and the exceptions of `roles`: only what could
    /// matter to a path that all of `patterns` match.
    pub(super) fn excluded_sets(
        &mut self,
        roles: &[Role],
        patterns: &[&Pattern],
    ) -> Vec<ExcludedSet> {
        let mut sets = self.exception_sets(roles, patterns);
        if roles
            .iter()
            .any(|role| matches!(role, Role::TrustedWith(_)))
        {
            return sets;
        }
        self.add_set(
            &mut sets,
            &self.of_role(Role::Protected).iter().collect::<Vec<_>>(),
            patterns,
        );
        if roles.iter().all(|role| matches!(role, Role::Owns(_))) {
            for entry in 0..self.ownership.manifest().shared.len() {
                let claims = self.of_role(Role::Shared(entry)).iter().collect::<Vec<_>>();
                self.add_set(&mut sets, &claims, patterns);
            }
        }
        sets.extend(self.always_set(patterns));
        sets
    }

    /// What is protected in every repository, as far as it could matter to `patterns`.
    pub(super) fn always_set(&mut self, patterns: &[&Pattern]) -> Option<ExcludedSet> {
        let always = std::mem::take(&mut self.always);
        let mut set = ExcludedSet::default();
        for pattern in always.iter().filter(|pattern| matters(pattern, patterns)) {
            set.paths.push(std::rc::Rc::new(pattern.automaton()));
        }
        self.always = always;
        (!set.paths.is_empty()).then_some(set)
    }

    /// Adds the set that `claims` make.
    pub(super) fn add_set(
        &mut self,
        sets: &mut Vec<ExcludedSet>,
        claims: &[&'a Claim],
        patterns: &[&Pattern],
    ) {
        let mut set = ExcludedSet::default();
        for claim in claims
            .iter()
            .filter(|claim| matters(&claim.pattern, patterns))
        {
            let automaton = self.automaton(&claim.pattern);
            if claim.exception {
                set.except.push(automaton);
            } else {
                set.paths.push(automaton);
            }
        }
        if !set.paths.is_empty() {
            sets.push(set);
        }
    }
}

/// The claims and exceptions of a set: they stand together, in the order of roles.
pub(super) fn of_role(ownership: &Ownership, role: Role) -> &[Claim] {
    let claims = ownership.claims();
    let from = claims.partition_point(|claim| claim.role < role);
    let rest = &claims[from..];
    &rest[..rest.partition_point(|claim| claim.role == role)]
}

fn matters(pattern: &Pattern, patterns: &[&Pattern]) -> bool {
    patterns
        .iter()
        .all(|other| filter::compatible(pattern, other))
}
