//! What a push brings, before it is accepted: git keeps it apart from the repository, in a quarantine
//! of its own, and says where in the environment of the hook.

use super::objects::input_output;
use super::quarantine::write_alternates;
use crate::words::{Code, Finding, Result, unquote};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where new objects are written.
const OBJECTS: &str = "GIT_OBJECT_DIRECTORY";
/// Where objects are looked for besides, between colons, quoted where need be.
const ALTERNATES: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";
/// git's quarantine; where it is set, git moves no ref.
const QUARANTINE: &str = "GIT_QUARANTINE_PATH";
/// The part of the repository that is served as if it were the whole.
const NAMESPACE: &str = "GIT_NAMESPACE";

/// The object directory in a view.
const VIEW: &str = "objects";

/// The variables by which git says what a push brings.
pub(super) const VARIABLES: [&str; 3] = [OBJECTS, ALTERNATES, QUARANTINE];

/// The objects of a push that has not been accepted, if it brings any, on top of those of the repository.
pub(super) struct Incoming {
    /// What the environment says, for every git that is to see these objects.
    variables: Vec<(&'static str, OsString)>,
    /// Where objects are, the new ones first, the repository's own last.
    pub(super) directories: Vec<PathBuf>,
    quarantine: Option<PathBuf>,
    /// Holds nothing but the list of these directories, which is how one store reads all of them;
    /// `None` where there is but one.
    view: Option<TempDir>,
}

impl Incoming {
    /// What the environment says of a push to the repository whose objects are in `own`: nothing where
    /// a push only deletes. Relative paths count from `dir`.
    pub(super) fn of_environment(dir: &Path, own: &Path) -> Result<Self> {
        let variables = VARIABLES.map(|name| (name, std::env::var_os(name).unwrap_or_default()));
        let [objects, alternates, quarantine] = &variables;
        let mut directories = Vec::new();
        if !objects.1.is_empty() {
            directories.push(dir.join(&objects.1));
        }
        let others = listed(&alternates.1)?;
        directories.extend(others.into_iter().map(|other| dir.join(other)));
        // git passes over what is not there, too: objects that only it has are missing then.
        directories.retain(|directory| directory.is_dir());
        directories.push(own.to_owned());
        let absolute = |path: &PathBuf| {
            let made = path.canonicalize();
            made.map_err(|error| input_output("find the directory", path, &error))
        };
        let mut directories: Vec<_> = directories.iter().map(absolute).collect::<Result<_>>()?;
        directories.dedup();
        let quarantine = (!quarantine.1.is_empty()).then(|| dir.join(&quarantine.1));
        let view = if directories.len() > 1 {
            let view = folder_in(quarantine.as_deref())?;
            write_alternates(&view.path().join(VIEW), &directories)?;
            Some(view)
        } else {
            None
        };
        Ok(Self {
            variables: variables
                .into_iter()
                .filter(|set| !set.1.is_empty())
                .collect(),
            directories,
            quarantine,
            view,
        })
    }

    /// The object directory through which everything is seen, if it is not the repository's own.
    pub(super) fn objects_dir(&self) -> Option<PathBuf> {
        let view = self.view.as_ref();
        view.map(|view| view.path().join(VIEW))
    }

    /// What a git needs in its environment to see the same.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, &OsStr)> {
        let variables = self.variables.iter();
        variables.map(|(name, value)| (*name, value.as_os_str()))
    }

    /// A new folder that is gone when the push has ended: in git's quarantine, whatever becomes of this
    /// process.
    pub(super) fn folder(&self) -> Result<TempDir> {
        folder_in(self.quarantine.as_deref())
    }
}

/// Fails where git serves a part of the repository: the refs of a push are not called there as they
/// are called here.
pub(super) fn refuse_namespace() -> Result<()> {
    if std::env::var_os(NAMESPACE).unwrap_or_default().is_empty() {
        return Ok(());
    }
    let message = format!("a push into a namespace ({NAMESPACE}) is not supported yet");
    let hint = "serve the repository without a namespace: `gate check receive` judges its branches";
    Err(Box::new(
        Finding::new(Code::NotSupportedYet, message).hint(hint),
    ))
}

/// A folder in git's quarantine, whose name begins with a dot, so that git removes it with the
/// quarantine and never moves it into the repository; among temporary files where there is none.
fn folder_in(quarantine: Option<&Path>) -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    let (made, home) = match quarantine {
        Some(home) => (builder.prefix(".gate-").tempdir_in(home), home.to_owned()),
        None => (
            builder.prefix("gate-receive-").tempdir(),
            std::env::temp_dir(),
        ),
    };
    made.map_err(|error| input_output("make a directory in", &home, &error))
}

/// The paths in the value of [`ALTERNATES`].
fn listed(value: &OsStr) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for part in parts(value.as_bytes()) {
        let path = unquote(part).ok_or_else(|| {
            let message = format!("{ALTERNATES} is not quoted as git quotes it");
            Finding::new(Code::Usage, message).hint("let git start `gate check receive`, as a hook")
        })?;
        if !path.is_empty() {
            paths.push(PathBuf::from(OsString::from_vec(path)));
        }
    }
    Ok(paths)
}

/// What stands between the colons of `text` that are not inside a quotation.
fn parts(text: &[u8]) -> Vec<&[u8]> {
    let (mut begins, mut quoted, mut escaped) = (true, false, false);
    let between = |byte: &u8| {
        let ends = *byte == b':' && !quoted;
        // Only where a path begins is it the sign of a quotation.
        if *byte == b'"' && (begins || quoted) && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && *byte == b'\\' && !escaped;
        begins = ends;
        ends
    };
    text.split(between).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternates_are_read_as_git_writes_them() {
        for (value, expected) in [
            ("", &[][..]),
            ("/a", &["/a"]),
            ("/a:/b c", &["/a", "/b c"]),
            (":/a:", &["/a"]),
            (r#"/a"b:/c"#, &[r#"/a"b"#, "/c"]),
            (r#""/a:b\"c\\":/d"#, &[r#"/a:b"c\"#, "/d"]),
            (r#""/caf\303\251":/d"#, &["/café", "/d"]),
        ] {
            let paths = listed(OsStr::new(value)).expect("paths");
            let expected: Vec<_> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(paths, expected, "{value}");
        }
        for broken in [r#""/a"#, r#""/a"b:/c"#, r#""\x""#] {
            let read = listed(OsStr::new(broken));
            assert!(read.is_err(), "{broken}: {read:?}");
        }
    }
}
