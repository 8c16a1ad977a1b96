//! `gate init`: a manifest to begin with, from the target's tree or from a CODEOWNERS file.

use super::context::{no_target, target_name};
use super::manifest::compile;
use super::source::Text;
use super::{Failure, Options, Outcome};
use crate::manifest::{FILE_NAME, limits};
use crate::ownership::{
    Codeowners, Dialect, Ownership, Tracked, Translation, coverage, draft, prove,
};
use crate::repo::Repo;
use crate::words::{Code, Finding, Mode, RepoPath, Result, Severity, Source};
use rayon::prelude::*;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What a manifest is made of.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// The directories of the target.
    Tree,
    /// A CODEOWNERS file, in this dialect or the one that it is recognised as.
    Codeowners(&'a Path, Option<Dialect>),
}

/// A manifest that was made.
#[derive(Clone, Debug)]
pub struct InitOutcome {
    /// Its text.
    pub text: String,
    /// Where it is now, if it was written.
    pub written: Option<PathBuf>,
    /// How many agents it has.
    pub agents: usize,
    /// How many patterns it has.
    pub patterns: usize,
    /// How many files of the target are claimed, and how many there are.
    pub coverage: (usize, usize),
    /// The dialect of the CODEOWNERS file, if it was made of one.
    pub dialect: Option<Dialect>,
    /// What labels point into: the CODEOWNERS file.
    pub source: Source,
    /// Remarks.
    pub findings: Vec<Finding>,
}

/// Makes a manifest for the target that `options` name, and writes it to the root of the work tree
/// if `write` says so. What is made of a CODEOWNERS file is proven disjoint, and means the same for
/// every file of the target; otherwise nothing is written.
pub fn init(
    repo: &Repo,
    options: &Options,
    origin: Origin<'_>,
    write: bool,
) -> Outcome<InitOutcome> {
    let file = if write { Some(free_place(repo)?) } else { None };
    let target = target_name(repo, options)?;
    let tracked = tracked(repo, options, &target)?;
    let mut outcome = match origin {
        Origin::Tree => of_tree(&target, &tracked)?,
        Origin::Codeowners(path, dialect) => {
            let source = read(path, repo.work_tree())?;
            let known = || Dialect::recognise(&location(path).to_string_lossy(), &source.text);
            let dialect = dialect.unwrap_or_else(known);
            of_codeowners(&target, tracked, source, dialect)?
        }
    };
    if let Some(file) = file {
        write_new(&file, &outcome.text)?;
        outcome.written = Some(file);
    }
    Ok(outcome)
}

/// Where the manifest will be: nobody's place so far.
fn free_place(repo: &Repo) -> Result<PathBuf> {
    let Some(root) = repo.work_tree() else {
        let finding = Finding::new(Code::Usage, "this repository has no work tree to write to");
        return Err(Box::new(
            finding.hint("print the manifest instead: --stdout"),
        ));
    };
    let file = root.join(FILE_NAME);
    match file.symlink_metadata() {
        Ok(_) => Err(taken(&file)),
        Err(_) => Ok(file),
    }
}

fn taken(file: &Path) -> Box<Finding> {
    let message = format!(
        "{} is there already, and is not overwritten",
        file.display()
    );
    Box::new(Finding::new(Code::Usage, message).hint("print the new one instead: --stdout"))
}

fn write_new(file: &Path, text: &str) -> Result<()> {
    let mut new = std::fs::OpenOptions::new();
    let written = new
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => taken(file),
        _ => Box::new(
            Finding::new(
                Code::InputOutput,
                format!("cannot write {}", file.display()),
            )
            .because(&error),
        ),
    })
}

/// The files of the target; none while it has no commit.
fn tracked(repo: &Repo, options: &Options, target: &str) -> Outcome<Vec<Tracked>> {
    let scope = options.scope();
    let Some(commit) = repo.branch(&scope, target)? else {
        // A fresh repository may have a manifest before its first commit; a target that was named
        // must exist.
        if options.target.is_some() || !repo.branches(&scope)?.is_empty() {
            return Err(no_target(repo, &scope, target)?.into());
        }
        return Ok(Vec::new());
    };
    let files = repo.tracked(repo.commit(commit)?.tree)?;
    let tracked = files.into_iter().map(|(path, entry)| Tracked {
        path,
        submodule: entry.mode == Mode::Submodule,
        owners: Vec::new(),
    });
    Ok(tracked.collect())
}

fn of_tree(target: &str, tracked: &[Tracked]) -> Outcome<InitOutcome> {
    let paths: Vec<RepoPath> = tracked.iter().map(|file| file.path.clone()).collect();
    let (outcome, _) = finish(draft(target, &paths), &paths)?;
    Ok(outcome)
}

fn of_codeowners(
    target: &str,
    mut tracked: Vec<Tracked>,
    source: Source,
    dialect: Dialect,
) -> Outcome<InitOutcome> {
    let codeowners = Codeowners::parse(source.clone(), dialect);
    tracked
        .par_iter_mut()
        .for_each(|file| file.owners = codeowners.owners_of(&file.path));
    let failed = |findings| Failure::of_manifest(findings, &source);
    let translation = codeowners
        .translate(target, &tracked)
        .map_err(|finding| failed(vec![*finding]))?;
    let paths: Vec<RepoPath> = tracked.iter().map(|file| file.path.clone()).collect();
    let (mut outcome, ownership) = finish(translation.text.clone(), &paths)?;
    let differences = differences(&translation, &ownership, &tracked);
    if !differences.is_empty() {
        return Err(failed(vec![differs(&differences, &translation)]));
    }
    outcome.dialect = Some(dialect);
    outcome.findings = translation.remarks;
    outcome.source = source;
    Ok(outcome)
}

/// Where a file lies, as far as that can be told.
fn location(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The CODEOWNERS file at `path`, named by its place below `root` where it lies there.
fn read(path: &Path, root: Option<&Path>) -> Result<Source> {
    let unreadable = || Finding::new(Code::InputOutput, format!("cannot read {}", path.display()));
    if path.is_dir() || !path.exists() {
        let message = format!("{} is not a file", path.display());
        let hint = "name the file: gate init --from .github/CODEOWNERS";
        return Err(Box::new(Finding::new(Code::Usage, message).hint(hint)));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable().because(&error))?;
    let refuse = |why: String| {
        let message = format!("{} {why}", path.display());
        Err(Finding::error(Code::Usage, message))
    };
    if bytes.len() > limits::MAX_BYTES {
        return refuse(format!(
            "has {} bytes; {} are allowed",
            bytes.len(),
            limits::MAX_BYTES
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let full = location(path);
            let below = root.and_then(|root| full.strip_prefix(location(root)).ok());
            let name = below.unwrap_or(path).display().to_string();
            Ok(Source { name, text })
        }
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let before = &error.as_bytes()[..valid];
            let line = before.split(|byte| *byte == b'\n').count();
            refuse(format!(
                "is not UTF-8, on line {line}: a manifest could not say that"
            ))
        }
    }
}

/// The outcome with this manifest, compiled and proven as `gate check manifest` does.
fn finish(text: String, paths: &[RepoPath]) -> Outcome<(InitOutcome, Ownership)> {
    let ownership = compile(&Text {
        name: FILE_NAME.into(),
        bytes: text.clone().into_bytes(),
        preview: false,
    })?;
    let mut problems = prove(&ownership, paths).findings;
    problems.retain(|finding| finding.code.severity() > Severity::Lint);
    if !problems.is_empty() {
        return Err(Failure::of_manifest(problems, &ownership.manifest().source));
    }
    let coverage = coverage(&ownership, paths);
    let outcome = InitOutcome {
        written: None,
        agents: ownership.manifest().agents.len(),
        patterns: ownership.claims().len(),
        coverage: (coverage.claimed, coverage.total),
        dialect: None,
        source: Source::default(),
        findings: Vec::new(),
        text,
    };
    Ok((outcome, ownership))
}

/// A file, who holds it by the manifest, and who should.
type Difference = (RepoPath, Vec<String>, Vec<String>);

/// The files for which the manifest does not mean what the CODEOWNERS file does.
fn differences(
    translation: &Translation,
    ownership: &Ownership,
    tracked: &[Tracked],
) -> Vec<Difference> {
    let difference = |file: &Tracked| {
        let (found, wanted) = translation.difference(ownership, file)?;
        Some((file.path.clone(), found, wanted))
    };
    tracked.par_iter().filter_map(difference).collect()
}

fn differs(differences: &[Difference], translation: &Translation) -> Finding {
    /// So many are shown.
    const SHOWN: usize = 10;
    let message = format!(
        "the manifest would not mean the same for {} of the target's files",
        differences.len()
    );
    let names = |names: &[String]| match names {
        [] => "nobody".to_owned(),
        names => names.join(", "),
    };
    let mut finding = Finding::new(Code::CodeownersDiffers, message);
    for (path, found, wanted) in differences.iter().take(SHOWN) {
        let (found, wanted) = (names(found), names(wanted));
        finding = finding.note(format!(
            "`{path}` is owned by {wanted}, and would be by {found}"
        ));
    }
    for remark in &translation.remarks {
        finding = finding.note(remark.message.clone());
    }
    finding.hint("write these lines in a way that a manifest can say, and try again")
}
