//! Where the text of a manifest comes from: a tree, the work tree, or a file that somebody names.

use crate::manifest::{self, FILE_NAME, Manifest, limits};
use crate::repo::{Objects, Repo};
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The text of a manifest, and where it was found.
pub(super) struct Text {
    /// For people: `main:ownership.yaml`.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Whether it is that of the work tree, because the target has none yet.
    pub preview: bool,
}

/// What a tree holds where the manifest should be.
pub(super) enum InTree {
    /// A file with this content.
    File(Vec<u8>),
    /// Something else: what it is, for people.
    Other(&'static str),
    Nothing,
}

/// The text of the manifest that decides over branches that are to land on `target`.
pub(super) fn read(repo: &Repo, target: &str, tree: ObjectId) -> Result<Text> {
    match in_tree(repo, tree)? {
        InTree::File(bytes) => {
            return Ok(Text {
                name: format!("{target}:{FILE_NAME}"),
                bytes,
                preview: false,
            });
        }
        InTree::Other(what) => {
            return Err(not_a_file(&format!("{FILE_NAME} of the target"), what));
        }
        InTree::Nothing => {}
    }
    let Some(file) = in_work_tree(repo)? else {
        let message = format!("the target {target} has no {FILE_NAME} at its root");
        return Err(Box::new(Finding::new(Code::NoManifest, message).hint(
            format!("write one, commit it to {target}, and check it with `gate check manifest`"),
        )));
    };
    Ok(Text {
        name: FILE_NAME.into(),
        preview: true,
        ..of_file(&file)?
    })
}

/// Whether `tree` holds anything where the manifest should be.
pub(super) fn is_in_tree(objects: &Objects, tree: ObjectId) -> Result<bool> {
    let path = path()?;
    Ok(objects.entry_at(tree, &path)?.is_some() || objects.has_directory(tree, &path)?)
}

/// What `tree` holds where the manifest should be.
pub(super) fn in_tree(objects: &Objects, tree: ObjectId) -> Result<InTree> {
    let path = path()?;
    match objects.entry_at(tree, &path)? {
        Some(entry) if entry.mode.is_regular() => {
            let bytes = objects.blob(entry.id, limits::MAX_BYTES as u64);
            let bytes = bytes.map_err(|finding| match finding.code {
                Code::TooLarge => Box::new(manifest::too_large()),
                _ => finding,
            })?;
            Ok(InTree::File(bytes))
        }
        Some(_) => Ok(InTree::Other("not a regular file")),
        None if objects.has_directory(tree, &path)? => Ok(InTree::Other("a directory")),
        None => Ok(InTree::Nothing),
    }
}

/// The object that is in `tree` where the manifest should be, if any.
pub(super) fn id_in_tree(objects: &Objects, tree: ObjectId) -> Result<Option<ObjectId>> {
    let entry = objects.entry_at(tree, &path()?)?;
    Ok(entry.map(|entry| entry.id))
}

fn path() -> Result<RepoPath> {
    RepoPath::new(FILE_NAME)
        .map_err(|error| Finding::error(Code::BadTree, format!("{FILE_NAME} is no path: {error}")))
}

/// The manifest of the work tree, whatever it is, if there is a work tree and something by that
/// name in it.
pub(super) fn in_work_tree(repo: &Repo) -> Result<Option<PathBuf>> {
    let Some(file) = repo.work_tree().map(|root| root.join(FILE_NAME)) else {
        return Ok(None);
    };
    match file.symlink_metadata() {
        Ok(_) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&file, &error)),
    }
}

/// The target that the manifest of `commit` names, if it has a valid one.
pub(super) fn named_target(repo: &Repo, commit: ObjectId) -> Result<Option<String>> {
    let manifest = valid_in_tree(repo, repo.commit(commit)?.tree)?;
    Ok(manifest.map(|manifest| manifest.target.value))
}

/// The manifest in `tree`, if there is a valid one.
pub(super) fn valid_in_tree(objects: &Objects, tree: ObjectId) -> Result<Option<Manifest>> {
    let InTree::File(bytes) = in_tree(objects, tree)? else {
        return Ok(None);
    };
    // What is wrong with it is said when it is judged by.
    let manifest = manifest::decode(FILE_NAME, &bytes).and_then(manifest::parse);
    Ok(manifest.ok())
}

/// The text of a file: no more of it than a manifest may have, and one byte.
pub(super) fn of_file(file: &Path) -> Result<Text> {
    let wrong = |what: &str| {
        let message = format!("{} {what}", file.display());
        let hint = format!("name the file: gate check manifest {FILE_NAME}");
        Box::new(Finding::new(Code::Usage, message).hint(hint))
    };
    let kind = match file.symlink_metadata() {
        Ok(metadata) => metadata.file_type(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(wrong("does not exist"));
        }
        Err(error) => return Err(unreadable(file, &error)),
    };
    if kind.is_dir() {
        return Err(wrong("is a directory"));
    }
    if kind.is_symlink() {
        return Err(not_a_file(&file.display().to_string(), "a symbolic link"));
    }
    let mut bytes = Vec::new();
    let most = limits::MAX_BYTES as u64 + 1;
    File::open(file)
        .and_then(|open| open.take(most).read_to_end(&mut bytes))
        .map_err(|error| unreadable(file, &error))?;
    Ok(Text {
        name: file.display().to_string(),
        bytes,
        preview: false,
    })
}

fn not_a_file(name: &str, what: &str) -> Box<Finding> {
    let finding = Finding::new(Code::NoManifest, format!("{name} is {what}"));
    Box::new(finding.hint("a manifest must be a file: links and submodules are not followed"))
}

fn unreadable(file: &Path, error: &std::io::Error) -> Box<Finding> {
    let message = format!("cannot read {}", file.display());
    Box::new(Finding::new(Code::InputOutput, message).because(error))
}
