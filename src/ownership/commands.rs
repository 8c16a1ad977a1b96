//! The words of verify commands: a file that a command names decides what is verified.
//!
//! A command line is not run here, so what it names is found generously: a word too many does no
//! harm, a missing one would. Words count from the root, and from every directory that the line may
//! have gone into by then.

mod shell;

use crate::manifest::{Command, Manifest};
use crate::words::{RepoPath, Span};
use std::collections::{BTreeSet, HashMap, HashSet};

/// So many directories are followed; each `cd` may double their number.
const MAX_DIRECTORIES: usize = 32;

/// The words that say in which directory something is to be run.
const GO: [&str; 5] = ["cd", "pushd", "-C", "--chdir", "--directory"];

/// Every word of every verify command that could be a path, and the directories on the way to it,
/// with the place of the first command that has it.
pub(super) fn words(manifest: &Manifest) -> HashMap<Vec<u8>, Span> {
    let mut words = HashMap::new();
    for command in commands(manifest) {
        for path in Paths::of(&command.run.value).named {
            let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
            for (end, _) in slashes {
                words
                    .entry(path[..end].to_vec())
                    .or_insert(command.run.span);
            }
            words.entry(path).or_insert(command.run.span);
        }
    }
    words
}

/// The commands that run something by a path which cannot be told from the line, and that name no
/// file of `tree` besides: each with the first such word.
pub(super) fn unclear<'a>(manifest: &'a Manifest, tree: &[RepoPath]) -> Vec<(&'a Command, String)> {
    let tree: HashSet<_> = tree.iter().map(RepoPath::as_bytes).collect();
    let unclear = commands(manifest).filter_map(|command| {
        let paths = Paths::of(&command.run.value);
        let names_one = paths.named.iter().any(|path| tree.contains(&path[..]));
        let untold = paths.untold.filter(|_| !names_one)?;
        Some((command, untold))
    });
    unclear.collect()
}

fn commands(manifest: &Manifest) -> impl Iterator<Item = &Command> {
    let agents = manifest.agents.iter().flat_map(|agent| &agent.verify);
    manifest.verify.iter().chain(agents)
}

/// What a command line names.
struct Paths {
    /// Everything that could be a path, from the root.
    named: BTreeSet<Vec<u8>>,
    /// The first word that is a path, but not one that can be told.
    untold: Option<String>,
}

impl Paths {
    fn of(line: &str) -> Self {
        let words = shell::words(line);
        let mut paths = Self {
            named: BTreeSet::new(),
            untold: None,
        };
        let mut directories = BTreeSet::from([String::new()]);
        let mut previous = "";
        for word in &words {
            for directory in &directories {
                paths.named.extend(path(directory, word));
            }
            if paths.untold.is_none() && is_untold(word) {
                paths.untold = Some(word.clone());
            }
            let goes = GO.contains(&previous);
            let is_option = word.starts_with('-');
            if goes && !is_option {
                let further = directories.iter().filter_map(|from| path(from, word));
                let further = further.filter_map(|path| String::from_utf8(path).ok());
                let further: Vec<_> = further.collect();
                if directories.len() + further.len() > MAX_DIRECTORIES {
                    paths.untold.get_or_insert_with(|| word.clone());
                } else {
                    directories.extend(further);
                }
            }
            // `cd -P DIR`, `cd -- DIR`
            if !(goes && is_option) {
                previous = word;
            }
        }
        paths
    }
}

/// Whether a word is a path below the root of which only the shell knows which one.
fn is_untold(word: &str) -> bool {
    let is_path = word.contains('/') && !word.starts_with(['/', '~']);
    let is_address = word.contains("://");
    is_path && !is_address && word.contains(['$', '`', '*', '?', '[', '{'])
}

/// `word` as a path from the root, where it counts from `directory`.
fn path(directory: &str, word: &str) -> Option<Vec<u8>> {
    if word.starts_with('/') {
        return None;
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in directory.split('/').chain(word.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            segment => segments.push(segment),
        }
    }
    let path = RepoPath::new(segments.join("/")).ok()?;
    Some(path.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_could_be_files_are_found() {
        for (line, word) in [
            ("cargo test", "test"),
            ("./scripts/check.sh --all", "scripts/check.sh"),
            ("sh 'scripts/check.sh'", "scripts/check.sh"),
            ("bash \"./a.sh\"", "a.sh"),
            ("cd x;./run.sh|tee log", "run.sh"),
            ("python3 -m pytest tests//unit.py", "tests/unit.py"),
            ("make -f a/../Makefile", "Makefile"),
            ("tool --config=ci/a.toml", "ci/a.toml"),
            ("a'b'/c", "ab/c"),
            ("make\tall", "all"),
            ("'my tools/run it.sh'", "my tools/run it.sh"),
            ("my\\ tools/run.sh", "my tools/run.sh"),
            ("sh <scripts/a.sh >log 2>&1", "scripts/a.sh"),
            ("sh 0<scripts/a.sh", "scripts/a.sh"),
            ("\"$PWD/q/z.sh\"", "q/z.sh"),
            ("${PWD}/q/z.sh", "q/z.sh"),
            ("$(pwd)/q/z.sh", "q/z.sh"),
            ("`pwd`/q/z.sh", "q/z.sh"),
            ("X=\"$PWD\"/q/z.sh sh", "q/z.sh"),
            ("cd tools && ./run.sh", "tools/run.sh"),
            ("cd -- tools && ./run.sh", "tools/run.sh"),
            ("(cd \"$PWD/tools\"; $PWD/run.sh)", "tools/run.sh"),
            ("cd tools && cd deep && sh ./run.sh", "tools/deep/run.sh"),
            ("(cd tools && make) && cd other && ./run.sh", "other/run.sh"),
            ("cd tools && cd ../other && ./run.sh", "other/run.sh"),
            ("sh -c 'cd tools && ./run.sh'", "tools/run.sh"),
            ("bash -ec \"cd 'my tools'; ./run.sh\"", "my tools/run.sh"),
            ("make -C tools -f ./rules.mk", "tools/rules.mk"),
            ("make --directory=tools -f rules.mk", "tools/rules.mk"),
            ("env -C tools ./run.sh", "tools/run.sh"),
            ("sh -c 'bash -c \"cd tools; ./run.sh\"'", "tools/run.sh"),
            ("test $(sh tools/count.sh) -gt 3", "tools/count.sh"),
            ("test `sh tools/count.sh` -gt 3", "tools/count.sh"),
            ("test \"$(cd tools && ./count.sh)\" -gt 3", "tools/count.sh"),
        ] {
            let found = Paths::of(line).named;
            assert!(
                found.contains(word.as_bytes()),
                "{word} in {line}: {found:?}"
            );
        }
        assert_eq!(Paths::of("/bin/true ../x .").named.len(), 0);
    }

    #[test]
    fn paths_that_cannot_be_told_are_said() {
        for (line, untold) in [
            ("sh \"$DIR/run.sh\"", Some("$DIR/run.sh")),
            ("for f in ci/*.sh; do sh $f; done", Some("ci/*.sh")),
            ("`dirname x`/run.sh", Some("`dirname x`/run.sh")),
            ("sh \"$(dirname x)/run.sh\"", Some("$(dirname x)/run.sh")),
            ("cargo test -- --skip x", None),
            ("$HOME_TOOL run", None),
            ("test -d src/storage", None),
            ("curl https://example.org/?a=b", None),
            ("/usr/bin/env sh", None),
            ("\"$PWD/q/z.sh\"", None),
        ] {
            assert_eq!(Paths::of(line).untold.as_deref(), untold, "{line}");
        }
        let many = "cd a; cd b; cd c; cd d; cd e; cd f; ./run.sh";
        assert!(Paths::of(many).untold.is_some());
    }
}
