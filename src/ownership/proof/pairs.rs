//! Which claims must not meet, and how many pairs of them there are.

use super::super::claims::{Claim, Role};
use crate::manifest::{AgentId, Manifest};
use std::collections::{BTreeMap, HashMap};

/// Who holds what, prepared for being asked about millions of pairs.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// The agents of each shared entry, in order.
    members: Vec<Vec<AgentId>>,
    /// Shared entries with the same agents have the same number.
    groups: Vec<usize>,
}

impl Pairs {
    pub(super) fn new(manifest: &Manifest) -> Self {
        let members: Vec<Vec<AgentId>> = manifest
            .shared
            .iter()
            .map(|entry| {
                let mut members: Vec<_> = entry.agents.iter().map(|agent| agent.value).collect();
                members.sort_unstable();
                members.dedup();
                members
            })
            .collect();
        let mut numbers: HashMap<&[AgentId], usize> = HashMap::new();
        let mut groups = Vec::with_capacity(members.len());
        for entry in &members {
            let next = numbers.len();
            groups.push(*numbers.entry(entry).or_insert(next));
        }
        Self { members, groups }
    }

    /// Whether no path may lie in both sets.
    pub(super) fn must_not_meet(&self, one: Role, two: Role) -> bool {
        match (one, two) {
            (Role::Owns(one), Role::Owns(two))
            | (Role::TrustedWith(one), Role::TrustedWith(two)) => one != two,
            (Role::Shared(entry), Role::Owns(agent)) | (Role::Owns(agent), Role::Shared(entry)) => {
                self.members[entry].binary_search(&agent).is_err()
            }
            (Role::Shared(one), Role::Shared(two)) => self.groups[one] != self.groups[two],
            _ => false,
        }
    }

    /// How many pairs of `claims` must not meet.
    pub(super) fn count(&self, claims: &[&Claim]) -> u64 {
        let mut owned: BTreeMap<AgentId, u64> = BTreeMap::new();
        let mut trusted: BTreeMap<AgentId, u64> = BTreeMap::new();
        let mut grouped: BTreeMap<usize, u64> = BTreeMap::new();
        let mut shared: BTreeMap<usize, u64> = BTreeMap::new();
        for claim in claims {
            match claim.role {
                Role::Owns(agent) => *owned.entry(agent).or_default() += 1,
                Role::TrustedWith(agent) => *trusted.entry(agent).or_default() += 1,
                Role::Shared(entry) => {
                    *shared.entry(entry).or_default() += 1;
                    *grouped.entry(self.groups[entry]).or_default() += 1;
                }
                Role::Protected | Role::Forbids(_) => {}
            }
        }
        let all = owned.values().sum::<u64>();
        let beside = shared.iter().map(|(entry, count)| {
            let members = self.members[*entry].iter();
            let own: u64 = members.filter_map(|member| owned.get(member)).sum();
            count * (all - own)
        });
        let beside: u64 = beside.sum();
        across(owned.values()) + across(trusted.values()) + across(grouped.values()) + beside
    }
}

/// How many pairs there are of things in different heaps of these sizes.
fn across<'a>(counts: impl Iterator<Item = &'a u64> + Clone) -> u64 {
    let all: u64 = counts.clone().sum();
    (all * all - counts.map(|count| count * count).sum::<u64>()) / 2
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::Builder;
    use super::*;

    #[test]
    fn pairs_are_counted_as_if_one_by_one() {
        let ownership = Builder::new()
            .agent("alpha", &["a/", "b/", "-b/x"])
            .trusted(&["t/"])
            .agent("beta", &["c/"])
            .trusted(&["u/", "v/"])
            .agent("gamma", &["d/", "e/", "f/"])
            .forbids(&["a/"])
            .protected(&["p/"])
            .shared(&[0, 1], &["g/", "h/"])
            .shared(&[1, 0], &["i/"])
            .shared(&[2], &["j/"])
            .shared(&[0, 2], &["k/", "l/"])
            .build();
        let pairs = Pairs::new(ownership.manifest());
        let claims = ownership.claims().iter().filter(|claim| !claim.exception);
        let claims: Vec<&Claim> = claims.collect();
        let mut expected = 0;
        for (place, one) in claims.iter().enumerate() {
            for two in &claims[place + 1..] {
                expected += u64::from(pairs.must_not_meet(one.role, two.role));
            }
        }
        assert_eq!(pairs.count(&claims), expected);
        assert!(
            !pairs.must_not_meet(Role::Shared(0), Role::Shared(1)),
            "the same agents"
        );
        assert!(pairs.must_not_meet(Role::Shared(0), Role::Owns(AgentId(2))));
    }
}
