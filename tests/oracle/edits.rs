//! What may be done to the files of a random history.

use super::events::Story;
use super::rules::Word;
use super::world::{Entry, Files, file, put};

/// What is there in the beginning, or may be later.
pub(super) const PATHS: &[&str] = &[
    "core/a",
    "core/b",
    "core/lib/c",
    "core/lib/deep/d",
    "core/base/e",
    "core/api/f",
    "core/vendor",
    "core/.gitattributes",
    "core/Cargo.lock",
    "x.core",
    "ui/a",
    "ui/b",
    "ui/lib/c",
    "ui/gen/g",
    "ui/gen/h",
    "docs/a.md",
    "docs/deep/b.md",
    "docs/t.txt",
    "docs/unclaimed",
    "README",
    "NOTES",
    "ops/run",
    "ops/lib/run",
    "shared/list",
    "shared/deep/list",
    "shared/secret",
    "tools/check",
    "tools/a.txt",
    ".github/workflows/ci",
    "free/a",
];
/// Where links lead.
const LINKS: &[&str] = &[
    "a",
    "../core/a",
    "../ui",
    "lib",
    "/etc/passwd",
    "../..",
    "b",
    "none",
    ".",
];
/// Names that cannot live everywhere, or beside those above.
const NAMES: &[&str] = &[
    "core/A",
    "core/aux.c",
    "core/LIB/x",
    "ui/nul",
    "ui/B",
    "docs/A.md",
    "docs/con.md",
    "Shared/x",
];
const SUBMODULE: &str = "1234567890123456789012345678901234567890";
/// A text of some lines that differ from those of all other versions at one place.
pub(super) fn lines(path: &str, place: usize, version: usize) -> Entry {
    let line = |number| {
        let version = if number == place { version } else { 0 };
        format!("line {number} of {path}, version {version}\n")
    };
    file((0..12).map(line).collect())
}

impl Story {
    /// A path that `agent` may change; any path if it is up to mischief, or nobody.
    pub(super) fn path(&mut self, agent: Option<usize>) -> &'static str {
        let is_honest = !self.random.percent(self.mischief);
        let Some(agent) = agent.filter(|_| is_honest) else {
            return self.random.pick(PATHS);
        };
        let rules = &self.world.rules;
        let may = |path: &&str| rules.word(agent, path) == Word::Allowed;
        let own: Vec<_> = PATHS.iter().copied().filter(may).collect();
        self.random.pick(&own)
    }

    /// One change to `files`, of any kind.
    pub(super) fn edit(&mut self, files: &mut Files, agent: Option<usize>) {
        let path = self.path(agent);
        self.version += 1;
        let entry = lines(path, self.random.below(3) * 4, self.version);
        match self.random.below(100) {
            55..=64 => _ = files.remove(path),
            65..=76 => {
                let to = self.path(agent);
                if let Some(moved) = files.remove(path) {
                    put(files, to, moved);
                }
            }
            77..=82 => {
                if let Some(entry) = files.get_mut(path).filter(|e| e.mode.starts_with("100")) {
                    entry.mode = if entry.mode == "100644" {
                        "100755"
                    } else {
                        "100644"
                    };
                }
            }
            83..=86 => {
                let content = self.random.pick(LINKS).to_owned();
                let mode = "120000";
                put(files, path, Entry { mode, content });
            }
            87..=90 => {
                files.remove(path);
                put(files, &format!("{path}/inner"), entry);
            }
            91..=93 => {
                // A directory becomes a file.
                let directory = path
                    .rsplit_once('/')
                    .map_or(path, |(directory, _)| directory);
                if directory.contains('/') || self.random.percent(10) {
                    put(files, directory, entry);
                }
            }
            94..=95 if self.random.percent(50) => {
                let content = SUBMODULE.to_owned();
                let mode = "160000";
                put(files, path, Entry { mode, content });
            }
            96..=97 if self.random.percent(self.mischief + 20) => {
                let name = self.random.pick(NAMES);
                put(files, name, entry);
            }
            98..=99 => {
                // The same name for some systems, in place of the old one.
                let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
                if let Some(moved) = files.remove(path) {
                    let to = format!("{directory}/{}", name.to_ascii_uppercase());
                    put(files, to.trim_start_matches('/'), moved);
                }
            }
            // More than half of the time.
            _ => put(files, path, entry),
        }
    }
}
