//! Owners, and the agents that stand for them.

use std::collections::HashMap;

/// The longest name that an agent may have, in bytes.
const LONGEST: usize = crate::manifest::limits::MAX_NAME;

/// Everybody that a file names, each by the number of its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Owners {
    /// As first written.
    names: Vec<String>,
    /// Without case: neither host tells `@Team` and `@team` apart.
    places: HashMap<String, usize>,
}

impl Owners {
    /// The owner that `word` is on GitHub: `@user`, `@organization/team`, or an address.
    pub(super) fn github(&mut self, word: &str) -> Option<usize> {
        let plain = |part: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            !part.is_empty() && part.bytes().all(allowed)
        };
        let valid = match word.strip_prefix('@') {
            Some(name) => name.split('/').all(plain) && name.split('/').count() <= 2,
            None => is_address(word),
        };
        valid.then(|| self.place(word))
    }

    /// The owner that `word` is on GitLab: `@user`, `@group/subgroup`, `@@role`, or an address.
    pub(super) fn gitlab(&mut self, word: &str) -> Option<usize> {
        let name = word.strip_prefix('@');
        let valid = match name.map(|name| name.strip_prefix('@').unwrap_or(name)) {
            Some(name) => {
                let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
                !name.is_empty() && name.bytes().all(allowed)
            }
            None => is_address(word),
        };
        valid.then(|| self.place(word))
    }

    fn place(&mut self, word: &str) -> usize {
        let next = self.names.len();
        let place = *self.places.entry(word.to_lowercase()).or_insert(next);
        if place == next {
            self.names.push(word.to_owned());
        }
        place
    }

    /// The names as written, by place.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The ids of the agents that stand for the owners, by place: each unique and fit for a branch.
    /// A team is called by its own name, unless another owner is called the same.
    pub(super) fn agents(&self) -> Vec<String> {
        let short: Vec<String> = self.names.iter().map(|name| id(last_name(name))).collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for id in &short {
            *counts.entry(id).or_default() += 1;
        }
        let is_alone = |id: &str| counts.get(id) == Some(&1);
        // Those whose short name is theirs alone keep it, whatever the long names of others are.
        let alone = short.iter().filter(|id| is_alone(id)).cloned();
        let mut taken = Taken(alone.map(|id| (id, 2)).collect());
        let agents = self.names.iter().zip(&short).map(|(name, short)| {
            if is_alone(short) {
                short.clone()
            } else {
                taken.take(&id(name))
            }
        });
        agents.collect()
    }
}

/// What comes after the last slash of a name, or before the `@` of an address.
fn last_name(name: &str) -> &str {
    match name.strip_prefix('@') {
        Some(name) => name.rsplit('/').find(|part| !part.is_empty()),
        None => name.split('@').next(),
    }
    .unwrap_or(name)
}

/// Ids that are taken, each with the number to be tried next.
#[derive(Debug, Default)]
pub(crate) struct Taken(HashMap<String, usize>);

impl Taken {
    /// `wanted`, or the first of `wanted-2`, `wanted-3`, … that nobody has.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        while self.0.contains_key(&id) {
            let number = self.0.entry(wanted.to_owned()).or_insert(2);
            let ending = format!("-{number}");
            *number += 1;
            let kept = wanted.len().min(LONGEST - ending.len());
            id = format!("{}{ending}", &wanted[..kept]);
        }
        self.0.insert(id.clone(), 2);
        id
    }
}

fn is_address(word: &str) -> bool {
    let Some((name, host)) = word.split_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_control() && c != '#';
    !name.is_empty() && !host.is_empty() && !host.contains('@') && word.chars().all(plain)
}

/// The id of an agent that comes nearest to `name`: ASCII letters, digits, `-`, `_` and single dots.
pub(crate) fn id(name: &str) -> String {
    let mut id = String::new();
    for c in name.trim_start_matches('@').to_lowercase().chars() {
        match c {
            '.' if id.ends_with('.') => {}
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') => id.push(c),
            _ => id.push('-'),
        }
    }
    id.truncate(LONGEST);
    let mut id = id.trim_start_matches(['-', '.']).trim_end_matches('.');
    while let Some(rest) = id.strip_suffix(".lock") {
        id = rest.trim_end_matches('.');
    }
    if id.is_empty() {
        "owner".into()
    } else {
        id.into()
    }
}
