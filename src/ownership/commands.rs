//! The words of verify commands: a file that a command names decides what is verified.

use crate::manifest::Manifest;
use crate::words::{RepoPath, Span};
use std::collections::HashMap;

/// Every word of every verify command that could be a path, with the place of the first command
/// that has it.
pub(super) fn words(manifest: &Manifest) -> HashMap<Vec<u8>, Span> {
    let mut words = HashMap::new();
    let agents = manifest.agents.iter().flat_map(|agent| &agent.verify);
    for command in manifest.verify.iter().chain(agents) {
        for path in paths(&command.run.value) {
            words.entry(path).or_insert(command.run.span);
        }
    }
    words
}

/// The words of a command line that could be paths: split at spaces, and again at what a shell
/// treats as the end of a word. Too many words do no harm, a missing one would.
fn paths(line: &str) -> impl Iterator<Item = Vec<u8>> {
    let whole = line.split_whitespace();
    let parts = line.split(|c: char| c.is_whitespace() || ";|&()<>=`'\"$".contains(c));
    whole.chain(parts).filter_map(path)
}

fn path(word: &str) -> Option<Vec<u8>> {
    let word: String = word.chars().filter(|c| !"'\"".contains(*c)).collect();
    let mut segments: Vec<&str> = Vec::new();
    for segment in word.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            segment => segments.push(segment),
        }
    }
    let path = RepoPath::new(segments.join("/")).ok()?;
    (!word.starts_with('/')).then(|| path.as_bytes().to_vec())
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
        ] {
            let found = paths(line).any(|path| path == word.as_bytes());
            assert!(found, "{word} in {line}");
        }
        assert_eq!(paths("/bin/true ../x .").count(), 0);
    }
}
