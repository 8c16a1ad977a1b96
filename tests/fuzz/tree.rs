//! Trees of any bytes, against git itself. Used by a test and by a fuzz target.

use gate::repo::Repo;
use gate::words::{Code, ObjectId};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A tree is refused as one that git never writes if, and only if, `git fsck --strict` would object
/// to its entries, which is also what keeps `git hash-object` from writing it. Longer names than
/// gate looks at are refused as too large, so they are left out, and so are those of `.gitmodules`
/// and the like, whose contents git looks at too. Directories with nothing in them, which git itself
/// only never writes, do not occur.
pub(crate) fn tree(data: &[u8]) {
    let data = &with_known_ids(data);
    let repository = place().folder.path();
    let (good, _) = hash(repository, &["hash-object", "-t", "tree", "--stdin"], data);
    let (written, id) = hash(repository, WRITE, data);
    assert!(written, "git writes what it is told to");
    let repo = Repo::open(repository).expect("a repository");
    match repo.diff(None, object_id(&id)) {
        Ok(_) => assert!(good, "git objects, gate does not: {data:?}"),
        Err(finding) if finding.code == Code::TooLarge => {}
        Err(finding) => {
            assert_eq!(finding.code, Code::BadTree, "{finding}");
            assert!(!good, "gate objects, git does not: {finding}: {data:?}");
        }
    }
}

/// The same bytes, with an id that exists behind every entry of a directory: gate goes into it.
fn with_known_ids(data: &[u8]) -> Vec<u8> {
    let mut made = data.to_vec();
    let mut at = 0;
    while let Some(nul) = made[at..].iter().position(|byte| *byte == 0) {
        let (start, id) = (at, at + nul + 1);
        if id + 20 > made.len() {
            break;
        }
        let digits = made[start..].iter().take_while(|byte| **byte != b' ');
        let digits = String::from_utf8_lossy(&digits.copied().collect::<Vec<_>>()).into_owned();
        let is_tree = u64::from_str_radix(&digits, 8).is_ok_and(|mode| mode == 0o040_000);
        if is_tree && made[id..id + 20] != [0; 20] {
            made[id..id + 20].copy_from_slice(place().known.as_bytes());
        }
        at = id + 20;
    }
    made
}

fn object_id(hex: &str) -> ObjectId {
    let digits = hex.as_bytes().chunks(2);
    let bytes: Vec<u8> = digits
        .map(|two| u8::from_str_radix(str::from_utf8(two).expect("digits"), 16).expect("digits"))
        .collect();
    ObjectId::from_bytes(&bytes).expect("an id")
}

/// A repository that all inputs share, and the only tree in it that they may hold.
struct Place {
    folder: TempDir,
    known: ObjectId,
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        let status = git(folder.path()).args(["init", "-q", "--bare"]).status();
        assert!(status.expect("git runs").success());
        let data = [&b"100644 f\0"[..], &[7; 20]].concat();
        let (_, id) = hash(folder.path(), WRITE, &data);
        let known = object_id(&id);
        Place { folder, known }
    })
}

/// Writes a tree of any bytes.
const WRITE: &[&str] = &["hash-object", "-t", "tree", "-w", "--literally", "--stdin"];

fn git(folder: &std::path::Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env_clear();
    command
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .stderr(Stdio::null());
    command
}

/// Whether git accepts `data`, and what it printed.
fn hash(folder: &std::path::Path, arguments: &[&str], data: &[u8]) -> (bool, String) {
    let mut command = git(folder);
    command.args(arguments).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("git runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    // git may refuse before it has read everything.
    let _ = pipe.write_all(data);
    drop(pipe);
    let output = child.wait_with_output().expect("git ends");
    let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success(), printed)
}
