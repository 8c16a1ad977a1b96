//! Reads the manifest from where its rules may come from, and nowhere else.

use super::context::{no_target, target_name};
use super::{Basis, Context, Failure, ManifestOutcome, Options, Outcome, ProofSummary};
use crate::manifest::{self, FILE_NAME, limits};
use crate::ownership::{self, Ownership};
use crate::repo::Repo;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result, Source};
use std::path::Path;

/// A manifest that is good to judge by.
pub(super) struct Loaded {
    pub ownership: Ownership,
    /// The blob's id.
    pub id: ObjectId,
    /// Whether it is that of the work tree, because the target has none yet.
    pub preview: bool,
}

/// The text of a manifest, and where it was found.
pub(super) struct Text {
    pub name: String,
    pub bytes: Vec<u8>,
    pub preview: bool,
}

/// The manifest of the target's tree, compiled; where the target has none yet, that of the work
/// tree, as a preview. It must name the target that it was found in.
pub(super) fn load(repo: &Repo, target: &str, tree: ObjectId) -> Outcome<Loaded> {
    let text = read(repo, target, tree)?;
    let ownership = compile(&text)?;
    agrees(&ownership, target)?;
    prove(&ownership)?;
    Ok(Loaded {
        ownership,
        id: repo.digest(&text.bytes)?,
        preview: text.preview,
    })
}

/// The text of the manifest that decides over branches that are to land on `target`.
pub(super) fn read(repo: &Repo, target: &str, tree: ObjectId) -> Result<Text> {
    if let Some(bytes) = in_tree(repo, tree)? {
        return Ok(Text {
            name: format!("{target}:{FILE_NAME}"),
            bytes,
            preview: false,
        });
    }
    let missing = Finding::new(
        Code::NoManifest,
        format!("the target {target} has no {FILE_NAME} at its root"),
    )
    .hint(format!(
        "write one, commit it to {target}, and check it with `gate check manifest`"
    ));
    let file = repo
        .work_tree()
        .map(|root| root.join(FILE_NAME))
        .filter(|file| file.is_file());
    let Some(file) = file else {
        return Err(Box::new(missing));
    };
    Ok(Text {
        name: FILE_NAME.into(),
        preview: true,
        ..of_file(&file)?
    })
}

/// The bytes of the manifest in `tree`, if there is one.
pub(super) fn in_tree(repo: &Repo, tree: ObjectId) -> Result<Option<Vec<u8>>> {
    let path = RepoPath::new(FILE_NAME).map_err(|error| {
        Finding::error(Code::BadTree, format!("{FILE_NAME} is no path: {error}"))
    })?;
    let Some(entry) = repo.entry_at(tree, &path)? else {
        return Ok(None);
    };
    if !entry.mode.is_regular() {
        let message = format!("{FILE_NAME} of the target is not a regular file");
        return Err(Box::new(Finding::new(Code::NoManifest, message).hint(
            "a manifest must be a file: links and submodules are not followed",
        )));
    }
    repo.blob(entry.id, limits::MAX_BYTES as u64).map(Some)
}

/// Parses and compiles a manifest; every problem at once.
pub(super) fn compile(text: &Text) -> Outcome<Ownership> {
    let failed = |findings, source: &Source| Failure::of_manifest(findings, source);
    let source = manifest::decode(&text.name, &text.bytes).map_err(|findings| Failure {
        findings,
        source: None,
    })?;
    let manifest = manifest::parse(source.clone()).map_err(|findings| failed(findings, &source))?;
    Ownership::compile(manifest).map_err(|findings| failed(findings, &source))
}

/// Fails unless all claims of the manifest are proven disjoint.
fn prove(ownership: &Ownership) -> Outcome<()> {
    let proof = ownership::prove(ownership, &[]);
    if super::worst(&proof.findings).exit_code() == 0 {
        return Ok(());
    }
    Err(Failure::of_manifest(
        proof.findings,
        &ownership.manifest().source,
    ))
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
/// disjoint, and compares it with the tree of the target.
pub fn check_manifest(
    repo: &Repo,
    options: &Options,
    file: Option<&Path>,
) -> Outcome<ManifestOutcome> {
    let target = target_name(repo, options)?;
    let scope = options.scope();
    let commit = repo.branch(&scope, &target)?;
    let tree = commit
        .map(|commit| repo.commit(commit))
        .transpose()?
        .map(|commit| commit.tree);
    let text = match (file, tree) {
        (Some(file), _) => of_file(file)?,
        (None, Some(tree)) => read(repo, &target, tree)?,
        (None, None) => return Err(no_target(&scope, &target).into()),
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
    let proof = ownership::prove(&ownership, &tracked);
    let coverage = ownership::coverage(&ownership, &tracked);
    let mut findings = proof.findings;
    if tree.is_some() {
        findings.extend(ownership::lint(&ownership, &tracked));
    }
    if text.preview {
        findings.insert(0, preview(&target));
    }
    Ok(ManifestOutcome {
        agents: ownership.manifest().agents.len(),
        patterns: ownership.claims().len(),
        proof: Some(ProofSummary {
            pairs: number(proof.pairs),
            by_automata: number(proof.by_automata),
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

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What is wrong with the manifest that a branch brings, as one finding.
pub(super) fn of_branch(context: &Context, branch: &str, tip: ObjectId) -> Result<Option<Finding>> {
    let refused = |why: String| {
        Finding::new(
            Code::ManifestRefused,
            format!("{branch} brings a manifest that {why}"),
        )
        .hint(format!(
            "check it before it is committed: gate check manifest {FILE_NAME}"
        ))
    };
    let tree = context.repo.commit(tip)?.tree;
    let Some(bytes) = in_tree(&context.repo, tree)? else {
        return Ok(Some(refused("is no more: it deletes it".into())));
    };
    let text = Text {
        name: format!("{branch}:{FILE_NAME}"),
        bytes,
        preview: false,
    };
    let problems = compile(&text)
        .and_then(|ownership| {
            agrees(&ownership, &context.basis.target)?;
            prove(&ownership)
        })
        .err();
    Ok(problems.map(|failure| {
        let finding = refused("is not valid".into());
        failure.findings.iter().fold(finding, |finding, problem| {
            let line = problem
                .labels
                .first()
                .zip(failure.source.as_ref())
                .map_or(String::new(), |(label, source)| {
                    format!("line {}: ", source.position(label.span).0)
                });
            finding.note(format!("{line}{}", problem.message))
        })
    }))
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

fn of_file(file: &Path) -> Result<Text> {
    let bytes = std::fs::read(file).map_err(|error| {
        Finding::new(Code::InputOutput, format!("cannot read {}", file.display())).because(&error)
    })?;
    Ok(Text {
        name: file.display().to_string(),
        bytes,
        preview: false,
    })
}
