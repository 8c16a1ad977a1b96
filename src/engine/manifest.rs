//! Reads the manifest from where its rules may come from, and nowhere else.

use super::context::{no_target, target_name};
use super::kept::{self, Maker};
use super::source::{self, InTree, Text, of_file, read};
use super::{Basis, Context, Failure, ManifestOutcome, Options, Outcome, ProofSummary};
use crate::manifest::{self, FILE_NAME, Reading};
use crate::ownership::{self, Coverage, Ownership};
use crate::plan::Schedule;
use crate::repo::{Objects, Repo};
use crate::words::{Code, Finding, ObjectId, Result, Severity};
use std::path::Path;
use std::time::Instant;

/// A manifest that is good to judge by.
pub(super) struct Loaded {
    pub ownership: Ownership,
    /// The blob's id.
    pub id: ObjectId,
    /// Whether it is that of the work tree, because the target has none yet.
    pub preview: bool,
}

/// The manifest of the target's tree, compiled; where the target has none yet, that of the work
/// tree, as a preview. It must name the target that it was found in.
pub(super) fn load(repo: &Repo, target: &str, tree: ObjectId) -> Outcome<Loaded> {
    load_by(repo, target, tree, Maker::this())
}

/// The same, where `maker` remembers what it made of a manifest before.
fn load_by(repo: &Repo, target: &str, tree: ObjectId, maker: Option<Maker>) -> Outcome<Loaded> {
    let text = read(repo, target, tree)?;
    let id = match source::id_in_tree(repo, tree)? {
        Some(id) => id,
        None => repo.digest(&text.bytes)?,
    };
    // A preview is still being written.
    let maker = maker.filter(|_| !text.preview);
    let known = maker.as_ref();
    let known = known.and_then(|maker| kept::recall(repo, maker, &text, id));
    let ownership = if let Some(ownership) = known {
        agrees(&ownership, target)?;
        ownership
    } else {
        let ownership = compile(&text)?;
        agrees(&ownership, target)?;
        prove(&ownership)?;
        if let Some(maker) = &maker {
            kept::keep(repo, maker, &ownership, id);
        }
        ownership
    };
    Ok(Loaded {
        ownership,
        id,
        preview: text.preview,
    })
}

/// Parses and compiles a manifest. Every problem at once: of the structure, of its patterns and,
/// where the claims are known well enough, their overlaps.
pub(super) fn compile(text: &Text) -> Outcome<Ownership> {
    let source = manifest::decode(&text.name, &text.bytes).map_err(|findings| Failure {
        findings,
        source: None,
        signal: None,
    })?;
    let Reading {
        manifest,
        mut problems,
        whole,
    } = manifest::examine(source.clone());
    let Some(manifest) = manifest else {
        return Err(Failure::of_manifest(problems, &source));
    };
    let (ownership, invalid) = Ownership::compile_what_is_valid(manifest);
    if problems.is_empty() && invalid.is_empty() {
        return Ok(ownership);
    }
    let exact = invalid.iter().all(|pattern| !pattern.widens);
    problems.extend(invalid.into_iter().map(|pattern| pattern.finding));
    if whole && exact {
        add_overlaps(&mut problems, &ownership);
    }
    let place = |finding: &Finding| finding.labels.first().map(|label| label.span);
    // What stands nowhere in the text is about all of it, and stays at the end.
    problems.sort_by_key(|finding| (place(finding).is_none(), place(finding)));
    Err(Failure::of_manifest(problems, &source))
}

/// Adds what the proof finds, except what the manifest room has said of the same branches.
fn add_overlaps(problems: &mut Vec<Finding>, ownership: &Ownership) {
    let places = |finding: &Finding| {
        let mut places: Vec<_> = finding.labels.iter().map(|label| label.span).collect();
        places.sort_unstable();
        places
    };
    let known: Vec<_> = problems.iter().map(places).collect();
    let proof = ownership::prove(ownership, &[]);
    let found = proof.findings.into_iter().filter(|finding| {
        finding.code.severity() == Severity::Usage && !known.contains(&places(finding))
    });
    problems.extend(found);
}

/// Fails unless all claims of the manifest are proven disjoint.
fn prove(ownership: &Ownership) -> Outcome<()> {
    let findings = ownership::contradictions(ownership);
    if super::worst(&findings).exit_code() == 0 {
        return Ok(());
    }
    Err(Failure::of_manifest(findings, &ownership.manifest().source))
}

/// Fails unless the manifest is meant for the target that it was found in.
fn agrees(ownership: &Ownership, target: &str) -> Outcome<()> {
    let manifest = ownership.manifest();
    if manifest.target.value == target {
        return Ok(());
    }
    let meant = &manifest.target.value;
    let finding = Finding::new(
        Code::OtherTarget,
        format!("the manifest of {target} is meant for the target {meant}"),
    )
    .hint(format!(
        "judge against {meant} with `--target {meant}`, or correct the manifest"
    ));
    // A manifest that names no target means the default, and has no line that says so.
    let finding = if manifest.target.span.length > 0 {
        finding.label(manifest.target.span, "the target it names")
    } else {
        finding
    };
    Err(Failure::of_manifest(vec![finding], &manifest.source))
}

/// `gate check manifest`: validates the target's manifest, or the one in `file`, proves its claims
/// disjoint, and compares it with the tree of the target, of which at least `min_coverage` percent
/// must be claimed.
pub fn check_manifest(
    repo: &Repo,
    options: &Options,
    file: Option<&Path>,
    min_coverage: Option<f64>,
) -> Outcome<ManifestOutcome> {
    let target = target_name(repo, options)?;
    let scope = options.scope();
    let commit = repo.branch(&scope, &target)?;
    let tree = commit
        .map(|commit| repo.commit(commit))
        .transpose()?
        .map(|commit| commit.tree);
    let text = match (file, tree) {
        (Some(file), Some(_)) => of_file(file)?,
        (Some(file), None) if min_coverage.is_none() => of_file(file)?,
        (None, Some(tree)) => read(repo, &target, tree)?,
        (_, None) => return Err(no_target(repo, &scope, &target)?.into()),
    };
    let ownership = compile(&text)?;
    if file.is_none() {
        agrees(&ownership, &target)?;
    }
    let tracked = tree
        .map(|tree| repo.tracked(tree))
        .transpose()?
        .unwrap_or_default();
    let tracked: Vec<_> = tracked.into_iter().map(|(path, _)| path).collect();
    let start = Instant::now();
    let proof = ownership::prove(&ownership, &tracked);
    let time = start.elapsed();
    let coverage = ownership::coverage(&ownership, &tracked);
    let mut findings = proof.findings;
    findings.extend(Schedule::of(ownership.manifest()).contradictions);
    if tree.is_some() {
        findings.extend(ownership::lint(&ownership, &tracked));
    }
    findings.extend(min_coverage.and_then(|percent| too_low(&coverage, percent)));
    if text.preview {
        findings.insert(0, preview(&target));
    }
    Ok(ManifestOutcome {
        agents: ownership.manifest().agents.len(),
        patterns: ownership.claims().len(),
        proof: Some(ProofSummary {
            pairs: number(proof.pairs),
            by_automata: number(proof.by_automata),
            given_up: proof.given_up,
            time,
        }),
        coverage: tree.map(|_| (coverage.claimed, coverage.total)),
        basis: Basis {
            target,
            target_commit: commit,
            manifest: ownership.manifest().source.clone(),
            preview: text.preview,
        },
        findings,
    })
}

/// The refusal of a target of which less than `percent` is claimed.
fn too_low(coverage: &Coverage, percent: f64) -> Option<Finding> {
    let claimed = coverage.percent();
    if claimed >= percent {
        return None;
    }
    // Rounded down: what is too low must not look as if it were enough.
    let shown = (claimed * 100.0).floor() / 100.0;
    let message = format!("{shown} % of the files are claimed, which is less than {percent} %");
    let hint = "give the files listed above as unclaimed to an agent, with its owner's consent";
    Some(Finding::new(Code::LowCoverage, message).hint(hint))
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What is wrong with the manifest in `tree`, which a branch brings: its own, or what became of it when
/// it was merged. As one finding.
pub(super) fn of_branch(
    context: &Context,
    branch: &str,
    objects: &Objects,
    tree: ObjectId,
) -> Result<Option<Finding>> {
    match source::in_tree(objects, tree)? {
        InTree::Nothing => Ok(Some(refused(branch, "is no more: it deletes it"))),
        brought => Ok(of_tree(brought, branch, &context.basis.target)),
    }
}

/// What is wrong with the first manifest of a target, as one finding: `tip` is where it is to begin.
/// It may have none.
pub(super) fn first(repo: &Repo, target: &str, tip: ObjectId) -> Result<Option<Finding>> {
    let brought = source::in_tree(repo.objects(), repo.commit(tip)?.tree)?;
    Ok(of_tree(brought, target, target))
}

fn of_tree(brought: InTree, branch: &str, target: &str) -> Option<Finding> {
    let bytes = match brought {
        InTree::File(bytes) => bytes,
        InTree::Nothing => return None,
        InTree::Other(what) => return Some(refused(branch, &format!("is {what}"))),
    };
    let text = Text {
        name: format!("{branch}:{FILE_NAME}"),
        bytes,
        preview: false,
    };
    let problems = compile(&text)
        .and_then(|ownership| {
            agrees(&ownership, target)?;
            prove(&ownership)
        })
        .err();
    problems.map(|failure| {
        let mut said = failure.findings.iter().map(|problem| {
            let line = problem
                .labels
                .first()
                .zip(failure.source.as_ref())
                .map_or(String::new(), |(label, source)| {
                    format!("line {}: ", source.position(label.span).0)
                });
            format!("{line}{}", problem.message)
        });
        let first = said.next().unwrap_or_default();
        let more = match failure.findings.len() {
            0 | 1 => String::new(),
            all => format!(" (and {} more)", all - 1),
        };
        let finding = refused(branch, &format!("is not valid: {first}{more}"));
        said.fold(finding, Finding::note)
    })
}

fn refused(branch: &str, why: &str) -> Finding {
    let message = format!("{branch} brings a manifest that {why}");
    Finding::new(Code::ManifestRefused, message).hint(format!(
        "check it before it is committed: gate check manifest {FILE_NAME}"
    ))
}

/// The remark that rules are taken from the work tree.
pub(super) fn preview(target: &str) -> Finding {
    Finding::new(
        Code::ManifestPreview,
        format!("{target} has no manifest yet: judging by the one of the work tree"),
    )
    .hint(format!(
        "commit it to {target}: until then nothing is enforced"
    ))
}
