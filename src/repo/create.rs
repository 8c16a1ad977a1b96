//! Making a new repository out of a stream, for demonstrations.

use super::git::{Config, Git};
use crate::words::Result;
use std::path::Path;

/// Makes a repository in `folder`, which exists and is empty, imports a stream as `git fast-import`
/// reads it, and checks out `branch`.
pub fn create(folder: &Path, branch: &str, stream: &[u8]) -> Result<()> {
    let git = |subcommand| Git::new(Config::Isolated, folder, subcommand);
    git("init")
        .args(["--quiet", "--template=", "--initial-branch", branch])
        .run()?;
    git("fast-import")
        .args(["--quiet", "--date-format=raw"])
        .input(stream.to_vec())
        .run()?;
    git("read-tree").args(["-m", "-u", "HEAD"]).run().map(drop)
}
