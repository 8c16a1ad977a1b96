//! Remarks on a manifest that is valid, but perhaps not what was meant: its patterns against the
//! files there are.

use super::Index;
use super::claims::{Claim, Ownership};
use super::commands::{self, Unclear};
use super::coverage::{Coverage, coverage, directories};
use super::pattern::{Pattern, Token};
use super::permission::Decision;
use crate::manifest::{AgentId, Command};
use crate::words::{Code, Finding, RepoPath, quote};
use std::collections::{BTreeSet, HashSet};

/// So many directories are listed.
const LISTED: usize = 10;

/// Compares the claims with the paths of `tree`. What needs no tree (claims that give nothing) is
/// found by [`super::prove`].
pub fn lint(ownership: &Ownership, tree: &[RepoPath]) -> Vec<Finding> {
    let claims = worth_a_word(ownership.claims());
    let files = matched(
        claims.iter().map(|claim| &claim.pattern),
        tree.iter().map(RepoPath::as_bytes),
    );
    let all: BTreeSet<&[u8]> = tree
        .iter()
        .flat_map(|path| directories(path.as_bytes()))
        .collect();
    let named = matched(
        claims.iter().map(|claim| &claim.pattern),
        all.iter().copied(),
    );
    let deeper: Vec<Option<Pattern>> = claims.iter().map(|claim| deeper(&claim.pattern)).collect();
    let everywhere = matched(deeper.iter().flatten(), tree.iter().map(RepoPath::as_bytes));
    let mut everywhere = everywhere.into_iter();

    let mut findings = Vec::new();
    for (place, claim) in claims.iter().enumerate() {
        let below = deeper[place]
            .as_ref()
            .and_then(|pattern| Some((pattern, everywhere.next()?)));
        match (files[place].first, named[place].first) {
            (None, Some(directory)) => findings.push(missing_slash(claim, directory)),
            (None, None) => findings.push(matches_nothing(claim)),
            (Some(_), _) => {}
        }
        if let Some((pattern, found)) = below
            && found.count > files[place].count
        {
            findings.push(root_only(
                claim,
                pattern,
                found.count - files[place].count,
                found.last,
            ));
        }
    }
    findings.extend(unclear_commands(ownership, tree));
    findings.extend(unclaimed(&coverage(ownership, tree)));
    findings
}

/// What a pattern matches among some paths.
#[derive(Clone, Copy, Default)]
struct Found<'a> {
    count: usize,
    first: Option<&'a [u8]>,
    /// The one with the most slashes; among those, the first.
    last: Option<&'a [u8]>,
}

/// Every claim, and of the exceptions those whose pattern stands nowhere else: an exception repeats
/// what others claim, and often in many sets.
fn worth_a_word(claims: &[Claim]) -> Vec<&Claim> {
    let claimed = claims.iter().filter(|claim| !claim.exception);
    let mut known: HashSet<&str> = claimed.map(|claim| claim.pattern.as_str()).collect();
    let mut worth = Vec::new();
    for claim in claims {
        if !claim.exception || known.insert(claim.pattern.as_str()) {
            worth.push(claim);
        }
    }
    worth
}

fn matched<'a, 'p>(
    patterns: impl Iterator<Item = &'p Pattern> + Clone,
    paths: impl Iterator<Item = &'a [u8]>,
) -> Vec<Found<'a>> {
    let index = Index::new(patterns.clone());
    let mut found = vec![Found::default(); patterns.count()];
    let mut places = Vec::new();
    let depth = |path: &[u8]| directories(path).count();
    for path in paths {
        index.matches_into(path, &mut places);
        for place in &places {
            let found = &mut found[*place as usize];
            found.count += 1;
            found.first = found.first.or(Some(path));
            if found.last.is_none_or(|last| depth(path) > depth(last)) {
                found.last = Some(path);
            }
        }
    }
    found
}

/// `pattern` with `**/` in front, if it is one that people write when they mean any depth: a single
/// segment with a wildcard, or a single directory. A slash in front says that the root is meant.
fn deeper(pattern: &Pattern) -> Option<Pattern> {
    let text = pattern.as_str();
    let name = text.strip_suffix('/').unwrap_or(text);
    let anywhere = pattern
        .globs()?
        .iter()
        .any(|glob| glob.tokens.first() == Some(&Token::Deep));
    if name.contains('/') || anywhere || name == "**" || pattern.literal().is_some() {
        return None;
    }
    // `*` and `*/` mean the root or everything below it, and nobody takes them for more.
    if name == "*" {
        return None;
    }
    Pattern::parse(&format!("**/{text}")).ok()
}

fn matches_nothing(claim: &Claim) -> Finding {
    let message = format!("`{}` matches nothing in the target", claim.pattern);
    let finding =
        Finding::new(Code::MatchesNothing, message).label(claim.span, "no file there is like that");
    match claim.pattern.as_str() {
        text if text.contains('/') => finding,
        _ => {
            finding.hint("a pattern is matched from the root; `**/` in front matches at any depth")
        }
    }
}

fn missing_slash(claim: &Claim, directory: &[u8]) -> Finding {
    let text = claim.pattern.as_str();
    let message = format!("`{text}` names a directory, but matches files only");
    Finding::new(Code::MissingSlash, message)
        .label(claim.span, format!("`{}` is a directory", quote(directory)))
        .hint(format!("write `{text}/` for everything below it"))
}

fn root_only(claim: &Claim, deeper: &Pattern, more: usize, example: Option<&[u8]>) -> Finding {
    let text = claim.pattern.as_str();
    let message = format!("`{text}` matches at the root only");
    let files = if more == 1 {
        "1 more file"
    } else {
        &format!("{more} more files")
    };
    let finding = Finding::new(Code::RootOnly, message)
        .label(claim.span, format!("`{deeper}` would match {files}"))
        .hint(format!(
            "write `/{text}` if the root is meant; this remark then goes away"
        ));
    match example {
        Some(path) => finding.note(format!("for example `{}`", quote(path))),
        None => finding,
    }
}

/// Verify commands that run something which is not protected by being named.
fn unclear_commands(ownership: &Ownership, tree: &[RepoPath]) -> Vec<Finding> {
    let unclear = commands::unclear(ownership.manifest(), tree).into_iter();
    unclear
        .filter_map(|(command, reason)| unclear_command(ownership, command, reason))
        .collect()
}

fn unclear_command(ownership: &Ownership, command: &Command, why: Unclear) -> Option<Finding> {
    let (message, label, hint) = match why {
        Unclear::Path(word) => (
            format!("which file `{word}` is can be told only when the command runs"),
            "it names no file of the target",
            "name the file as it is called from the root, or list it under `protected`".to_owned(),
        ),
        Unclear::SearchPath(word) => (
            format!("where `cd` goes after `{word}` can be told only when the command runs"),
            "what it runs there cannot be told",
            "say without CDPATH where to go, from the root".to_owned(),
        ),
        Unclear::Package(program, files) => {
            let manifest = ownership.manifest();
            let who = |file| {
                let may = |agent: &AgentId| ownership.permission(*agent, file).is_allowed();
                let decision = ownership.decide(file);
                let agent = manifest.agent_ids().find(may);
                agent.filter(|_| !matches!(decision, Decision::Protected(_)))
            };
            let (file, agent) = files.iter().find_map(|file| Some((file, who(file)?)))?;
            let agent = &manifest.agent(agent).id.value;
            (
                format!("`{program}` runs what {file} says, which {agent} may change"),
                "it names no script",
                format!("name the script itself, or list {file} under `protected`"),
            )
        }
    };
    let finding = Finding::new(Code::UnclearCommand, message).label(command.run.span, label);
    let note = "what a verify command names is protected; this is not";
    Some(finding.note(note).hint(hint))
}

fn unclaimed(coverage: &Coverage) -> Option<Finding> {
    let count = coverage.missing();
    if count == 0 {
        return None;
    }
    let verb = if count == 1 { "is" } else { "are" };
    let noun = if coverage.total == 1 { "file" } else { "files" };
    let message = format!(
        "{count} of {} {noun} {verb} claimed by nobody",
        coverage.total
    );
    let mut finding = Finding::new(Code::Unclaimed, message);
    for (directory, count) in coverage.unclaimed.iter().take(LISTED) {
        finding = finding.note(match directory.as_slice() {
            b"" => format!("{count} at the root"),
            directory => {
                let directory = [directory, b"/"].concat();
                format!("{count} in `{}`", quote(&directory))
            }
        });
    }
    let rest = coverage.unclaimed.len().saturating_sub(LISTED);
    if rest > 0 {
        let count: usize = coverage.unclaimed[LISTED..]
            .iter()
            .map(|(_, count)| count)
            .sum();
        finding = finding.note(format!("{count} in {rest} more directories"));
    }
    Some(finding.hint("give them to an agent, or leave them to people"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Builder, tree};
    use super::*;

    fn remarks(owns: &[&str], files: &[&str]) -> Vec<String> {
        let ownership = Builder::new().agent("alpha", owns).build();
        lint(&ownership, &tree(files))
            .iter()
            .map(|f| format!("{}: {f}", f.code.name()))
            .collect()
    }

    #[test]
    fn patterns_are_compared_with_the_tree() {
        for (owns, files, expected) in [
            (&["src/"][..], &["src/a"][..], &[][..]),
            (
                &["src"],
                &["src/a"],
                &[
                    "missing-slash: `src` names a directory, but matches files only",
                    "unclaimed: 1 of 1 file is claimed by nobody",
                ],
            ),
            (
                &["crates/*"],
                &["crates/a/b"],
                &[
                    "missing-slash: `crates/*` names a directory, but matches files only",
                    "unclaimed: 1 of 1 file is claimed by nobody",
                ],
            ),
            (
                &["**", "x/y"],
                &["a"],
                &["matches-nothing: `x/y` matches nothing in the target"],
            ),
            (
                &["**", "*.rs"],
                &["a.rs", "b/a.rs"],
                &["root-only: `*.rs` matches at the root only"],
            ),
            (&["**", "/*.rs"], &["a.rs", "b/a.rs"], &[]),
            (
                &["**", "docs/"],
                &["docs/a", "b/docs/a"],
                &["root-only: `docs/` matches at the root only"],
            ),
            (&["**", "docs/"], &["docs/a", "docs/docs/a"], &[]),
            (&["**", "README.md"], &["README.md", "b/README.md"], &[]),
            (
                &["**", "x/", "-x/", "-y/", "-z"],
                &["a", "z"],
                &[
                    "matches-nothing: `x/` matches nothing in the target",
                    "matches-nothing: `y/` matches nothing in the target",
                    "unclaimed: 1 of 2 files is claimed by nobody",
                ],
            ),
        ] {
            assert_eq!(remarks(owns, files), expected, "{owns:?} {files:?}");
        }
    }

    #[test]
    fn coverage_names_the_largest_bare_directories() {
        let ownership = Builder::new().agent("alpha", &["src/"]).build();
        let tree = tree(&[
            "src/a",
            "docs/a",
            "docs/b/c",
            "x/y/z",
            "README",
            ".gitattributes",
        ]);
        let coverage = coverage(&ownership, &tree);
        assert_eq!((coverage.claimed, coverage.total), (2, 6));
        let named: Vec<(&[u8], usize)> = coverage
            .unclaimed
            .iter()
            .map(|(dir, count)| (dir.as_slice(), *count))
            .collect();
        assert_eq!(named, [(&b"docs"[..], 2), (b"", 1), (b"x", 1)]);
        assert!((coverage.percent() - 100.0 / 3.0).abs() < 1e-9);
    }
}
