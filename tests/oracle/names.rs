//! What the oracle says of new names and of links.

use super::attribution::Changes;
use super::git::{Files, Git};
use std::collections::BTreeSet;

/// Every name in `paths` with the directory that it is in, directories too.
fn names<'a>(paths: impl Iterator<Item = &'a String>) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    for path in paths {
        let mut directory = String::new();
        for name in path.split('/') {
            names.insert((directory.clone(), name.to_owned()));
            directory = format!("{directory}{name}/");
        }
    }
    names
}

/// The codes and paths of the names that `changes` bring into `base` and that cannot live everywhere:
/// beside what is left there of `base` and of the target.
pub(super) fn objections(
    base: &Files,
    target: &Files,
    changes: &Changes,
) -> Vec<(&'static str, String)> {
    let added = changes
        .iter()
        .filter(|(_, (old, new))| old.is_none() && new.is_some());
    let added = names(added.map(|(path, _)| path));
    let is_deleted = |path: &String| changes.get(path).is_some_and(|(_, new)| new.is_none());
    let left = base
        .keys()
        .chain(target.keys())
        .filter(|path| !is_deleted(path));
    let left = names(left);
    let before = names(base.keys());
    let mut found = Vec::new();
    for (directory, name) in added.difference(&before) {
        let is_twin = |(beside, other): &(String, String)| {
            beside == directory && other != name && other.eq_ignore_ascii_case(name)
        };
        let path = format!("{directory}{name}");
        if is_unportable(name) {
            found.push(("unportable-name", path));
        } else if left.iter().chain(&added).any(is_twin) {
            found.push(("name-collision", path));
        }
    }
    found
}

/// Of what keeps a name from Windows: what the random histories try.
fn is_unportable(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    ["aux", "con", "nul", "prn"].contains(&stem.as_str())
        || name.ends_with(['.', ' '])
        || name.contains(':')
}

/// The links that `changes` put into `now` and that lead to what `may` does not hold.
pub(super) fn links_away(
    git: &Git,
    now: &Files,
    changes: &Changes,
    may: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let is_link = |path: &&String| {
        let new = &changes[*path].1;
        new.as_ref().is_some_and(|(mode, _)| mode == "120000")
    };
    let leads_away = |path: &&String| {
        let Some(end) = follow(git, now, path) else {
            return true;
        };
        let is_below = |file: &&String| end.is_empty() || file.starts_with(&format!("{end}/"));
        let below: Vec<_> = now.keys().filter(is_below).collect();
        if below.is_empty() {
            !may(&end)
        } else {
            below.iter().any(|file| !may(file))
        }
    };
    changes
        .keys()
        .filter(is_link)
        .filter(leads_away)
        .cloned()
        .collect()
}

/// Where the link at `path` leads; nothing if that is outside.
fn follow(git: &Git, files: &Files, path: &str) -> Option<String> {
    let mut here: Vec<String> = Vec::new();
    let mut ahead: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
    let mut followed = 0;
    while let Some(name) = ahead.pop() {
        match name.as_str() {
            "" | "." => continue,
            ".." => {
                here.pop()?;
                continue;
            }
            ".git" => return None,
            _ => here.push(name),
        }
        if let Some((mode, id)) = files.get(&here.join("/"))
            && mode == "120000"
        {
            followed += 1;
            let (_, text) = git.object(id);
            let text = String::from_utf8(text).expect("UTF-8");
            if followed > 40 || text.is_empty() || text.starts_with('/') {
                return None;
            }
            here.pop();
            ahead.extend(text.rsplit('/').map(str::to_owned));
        }
    }
    Some(here.join("/"))
}
