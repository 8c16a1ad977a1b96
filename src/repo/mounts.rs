//! File systems that are mounted below a folder: what is in them is nobody's to remove with it.

use bstr::ByteSlice;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The first file system that is mounted below `folder`, an absolute path without symbolic links. Only Linux
/// says so; elsewhere there is none.
pub(super) fn mounted_below(folder: &Path) -> Option<PathBuf> {
    let list = std::fs::read("/proc/self/mountinfo").ok()?;
    let mut points = list.lines().filter_map(mount_point);
    points.find(|point| point.starts_with(folder))
}

/// The fifth field of a line: see `proc_pid_mountinfo(5)`.
fn mount_point(line: &[u8]) -> Option<PathBuf> {
    let field = line.split(|byte| *byte == b' ').nth(4)?;
    let mut parts = field.split_str("\\");
    let mut path = parts.next()?.to_vec();
    for part in parts {
        // Space, tab, line feed and backslash are written as three octal digits.
        let (digits, rest) = part.split_at_checked(3)?;
        path.push(u8::from_str_radix(digits.to_str().ok()?, 8).ok()?);
        path.extend_from_slice(rest);
    }
    Some(std::ffi::OsString::from_vec(path).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_is_read_from_its_line() {
        let line = |path: &str| format!("36 35 98:0 /root {path} rw,noatime - ext3 /dev/root rw");
        let point = |path: &str| mount_point(line(path).as_bytes());
        assert_eq!(point("/mnt"), Some("/mnt".into()));
        assert_eq!(point(r"/a\040b\134c"), Some(r"/a b\c".into()));
        assert_eq!(point(r"/a\04"), None);
        assert_eq!(mount_point(b"36 35 98:0 /"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_mounted_is_below_the_root_and_not_below_a_new_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(mounted_below(Path::new("/")).is_some());
        assert_eq!(mounted_below(folder.path()), None);
    }
}
