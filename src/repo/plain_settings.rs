//! The configuration where it is a few files that include no others, read without a process. Whatever is out of
//! the ordinary is not told here at all, but by git.

use super::settings::Settings;
use super::system_settings;
use bstr::ByteSlice;
use gix::config::file::Metadata;
use gix::config::{File, Source};
use std::env::{var, var_os};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is configured in the repository at `common_dir`, which is bare or has a work tree, and the kind of its ids.
pub(super) fn read(common_dir: &Path, is_bare: bool) -> Option<(Settings, gix::hash::Kind)> {
    let mut own = Settings::default();
    add(&mut own, &common_dir.join("config"))?;
    let kind = kind_of(&own, is_bare)?;
    let mut all = Settings::default();
    for file in files(common_dir)? {
        add(&mut all, &file)?;
    }
    // Whether a bare repository may be found at all; not for itself to say.
    if is_bare && all.get("safe.barerepository").is_some() {
        return None;
    }
    all.extend(own);
    Some((all, kind))
}

/// The kind of ids in a repository whose own configuration this is; `None` unless git takes it for one like any
/// other, bare or not.
fn kind_of(own: &Settings, is_bare: bool) -> Option<gix::hash::Kind> {
    let get = |key: &str| own.get(key);
    let version = get("core.repositoryformatversion");
    let has_extensions = match version.as_deref() {
        None | Some("0") => false,
        Some("1") => true,
        Some(_) => return None,
    };
    let is_known = |name: &[u8]| {
        has_extensions && matches!(name, b"objectformat" | b"refstorage" | b"partialclone")
    };
    let mut extensions = own
        .keys()
        .filter_map(|key| key.strip_prefix(b"extensions."));
    let says_so = match get("core.bare").as_deref() {
        None | Some("false") => !is_bare,
        Some(bare) => bare == "true" && is_bare,
    };
    if !says_so || get("core.worktree").is_some() || !extensions.all(is_known) {
        return None;
    }
    if !matches!(
        get("extensions.refstorage").as_deref(),
        None | Some("files" | "reftable")
    ) {
        return None;
    }
    match get("extensions.objectformat").as_deref() {
        None | Some("sha1") => Some(gix::hash::Kind::Sha1),
        Some("sha256") => Some(gix::hash::Kind::Sha256),
        Some(_) => None,
    }
}

/// The files that come before the repository's own, in git's order. Not all of them need be there.
fn files(common_dir: &Path) -> Option<Vec<PathBuf>> {
    let mut files = Vec::new();
    let without_system = match var("GIT_CONFIG_NOSYSTEM").as_deref() {
        Err(std::env::VarError::NotPresent) => false,
        Ok("1" | "true") => true,
        _ => return None,
    };
    if !without_system {
        files.push(match var_os("GIT_CONFIG_SYSTEM") {
            Some(file) => absolute(file.into())?,
            None => system_settings::place(common_dir)?,
        });
    }
    if let Some(file) = var_os("GIT_CONFIG_GLOBAL") {
        files.push(absolute(file.into())?);
        return Some(files);
    }
    let home = absolute(var_os("HOME")?.into())?;
    let folder = match var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => absolute(folder.into())?,
        None => home.join(".config"),
    };
    files.extend([folder.join("git/config"), home.join(".gitconfig")]);
    Some(files)
}

fn absolute(path: PathBuf) -> Option<PathBuf> {
    path.is_absolute().then_some(path)
}

/// Adds what is in `file`, if there is one.
fn add(settings: &mut Settings, file: &Path) -> Option<()> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Some(()),
        Err(_) => return None,
    };
    let read = File::from_bytes_no_includes(&text, Metadata::from(Source::Local), <_>::default());
    for section in read.ok()?.sections() {
        let header = section.header();
        let name = header.name().to_ascii_lowercase();
        // Of a name with a point in it, `[remote.origin]`, git makes something of its own.
        if matches!(&name[..], b"include" | b"includeif") || header.is_legacy() {
            return None;
        }
        let middle = header
            .subsection_name()
            .map(|middle| [b".", middle.as_bytes()].concat());
        for key in section.value_names() {
            let value = section.value_implicit(&key)?;
            let key = [
                &name,
                &middle.clone().unwrap_or_default()[..],
                b".",
                &key.to_ascii_lowercase().into_bytes(),
            ];
            // A key that stands alone is how git writes "true".
            settings.set(
                key.concat(),
                value.map_or_else(|| b"true".to_vec(), Into::into),
            );
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::git::{Config, Git};

    fn plain(text: &[u8]) -> Option<Settings> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config");
        fs::write(&file, text).expect("written");
        let mut settings = Settings::default();
        add(&mut settings, &file)?;
        let git = Git::new(Config::Isolated, folder.path(), "config");
        let output = git.args(["--null", "--list", "--file"]).arg(&file).output();
        assert_eq!(
            settings,
            Settings::listed(&output.expect("git runs")).expect("git reads it")
        );
        Some(settings)
    }

    #[test]
    fn values_are_those_that_git_reads() {
        for text in [
            &b""[..],
            b"[gate]\n\ttarget = trunk\n",
            b"[GATE] Target=trunk ; a remark\n[gate]\n\tTARGET\n",
            b"[gate \"a.B c\"]\n\ttarget = \" x \" y\\n\\\"z\\\" # no\n",
            b"[gate]\r\n\ttarget = x\\\r\n  y\r\n[branch \"a\\\"b\"]merge=refs/heads/m\r\n",
            b"[gate]\n\ttarget = a\n\ttarget = b\n[x]y=\n[gate]\n\ttarget = c\n",
            b"# [gate]\n;target\n[gate]target=\xc3\xa9\\t\\b\n",
            b"[a]b = \"\\\\\" \n c = x  \t y   \n",
            b"\xef\xbb\xbf[gate]target=x\n",
        ] {
            assert!(plain(text).is_some(), "{:?}", text.as_bstr());
        }
    }

    #[test]
    fn what_another_file_may_change_is_left_to_git() {
        for text in [
            "[include]path=other\n",
            "[IncludeIf \"gitdir:/\"]path=other\n",
            "[a.b]c=d\n",
            "[gate",
        ] {
            assert!(plain(text.as_bytes()).is_none(), "{text}");
        }
    }
}
