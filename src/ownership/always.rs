//! What is protected in every repository, whatever the manifest says: the files that could switch
//! the gate off, or change what it verifies.

use crate::words::RepoPath;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The kinds of paths that are always protected, words of verify commands aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Always {
    /// The manifest, or a name at the root that some file system takes for it.
    Manifest,
    /// `.gitattributes`, at any depth: it decides how files are merged and checked out.
    Attributes,
    /// `.gitmodules`, at any depth: it decides which foreign code is checked out.
    Modules,
    /// A definition of what a CI system or another tool runs: this entry of [`RUN_DEFINITIONS`].
    RunDefinition(&'static str),
}

impl Always {
    /// Why such paths are protected, in a few words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Manifest => "it is the manifest, or looks like it",
            Self::Attributes => "it decides how files are merged and checked out",
            Self::Modules => "it decides which foreign code is checked out",
            Self::RunDefinition(_) => "it decides what CI or other tools run",
        }
    }
}

/// Where CI systems read what they run, and where other tools do without being told so: hooks,
/// and configuration that makes a tool run another program than the one that was meant. A slash at
/// the end means everything below. The root of the repository only: what holds for a directory of
/// it is the manifest's to protect.
pub const RUN_DEFINITIONS: &[&str] = &[
    ".appveyor.yml",
    ".azure-devops/",
    ".azure-pipelines.yml",
    ".azure-pipelines/",
    ".bazelrc",
    ".bitbucket/",
    ".build.yml",
    ".buildkite.yml",
    ".buildkite/",
    ".builds/",
    ".bundle/config",
    ".cargo/config",
    ".cargo/config.toml",
    ".circleci/",
    ".cirrus.star",
    ".cirrus.yml",
    ".config/mise/config.toml",
    ".devcontainer.json",
    ".devcontainer/",
    ".dir-locals.el",
    ".drone.jsonnet",
    ".drone.star",
    ".drone.yaml",
    ".drone.yml",
    ".envrc",
    ".exrc",
    ".forgejo/actions/",
    ".forgejo/workflows/",
    ".gitea/actions/",
    ".gitea/workflows/",
    ".githooks/",
    ".github/actions/",
    ".github/workflows/",
    ".gitlab-ci.yml",
    ".gitlab/ci/",
    ".harness/",
    ".husky/",
    ".lefthook.yaml",
    ".lefthook.yml",
    ".lfsconfig",
    ".mcp.json",
    ".mise.toml",
    ".mise/config.toml",
    ".mvn/",
    ".npmrc",
    ".pnpmfile.cjs",
    ".pnpmfile.mjs",
    ".pre-commit-config.yaml",
    ".pre-commit-hooks.yaml",
    ".semaphore/",
    ".taskcluster.yml",
    ".teamcity/",
    ".tekton/",
    ".travis.yml",
    ".vscode/launch.json",
    ".vscode/settings.json",
    ".vscode/tasks.json",
    ".woodpecker.yaml",
    ".woodpecker.yml",
    ".woodpecker/",
    ".yarn/releases/",
    ".yarnrc",
    ".yarnrc.yml",
    ".zed/tasks.json",
    ".zuul.d/",
    ".zuul.yaml",
    "Jenkinsfile",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "buildkite.yml",
    "buildspec.yml",
    "cloudbuild.yaml",
    "gradle/wrapper/",
    "gradlew",
    "gradlew.bat",
    "lefthook.yaml",
    "lefthook.yml",
    "mise.local.toml",
    "mise.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "wercker.yml",
    "zuul.d/",
    "zuul.yaml",
];

/// The same as patterns, with the plain names of the rest: what the proof leaves out from the
/// start. [`always`] knows more names (look-alikes).
pub(super) fn patterns() -> impl Iterator<Item = String> {
    let names = ["ownership.yaml", "ownership.yml"].map(String::from);
    let letters = |name: &str| -> String {
        let fold = |c: char| format!("[{c}{}]", c.to_ascii_uppercase());
        name.chars()
            .map(|c| if c == '.' { c.to_string() } else { fold(c) })
            .collect()
    };
    let deep = [letters(".gitattributes"), letters(".gitmodules")];
    let deep = deep
        .into_iter()
        .flat_map(|name| [format!("**/{name}"), format!("**/{name}/")]);
    names
        .into_iter()
        .chain(deep)
        .chain(RUN_DEFINITIONS.iter().map(|&text| text.to_owned()))
}

/// Why `path` is protected in every repository, if it is.
pub(super) fn always(path: &RepoPath) -> Option<Always> {
    let bytes = path.as_bytes();
    if let Some(definition) = definition(bytes) {
        return Some(Always::RunDefinition(definition));
    }
    let mut components = bytes.split(|byte| *byte == b'/');
    if components.next().is_some_and(is_manifest) {
        return Some(Always::Manifest);
    }
    bytes.split(|byte| *byte == b'/').find_map(is_git_file)
}

/// The definition that `path` is, or some system takes it for.
fn definition(path: &[u8]) -> Option<&'static str> {
    static BEGINNINGS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let first = |name: &&str| folded(name.split('/').next().unwrap_or_default().as_bytes());
        RUN_DEFINITIONS.iter().map(first).collect()
    });
    let components = || path.split(|byte| *byte == b'/');
    // Most paths begin otherwise.
    let begins = BEGINNINGS.contains(&folded(components().next()?));
    if !begins {
        return None;
    }
    let path: Vec<String> = components().map(folded).collect();
    let path = path.join("/");
    let mut known = RUN_DEFINITIONS.iter().copied();
    known.find(|name| is_definition(path.as_bytes(), name.to_lowercase().as_bytes()))
}

/// Whether `path` is the definition, lies below it, or would stand in its way: a link in place of
/// one of its directories redirects it.
fn is_definition(path: &[u8], definition: &[u8]) -> bool {
    if definition.ends_with(b"/") && path.starts_with(definition) {
        return true;
    }
    match definition.strip_prefix(path) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"/"),
        None => false,
    }
}

fn is_manifest(name: &[u8]) -> bool {
    let name = folded(name);
    if name == "ownership.yaml" || name == "ownership.yml" {
        return true;
    }
    // The short name that Windows makes of it.
    let short = name
        .strip_prefix("owners~")
        .and_then(|rest| rest.split_once('.'));
    short.is_some_and(|(digits, extension)| {
        digits.bytes().all(|byte| byte.is_ascii_digit()) && ["yam", "yml"].contains(&extension)
    })
}

fn is_git_file(name: &[u8]) -> Option<Always> {
    // Short names cut after six characters, or four digits of a hash that depends on the name.
    const NAMES: [(&str, [&str; 2], Always); 2] = [
        (".gitattributes", ["gitatt~", "gi7d29~"], Always::Attributes),
        (".gitmodules", ["gitmod~", "gi7eba~"], Always::Modules),
    ];
    // Nothing that folds to these names is shorter, and most names begin otherwise.
    if name.len() < 8 || !matches!(name[0], b'.' | b'g' | b'G' | 0x80..) {
        return None;
    }
    let name = folded(name);
    let is_short = |prefix: &&str| {
        let digits = name.strip_prefix(*prefix);
        digits.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    NAMES
        .iter()
        .find(|(full, short, _)| name == *full || short.iter().any(is_short))
        .map(|(_, _, kind)| *kind)
}

/// `name` as the laxest file systems compare it: without case, without characters that nobody sees
/// (HFS+), without what NTFS cuts off (dots and spaces at the end, a stream after a colon).
fn folded(name: &[u8]) -> String {
    if name.is_ascii() {
        return cut_off(&String::from_utf8_lossy(name)).to_ascii_lowercase();
    }
    let folded: String = String::from_utf8_lossy(name)
        .chars()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    cut_off(&folded).to_owned()
}

/// `name` without what NTFS cuts off.
fn cut_off(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or_default();
    name.trim_end_matches(['.', ' '])
}

/// Characters without a shape of their own: those that HFS+ ignores, and the rest of Unicode's
/// default ignorable code points.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).expect(text)
    }

    #[test]
    fn what_could_switch_the_gate_off_is_protected() {
        for (name, kind) in [
            ("ownership.yaml", Always::Manifest),
            ("ownership.yml", Always::Manifest),
            ("Ownership.YAML", Always::Manifest),
            ("OWNERSHIP.YML", Always::Manifest),
            ("owner\u{200d}ship.yaml", Always::Manifest),
            ("\u{feff}ownership.yaml", Always::Manifest),
            ("owner\u{17f}hip.yaml", Always::Manifest),
            ("ownership.yaml.", Always::Manifest),
            ("ownership.yaml. .", Always::Manifest),
            ("ownership.yaml::$DATA", Always::Manifest),
            ("OWNERS~1.YAM", Always::Manifest),
            ("ownership.yaml/x", Always::Manifest),
            (".gitattributes", Always::Attributes),
            ("a/b/.GitAttributes", Always::Attributes),
            ("a/.gitattributes/x", Always::Attributes),
            ("GITATT~1", Always::Attributes),
            (".gitmodules", Always::Modules),
            ("a/.git\u{200c}modules ", Always::Modules),
            ("gi7eba~1", Always::Modules),
            (
                ".github/workflows/ci.yml",
                Always::RunDefinition(".github/workflows/"),
            ),
            ("Jenkinsfile", Always::RunDefinition("Jenkinsfile")),
            (".circleci", Always::RunDefinition(".circleci/")),
            (
                ".VSCODE/Tasks.JSON",
                Always::RunDefinition(".vscode/tasks.json"),
            ),
            ("JENKINSFILE", Always::RunDefinition("Jenkinsfile")),
            (
                ".GitHub/Workflows/x",
                Always::RunDefinition(".github/workflows/"),
            ),
            (
                ".git\u{200c}hub/workflows/x",
                Always::RunDefinition(".github/workflows/"),
            ),
            (".npmrc.", Always::RunDefinition(".npmrc")),
            (".envrc::$DATA", Always::RunDefinition(".envrc")),
        ] {
            assert_eq!(always(&path(name)), Some(kind), "{name}");
        }
        assert!(
            always(&path(".github")).is_some(),
            "a link here redirects the workflows"
        );
    }

    #[test]
    fn everything_else_is_not() {
        for name in [
            "a/ownership.yaml",
            "ownership.yaml2",
            "ownership",
            "my-ownership.yaml",
            ".gitignore",
            ".github/CODEOWNERS",
            "a/.github/workflows/ci.yml",
            "Jenkinsfile.old",
            ".gitlab",
            "owners~x.yml",
        ] {
            let expected = name == ".gitlab";
            assert_eq!(always(&path(name)).is_some(), expected, "{name}");
        }
    }

    #[test]
    fn the_patterns_are_patterns_of_protected_paths() {
        for text in patterns() {
            let pattern = Pattern::parse(&text).expect(&text);
            if let Some(literal) = pattern.literal() {
                let literal = RepoPath::new(literal).expect(&text);
                assert!(always(&literal).is_some(), "{text}");
            }
        }
    }
}
