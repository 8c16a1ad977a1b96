//! `gate who`.

use super::args::Who;
use super::terminal::Terminal;
use super::{input, open};
use crate::engine::{self, Asked, Context, Outcome};
use crate::repo::Repo;
use crate::report::Report;
use crate::words::{Code, Finding, RepoPath, Result, quote, unquote};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Who, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let options = arguments.place.options();
    let repo = Arc::new(open(place)?);
    let asked = asked(arguments, &prefix(&repo, place)?)?;
    let context = Context::of_branches(repo, &options, &[])?;
    let outcome = engine::who(&context, asked)?;
    context.leave();
    Ok(terminal.show(&Report::Who(&outcome)))
}

fn asked(arguments: &Who, prefix: &[u8]) -> Result<Asked> {
    if arguments.tree {
        return Ok(Asked::Tree);
    }
    if !arguments.stdin {
        let paths = arguments.paths.iter();
        let paths = paths.map(|path| resolve(prefix, path.as_bytes()));
        return Ok(Asked::Paths(paths.collect::<Result<_>>()?));
    }
    let input = input::whole()?;
    Ok(Asked::List(listed(&input, arguments.nul, prefix)?))
}

/// The paths in `input`, which stand behind each other with NUL or line breaks between them.
fn listed(input: &[u8], nul: bool, prefix: &[u8]) -> Result<Vec<RepoPath>> {
    let end = if nul { b'\0' } else { b'\n' };
    let paths = input.split(|byte| *byte == end);
    let paths = paths.filter(|path| !path.is_empty()).map(|path| {
        if nul {
            return resolve(prefix, path);
        }
        let plain = unquote(path).ok_or_else(|| {
            let path = String::from_utf8_lossy(path);
            let message = format!("{path} is not quoted as git quotes paths");
            Finding::new(Code::Usage, message)
                .hint("separate the paths by NUL: `git ls-files -z | gate who --stdin -z`")
        })?;
        resolve(prefix, &plain)
    });
    paths.collect()
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
fn resolve(prefix: &[u8], bytes: &[u8]) -> Result<RepoPath> {
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
    fn lists_are_read_as_git_writes_them() {
        for (input, nul, paths) in [
            (&b"a\nb c\n"[..], false, Some(&["a", "b c"][..])),
            (b"\"a\\tb\"\n", false, Some(&[r#""a\tb""#])),
            (b"a\nb\0c\0", true, Some(&[r#""a\nb""#, "c"])),
            (b"", true, Some(&[])),
            (b"\"a\n", false, None),
            (b"../a\n", false, None),
        ] {
            let found = listed(input, nul, b"").ok();
            let found = found.map(|paths| paths.iter().map(RepoPath::to_string).collect());
            let paths = paths.map(|paths| paths.iter().map(ToString::to_string).collect());
            let found: Option<Vec<String>> = found;
            assert_eq!(found, paths);
        }
    }

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
            let resolved = resolve(prefix.as_bytes(), path.as_bytes()).ok();
            assert_eq!(
                resolved.map(|path| path.to_string()).as_deref(),
                meant,
                "{prefix} {path}"
            );
        }
    }
}
