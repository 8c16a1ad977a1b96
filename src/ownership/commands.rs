//! The words of verify commands: a file that a command names decides what is verified.
//!
//! A command line is not run here, so what it names is found generously: a word too many does no
//! harm, a missing one would. Words count from the root, and from every directory that the line may
//! have gone into by then.

mod conventions;
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

/// Why it cannot be told which files a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// This word is a path that only the shell knows.
    Path(String),
    /// This word says where the shell looks for directories.
    SearchPath(String),
    /// This program runs what these files say, which are in the tree.
    Package(String, Vec<RepoPath>),
}

/// The commands of which it cannot be told which files they run, each with the reasons: a path that
/// cannot be told is none where the command names a file of `tree` besides.
pub(super) fn unclear<'a>(
    manifest: &'a Manifest,
    tree: &[RepoPath],
) -> Vec<(&'a Command, Unclear)> {
    let files: HashSet<_> = tree.iter().map(RepoPath::as_bytes).collect();
    let mut unclear = Vec::new();
    for command in commands(manifest) {
        let paths = Paths::of(&command.run.value);
        let names_one = paths.named.iter().any(|path| files.contains(&path[..]));
        let untold = paths.untold.filter(|_| !names_one).map(Unclear::Path);
        let searched = paths.searched.map(Unclear::SearchPath);
        let package = paths.packager.map(|program| {
            let packages = paths
                .packages
                .iter()
                .filter(|path| files.contains(&path[..]));
            let packages = packages.filter_map(|path| RepoPath::new(path.clone()).ok());
            Unclear::Package(program, packages.collect())
        });
        let reasons = [untold, searched, package].into_iter().flatten();
        unclear.extend(reasons.map(|reason| (command, reason)));
    }
    unclear
}

fn commands(manifest: &Manifest) -> impl Iterator<Item = &Command> {
    let agents = manifest.agents.iter().flat_map(|agent| &agent.verify);
    let checkpoints = manifest.checkpoints.iter();
    let checkpoints = checkpoints.flat_map(|checkpoint| &checkpoint.verify);
    manifest.verify.iter().chain(checkpoints).chain(agents)
}

/// What a command line names.
#[derive(Default)]
struct Paths {
    /// Everything that could be a path, from the root.
    named: BTreeSet<Vec<u8>>,
    /// The first word that is a path, but not one that can be told.
    untold: Option<String>,
    /// The first word that sets `CDPATH`, in which `cd` looks for directories.
    searched: Option<String>,
    /// The first word that is a program which runs what `packages` say.
    packager: Option<String>,
    packages: BTreeSet<Vec<u8>>,
}

impl Paths {
    fn of(line: &str) -> Self {
        let words = shell::words(line);
        let mut paths = Self::default();
        let mut directories = BTreeSet::from([String::new()]);
        let mut previous = "";
        for word in &words {
            let values = shell::glued(word);
            for name in values.map(|(_, value)| value).chain([word.as_str()]) {
                let from = directories.iter();
                paths.named.extend(from.filter_map(|from| path(from, name)));
            }
            if paths.untold.is_none() && is_untold(word) {
                paths.untold = Some(word.clone());
            }
            if paths.searched.is_none() && word.starts_with("CDPATH=") {
                paths.searched = Some(word.clone());
            }
            let after_go = goes(previous);
            let is_option = word.starts_with('-');
            let glued = shell::glued(word).find(|(letter, _)| *letter == 'C');
            let glued = glued.filter(|(_, value)| goes(&word[..word.len() - value.len()]));
            let further = glued.map(|(_, directory)| directory);
            let further = further.or((after_go && !is_option).then_some(word));
            if further.is_some_and(|further| !enter(&mut directories, further)) {
                paths.untold.get_or_insert_with(|| word.clone());
            }
            // `cd -P DIR`, `cd -- DIR`
            if !(after_go && is_option) {
                previous = word;
            }
        }
        paths.by_convention(&words, &directories);
        paths
    }

    /// Adds what the programs among `words` run without being told so, in any of `directories` and in
    /// those above them, where some programs look as well.
    fn by_convention(&mut self, words: &[String], directories: &BTreeSet<String>) {
        let mut places = directories.clone();
        for directory in directories {
            let slashes = directory.match_indices('/');
            places.extend(slashes.map(|(end, _)| directory[..end].to_owned()));
        }
        let everywhere = |file: &str| {
            let paths = places.iter().filter_map(|place| path(place, file));
            paths.collect::<Vec<_>>()
        };
        let mut python = false;
        for (place, word) in words.iter().enumerate() {
            for file in conventions::recipes(word) {
                self.named.extend(everywhere(file));
            }
            python |= conventions::is_python(word);
            if python && word == "-m" {
                let module = words.get(place + 1).into_iter();
                for file in module.flat_map(|module| conventions::of_module(module)) {
                    self.named.extend(everywhere(&file));
                }
            }
            let is_folder = place > 0 && goes(&words[place - 1]);
            if conventions::runs_packages(word) && !is_folder {
                self.packager.get_or_insert_with(|| word.clone());
                self.packages.extend(everywhere(conventions::PACKAGE));
            }
        }
    }
}

/// Adds `further`, from each of `directories`; `false` if they become too many.
fn enter(directories: &mut BTreeSet<String>, further: &str) -> bool {
    let paths = directories.iter().filter_map(|from| path(from, further));
    let paths = paths.filter_map(|path| String::from_utf8(path).ok());
    let paths: Vec<_> = paths.collect();
    let fits = directories.len() + paths.len() <= MAX_DIRECTORIES;
    directories.extend(paths.into_iter().filter(|_| fits));
    fits
}

/// Whether what follows `word` is a directory to go into, as after `-kC` too.
fn goes(word: &str) -> bool {
    let letters = word
        .strip_prefix('-')
        .and_then(|word| word.strip_suffix('C'));
    GO.contains(&word)
        || letters.is_some_and(|letters| letters.bytes().all(|letter| letter.is_ascii_lowercase()))
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

    // One table: a row for each way to name a file in a command.
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
            ("cd -LP tools && ./run.sh", "tools/run.sh"),
            ("(cd \"$PWD/tools\"; $PWD/run.sh)", "tools/run.sh"),
            ("cd tools && cd deep && sh ./run.sh", "tools/deep/run.sh"),
            ("(cd tools && make) && cd other && ./run.sh", "other/run.sh"),
            ("cd tools && cd ../other && ./run.sh", "other/run.sh"),
            ("sh -c 'cd tools && ./run.sh'", "tools/run.sh"),
            ("bash -ec \"cd 'my tools'; ./run.sh\"", "my tools/run.sh"),
            ("make -C tools -f ./rules.mk", "tools/rules.mk"),
            ("make --directory=tools -f rules.mk", "tools/rules.mk"),
            ("env -C tools ./run.sh", "tools/run.sh"),
            ("make -Ctools -f rules.mk", "tools/rules.mk"),
            ("make -kC tools -frules.mk", "tools/rules.mk"),
            ("make -kCtools -sfrules.mk", "tools/rules.mk"),
            ("sh -ecore/verify.sh", "core/verify.sh"),
            ("sh -eucore/verify.sh", "core/verify.sh"),
            ("make -fcore/rules.mk", "core/rules.mk"),
            ("make", "GNUmakefile"),
            ("cd core && /usr/bin/make -k test", "core/makefile"),
            ("make -C core", "core/Makefile"),
            ("cd core/deep && just test", "core/justfile"),
            ("just", ".justfile"),
            ("cd q && python3.12 -m tools.check", "q/tools/check.py"),
            ("python -I -m tools", "tools/__main__.py"),
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
        let npm = Paths::of("cd web && npm test");
        assert!(npm.packages.contains(&b"web/package.json"[..]));
        assert!(!npm.named.contains(&b"web/package.json"[..]));
        assert_eq!(Paths::of("cd npm && ls").packager, None);
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
        let searched = Paths::of("CDPATH=core cd d; sh ../verify.sh").searched;
        assert_eq!(searched.as_deref(), Some("CDPATH=core"));
        let many = "cd a; cd b; cd c; cd d; cd e; cd f; ./run.sh";
        assert!(Paths::of(many).untold.is_some());
    }
}
