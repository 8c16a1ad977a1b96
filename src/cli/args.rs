//! The command line.

use crate::engine::{Destination, Options, Selection};
use crate::ownership::Dialect;
use crate::report::Format;
use crate::words::Finding;
use clap::{Args, ColorChoice, Parser, Subcommand};
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
    /// Write results as: full, concise, json, github
    #[arg(
        long,
        value_name = "FORMAT",
        global = true,
        env = "GATE_FORMAT",
        default_value = "full"
    )]
    #[arg(help_heading = EVERYWHERE, value_parser = format)]
    pub format: Format,
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
    /// Say who may change a path, and by which line of the manifest
    Who(Who),
    /// Write a manifest to begin with, from the target's directories or from CODEOWNERS
    Init(Init),
    /// Play one of five coordination plans in a temporary repository
    Demo(Demo),
}

#[derive(Debug, Subcommand)]
pub(super) enum Check {
    /// Judge branches by what they add to what they were allowed to build on
    Branch(CheckBranch),
    /// Judge what is staged for the branch that is checked out (for a pre-commit hook)
    Staged(CheckStaged),
    /// Validate the manifest, prove its claims disjoint, and lint it against the tree
    Manifest(CheckManifest),
}

/// Where to look for the target and the branches.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// Judge against this branch [default: git config gate.target, else main]
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
    /// Look at the branches of this remote instead of the local ones
    #[arg(long, value_name = "REMOTE")]
    pub remote: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate check branch agent/storage")]
pub(super) struct CheckBranch {
    /// The branches to judge [default: the one that is checked out]
    #[arg(value_name = "BRANCH", conflicts_with = "all")]
    pub branches: Vec<String>,
    /// Judge every branch of every agent
    #[arg(long)]
    pub all: bool,
    /// Let branches that belong to no agent pass, with a note
    #[arg(long, conflicts_with = "all")]
    pub if_agent: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate check staged")]
pub(super) struct CheckStaged {
    /// Judge against this branch [default: git config gate.target, else main]
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate check manifest ownership.yaml")]
pub(super) struct CheckManifest {
    /// Check this file instead of the target's manifest, before it is committed
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Without --land the result is kept on the integration branch, and the target stays as it is.

Example: gate integrate --land")]
pub(super) struct Integrate {
    /// Write nothing: only say what would be done
    #[arg(long, conflicts_with = "land")]
    pub dry_run: bool,
    /// Move the target to the result
    #[arg(long)]
    pub land: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: gate who src/main.rs Cargo.toml")]
pub(super) struct Who {
    /// Paths from the root of the repository
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<std::ffi::OsString>,
    #[command(flatten)]
    pub place: Place,
}

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
#[command(after_help = "Example: gate demo bulletproof")]
pub(super) struct Demo {
    /// The plan: tusklang, nofx, bulletproof, runebook or fleet
    #[arg(value_name = "SYSTEM", default_value = "tusklang")]
    pub system: String,
}

/// The format with this name; the error says which there are.
fn format(name: &str) -> Result<Format, String> {
    name.parse().map_err(|finding: Finding| match finding.hint {
        Some(hint) => format!("{}; {hint}", finding.message),
        None => finding.message,
    })
}

/// The dialect with this name.
fn dialect(name: &str) -> Result<Dialect, String> {
    let mut known = Dialect::ALL.iter().copied();
    known
        .find(|dialect| dialect.name() == name)
        .ok_or_else(|| "there are github and gitlab".to_owned())
}

impl Place {
    pub(super) fn options(&self) -> Options {
        Options {
            target: self.target.clone(),
            remote: self.remote.clone(),
        }
    }
}

impl CheckBranch {
    pub(super) fn selection(&self) -> Selection {
        if self.all {
            return Selection::All;
        }
        Selection::Named {
            branches: self.branches.clone(),
            if_agent: self.if_agent,
        }
    }
}

impl Integrate {
    pub(super) fn destination(&self) -> Destination {
        match (self.dry_run, self.land) {
            (true, _) => Destination::DryRun,
            (false, true) => Destination::Target,
            (false, false) => Destination::Integration,
        }
    }
}
