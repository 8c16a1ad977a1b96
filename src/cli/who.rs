//! `gate who`.

use super::args::Who;
use super::open;
use super::terminal::Terminal;
use crate::engine::{self, Context, Outcome};
use crate::repo::Repo;
use crate::report::Report;
use crate::words::{Code, Finding, RepoPath, Result, quote};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Who, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = Arc::new(open(place)?);
    let prefix = prefix(&repo, place)?;
    let paths: Result<Vec<_>> = arguments
        .paths
        .iter()
        .map(|path| resolve(&prefix, path))
        .collect();
    let paths = paths?;
    let context = Context::read(repo, &arguments.place.options())?;
    let outcome = engine::who(&context, paths)?;
    Ok(terminal.show(&Report::Who(&outcome)))
}

/// Where `place` is below the top of the work tree, if it is.
fn prefix(repo: &Repo, place: &Path) -> Result<Vec<u8>> {
    let unreadable = |error: &std::io::Error| {
        let message = format!("cannot find {}", place.display());
        Box::new(Finding::new(Code::InputOutput, message).because(error))
    };
    let Some(top) = repo.work_tree() else {
        return Ok(Vec::new());
    };
    let top = top.canonicalize().map_err(|error| unreadable(&error))?;
    let here = place.canonicalize().map_err(|error| unreadable(&error))?;
    Ok(here
        .strip_prefix(top)
        .map_or(Vec::new(), |below| below.as_os_str().as_bytes().to_vec()))
}

/// The path that somebody means who is in the folder `prefix` of the repository.
fn resolve(prefix: &[u8], path: &OsStr) -> Result<RepoPath> {
    let bytes = path.as_bytes();
    let refuse = |why: &str| {
        Finding::new(
            Code::Usage,
            format!("{} is not a path in the repository: {why}", quote(bytes)),
        )
        .hint("name a file by its path from here, for example src/main.rs")
    };
    if bytes.starts_with(b"/") {
        return Err(Box::new(refuse("it is absolute")));
    }
    if bytes.ends_with(b"/") {
        return Err(Box::new(refuse(
            "it is a directory, and claims are about files",
        )));
    }
    let mut components: Vec<&[u8]> = Vec::new();
    for component in prefix
        .split(|byte| *byte == b'/')
        .chain(bytes.split(|byte| *byte == b'/'))
    {
        match component {
            b"" | b"." => {}
            b".." => {
                if components.pop().is_none() {
                    return Err(Box::new(refuse("it leaves the repository")));
                }
            }
            component => components.push(component),
        }
    }
    RepoPath::new(components.join(&b'/'))
        .map_err(|error| Box::new(refuse(&format!("it has {error}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_meant_from_where_somebody_stands() {
        for (prefix, path, meant) in [
            ("", "src/a.rs", Some("src/a.rs")),
            ("", "./src//a.rs", Some("src/a.rs")),
            ("src/b", "../a.rs", Some("src/a.rs")),
            ("src", "a.rs", Some("src/a.rs")),
            ("src", "../../a.rs", None),
            ("", "/etc/passwd", None),
            ("", "src/", None),
            ("", ".", None),
        ] {
            let resolved = resolve(prefix.as_bytes(), OsStr::new(path)).ok();
            assert_eq!(
                resolved.map(|path| path.to_string()).as_deref(),
                meant,
                "{prefix} {path}"
            );
        }
    }
}
