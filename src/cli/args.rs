//! The command line.

mod requests;
pub(super) mod values;

use self::values::{dialect, format, name, percent, sandbox};
use crate::engine::Sandbox;
use crate::ownership::Dialect;
use crate::report::Format;
use clap::{Args, ColorChoice, Parser, Subcommand};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The heading of the options that every command takes.
const EVERYWHERE: &str = "Everywhere";

/// Enforce who owns which files of a git repository, and merge the branches that keep to it
#[derive(Debug, Parser)]
#[command(name = "gate", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = "\
Exit codes: 0 accepted, 1 refused, 2 usage or manifest, 3 could not decide, 4 the target moved.

Example: gate check branch --all")]
pub(super) struct Arguments {
    /// Run as if started in DIR
    #[arg(
        short = 'C',
        value_name = "DIR",
        global = true,
        default_value = ".",
        hide_default_value = true,
        help_heading = EVERYWHERE
    )]
    pub directory: PathBuf,
    /// Write results as full, concise, json, github, sarif or markdown, a plan also as mermaid, dot or github-matrix [default: that of `GATE_FORMAT`, else full]
    #[arg(long, value_name = "FORMAT", global = true)]
    #[arg(help_heading = EVERYWHERE, value_parser = format)]
    pub format: Option<Format>,
    /// When to use colours: auto, always, never
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    #[arg(help_heading = EVERYWHERE, hide_possible_values = true)]
    pub color: ColorChoice,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge branches, staged changes, or the manifest
    #[command(subcommand)]
    Check(Check),
    /// Merge the branches that pass, verify what comes out, and land it if asked to
    Integrate(Integrate),
    /// Say what will happen: who waits for whom, who may work beside whom, how long it takes
    Plan(Plan),
    /// Verify steps of an integration, on any machine, and publish what passes
    Verify(Verify),
    /// Tell those who wait for it that a part of an agent's work is ready, or all of it
    Publish(Publish),
    /// Prepare the revert of what has landed of an agent, as a branch, and say who has built on it
    Undo(Undo),
    /// Say where everybody stands: what is ready, what waits for whom, what has landed
    Status(Status),
    /// Say which branches will conflict with each other, before anyone merges
    Conflicts(Conflicts),
    /// Say who may change a path, and by which line of the manifest
    Who(Who),
    /// Say what the code of a finding means, why it is so, and what to do about it
    Explain(Explain),
    /// Print the JSON Schema of the manifest, for editors
    Schema(Schema),
    /// Write a manifest to begin with, from the target's directories or from CODEOWNERS
    Init(Init),
    /// Play one of five coordination plans in a temporary repository
    Demo(Demo),
    /// Watch over one verify command: how gate starts itself for each of them, and nobody else
    #[command(hide = true)]
    Supervise(Supervise),
}

#[derive(Debug, Subcommand)]
pub(super) enum Check {
    /// Judge branches by what they add to what they were allowed to build on
    Branch(CheckBranch),
    /// Judge what is staged for the branch that is checked out (for a pre-commit hook)
    Staged(CheckStaged),
    /// Judge a push where it arrives, all of it or nothing (for a pre-receive hook on a server)
    Receive(CheckReceive),
    /// Validate the manifest, prove its claims disjoint, and lint it against the tree
    Manifest(CheckManifest),
}

/// Where to look for the target and the branches.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// Judge against this branch [default: git config gate.target, else main]
    #[arg(long, value_name = "BRANCH", value_parser = name())]
    pub target: Option<String>,
    /// Look at the branches of this remote instead of the local ones
    #[arg(long, value_name = "REMOTE", value_parser = name())]
    pub remote: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate check branch agent/storage")]
pub(super) struct CheckBranch {
    /// The branches to judge [default: the one that is checked out]
    #[arg(value_name = "BRANCH", conflicts_with = "all", value_parser = name())]
    pub branches: Vec<String>,
    /// Judge every branch of every agent
    #[arg(long)]
    pub all: bool,
    /// Let branches that belong to no agent pass, with a note
    #[arg(long, conflicts_with = "all")]
    pub if_agent: bool,
    /// Judge a request to merge into BRANCH: where that is not the target, only branches of agents
    #[arg(long, value_name = "BRANCH", conflicts_with = "all", value_parser = name())]
    pub into: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate check staged")]
pub(super) struct CheckStaged {
    /// Judge against this branch [default: git config gate.target, else main]
    #[arg(long, value_name = "BRANCH", value_parser = name())]
    pub target: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
It reads what git gives the hook on standard input: a line `OLD NEW REF` for each ref that is pushed.

Example: echo \"$OLD $NEW refs/heads/agent/storage\" | gate check receive")]
pub(super) struct CheckReceive {
    /// Judge against this branch [default: git config gate.target, else main]
    #[arg(long, value_name = "BRANCH", value_parser = name())]
    pub target: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate check manifest ownership.yaml")]
pub(super) struct CheckManifest {
    /// Check this file instead of the target's manifest, before it is committed
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Refuse if less than so many percent of the target's files are claimed
    #[arg(long, value_name = "PERCENT", value_parser = percent, allow_negative_numbers = true)]
    pub min_coverage: Option<f64>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Without --land the result is kept on the integration branch, and the target stays as it is.

Example: gate integrate --land
Example: gate integrate --land --jobs 8 --sandbox require
Example: gate integrate --replay last")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Integrate {
    /// Move no ref and add no object: only say what would be done
    #[arg(long, conflicts_with = "land")]
    pub dry_run: bool,
    /// Move the target to the result
    #[arg(long)]
    pub land: bool,
    /// With --land: land only if nobody is ejected, held or waiting
    #[arg(long, requires = "land")]
    pub all_or_nothing: bool,
    /// With --land: give the result the manifest's tag, if nobody is ejected, held or waiting
    #[arg(long, requires = "land")]
    pub tag: bool,
    /// With --land: move the target of this remote first, from where the target here is
    #[arg(long, value_name = "REMOTE", requires = "land", conflicts_with = "remote", value_parser = name())]
    pub push: Option<String>,
    /// Run up to so many verifications at a time, ahead of knowing who passes; the result is the same
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        allow_negative_numbers = true
    )]
    pub jobs: NonZeroUsize,
    /// Keep verify commands from writing outside of their own folders: auto (where that is possible), require, off [default: that of `GATE_SANDBOX`, else auto]
    #[arg(long, value_name = "WHEN", value_parser = sandbox)]
    pub sandbox: Option<Sandbox>,
    /// Run every verify command, also what passed before on the same tree
    #[arg(long)]
    pub fresh: bool,
    /// Do not run what this remote has published as passed (`gate verify`): whoever can push there is believed
    #[arg(long, value_name = "REMOTE", conflicts_with = "fresh", value_parser = name())]
    pub trust_results: Option<String>,
    /// Make a recorded run again, in memory, and compare: its name or how that begins, a ref, or `last`
    #[arg(long, value_name = "RUN", value_parser = name())]
    #[arg(conflicts_with_all = ["dry_run", "land", "all_or_nothing", "tag", "push", "jobs", "sandbox", "fresh", "trust_results", "target", "remote"])]
    pub replay: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "\
--format mermaid and --format dot draw it. --format github-matrix lists the steps of an integration as
jobs of a GitHub workflow, for `gate verify`.

Example: gate plan")]
pub(super) struct Plan {
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A step is verified on the tree that it is about if everything before it passes: the same on every
machine that has the same branches. What passes at once is published below refs/gate/passes/, for
`gate integrate --trust-results`.

Example: gate verify whole --push origin")]
pub(super) struct Verify {
    /// The steps [default: verify none, list them]
    #[arg(value_name = "STEP", value_parser = name())]
    pub steps: Vec<String>,
    /// Run every command, also what passed here before on the same tree
    #[arg(long, requires = "steps")]
    pub fresh: bool,
    /// Keep verify commands from writing outside of their own folders: auto (where that is possible), require, off [default: that of `GATE_SANDBOX`, else auto]
    #[arg(long, value_name = "WHEN", requires = "steps", value_parser = sandbox)]
    pub sandbox: Option<Sandbox>,
    /// Publish what passes on this remote, too
    #[arg(long, value_name = "REMOTE", requires = "steps", value_parser = name())]
    pub push: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Without --milestone the agent has finished. What is published only moves forward.

Example: gate publish storage --milestone api")]
pub(super) struct Publish {
    /// The agent whose work it is
    #[arg(value_name = "AGENT", value_parser = name())]
    pub agent: String,
    /// Publish it as this milestone, on which others depend as AGENT@MILESTONE
    #[arg(long, value_name = "MILESTONE", value_parser = name())]
    pub milestone: Option<String>,
    /// Publish this commit of the agent's branch [default: its newest]
    #[arg(long, value_name = "COMMIT", value_parser = name())]
    pub commit: Option<String>,
    /// Judge against this branch [default: git config gate.target, else main]
    #[arg(long, value_name = "BRANCH", value_parser = name())]
    pub target: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The branch is gate/undo/AGENT, one commit on top of the target. Review it, and merge it yourself.

Example: gate undo storage --dry-run")]
pub(super) struct Undo {
    /// The agent whose work is taken back
    #[arg(value_name = "AGENT", value_parser = name())]
    pub agent: String,
    /// Take back only what has landed as this milestone; the branch is gate/undo/AGENT@MILESTONE
    #[arg(long, value_name = "MILESTONE", value_parser = name())]
    pub milestone: Option<String>,
    /// Make no branch and add no object: only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Take it back from this branch [default: git config gate.target, else main]
    #[arg(long, value_name = "BRANCH", value_parser = name())]
    pub target: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Branches are judged and merged in memory; verify commands do not run.

Example: gate status --format json")]
pub(super) struct Status {
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Each branch is merged onto the target, each two of them one after the other, and all of them in the
order of the plan; nothing is judged, verified or kept. It ends with 1 if anybody clashes.

Example: gate conflicts")]
pub(super) struct Conflicts {
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "\
With --stdin and --tree each path has one line; named as PATH it is answered in full.

Example: gate who src/main.rs Cargo.toml
Example: git ls-files -z | gate who --stdin -z")]
pub(super) struct Who {
    /// The paths, from where you are
    #[arg(value_name = "PATH", required_unless_present_any = ["stdin", "tree"])]
    pub paths: Vec<std::ffi::OsString>,
    /// Read the paths from standard input, one on each line, quoted ones as git quotes them
    #[arg(long, conflicts_with_all = ["paths", "tree"])]
    pub stdin: bool,
    /// With --stdin: paths end with NUL instead, and none is quoted
    #[arg(short = 'z', requires = "stdin")]
    pub nul: bool,
    /// Answer for every file of the target
    #[arg(long, conflicts_with = "paths")]
    pub tree: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate explain owned-by-another")]
pub(super) struct Explain {
    /// The code, as it stands in brackets: refused[CODE] [default: list all codes]
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
It is JSON whatever --format says. A first line makes editors use it:
# yaml-language-server: $schema=./ownership.schema.json

Example: gate schema > ownership.schema.json")]
pub(super) struct Schema {}

#[derive(Args, Debug)]
#[command(after_help = "\
What is made of CODEOWNERS gives every file of the target the same owners, and is proven disjoint.

Example: gate init --from .github/CODEOWNERS")]
pub(super) struct Init {
    /// Translate this CODEOWNERS file
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Read it as: github, gitlab [default: by its directory, else by whether it has sections]
    #[arg(long, value_name = "DIALECT", requires = "from", value_parser = dialect)]
    pub dialect: Option<Dialect>,
    /// Print the manifest instead of writing it to the root of the work tree
    #[arg(long)]
    pub stdout: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate integrate, which starts it")]
pub(super) struct Supervise {}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate demo bulletproof")]
pub(super) struct Demo {
    /// The plan: tusklang, nofx, bulletproof, runebook or fleet
    #[arg(value_name = "SYSTEM", default_value = "tusklang")]
    pub system: String,
}
