//! How large a manifest may be. Each limit is far above what a real one needs, and low enough that
//! a hostile one costs neither memory nor patience.

/// The longest manifest, in bytes: a mebibyte, and [`BYTES_PER_CLAIM`] for each agent and each pattern
/// in it, so that nobody can hide a line in megabytes of nothing.
pub const PLAIN_BYTES: usize = 1024 * 1024;
/// By how many bytes an agent or a pattern makes a manifest longer than [`PLAIN_BYTES`].
pub const BYTES_PER_CLAIM: usize = 256;
/// The longest manifest that is read at all. What is made of the largest CODEOWNERS file that GitHub
/// reads (3 MB) is about as long as that file, and several times so where its rules cross each other.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How deep lists and mappings may be nested, counted separately for the block style and for the
/// flow style (`[…]`, `{…}`).
pub const MAX_DEPTH: usize = 16;
/// The most agents: as many as such a file has owners.
pub const MAX_AGENTS: usize = 50_000;
/// The most patterns in all: rules of such a file, and the exceptions that keep them apart.
pub const MAX_PATTERNS: usize = 500_000;
/// The longest pattern, in bytes.
pub const MAX_PATTERN: usize = 1024;
/// The longest name of an agent or of a milestone, in bytes.
pub const MAX_NAME: usize = 64;
/// The longest name of a branch or a tag, and the longest name for people, in bytes.
pub const MAX_TEXT: usize = 200;
/// The longest verify command, in bytes.
pub const MAX_COMMAND: usize = 16 * 1024;
/// The longest text that a command is expected to print, and the longest pattern for a number in it, in
/// bytes.
pub const MAX_EXPECTED: usize = 1024;
/// The most times that a command is tried again.
pub const MAX_RETRIES: u8 = 9;
/// The highest priority; its negative is the lowest.
pub const MAX_PRIORITY: i64 = 1_000_000;
/// The most hours that an agent's work may take.
pub const MAX_HOURS: u64 = 100_000;
/// The time a verify command has if it says nothing, in seconds: half an hour.
pub const DEFAULT_TIMEOUT: u64 = 30 * 60;
/// The longest time a verify command may ask for, in seconds: a day.
pub const MAX_TIMEOUT: u64 = 24 * 60 * 60;
/// The most problems that are reported of one manifest.
pub const MAX_PROBLEMS: usize = 1000;
