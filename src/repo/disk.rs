//! A full disk is nobody's fault: it is told from everything else that can go wrong with files.

use crate::words::Code;
use bstr::ByteSlice;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What git says where the disk is full, or what its user may have of it, in the C locale.
const NO_SPACE: [&str; 2] = ["No space left on device", "Disk quota exceeded"];

/// With less space than this, in bytes, a disk counts as full.
const LEAST_SPACE: u64 = 64 * 1024;

/// Whether the disk that `folder` is on is full.
pub fn has_no_space(folder: &Path) -> bool {
    let left = rustix::fs::statvfs(folder);
    left.is_ok_and(|left| left.f_bavail.saturating_mul(left.f_frsize) < LEAST_SPACE)
}

/// Whether a program says, in the C locale, that there is no space left for it on the disk.
pub fn says_no_space(text: &[u8]) -> bool {
    NO_SPACE.iter().any(|said| text.contains_str(said))
}

/// The code of what failed because of `error`, or of an error under it.
pub(super) fn code_of(error: &(dyn Error + 'static)) -> Code {
    if is_full(error) {
        Code::DiskFull
    } else {
        Code::InputOutput
    }
}

fn is_full(error: &(dyn Error + 'static)) -> bool {
    // What an input or output error was made of is not among its sources.
    let made_of = match error.downcast_ref::<io::Error>() {
        Some(error) => match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => return true,
            _ => error.get_ref().is_some_and(|inner| is_full(inner)),
        },
        None => false,
    };
    made_of || error.source().is_some_and(is_full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_errors() {
        for (error, code) in [
            (io::Error::from(ErrorKind::StorageFull), Code::DiskFull),
            (io::Error::from(ErrorKind::QuotaExceeded), Code::DiskFull),
            (
                io::Error::other(io::Error::from(ErrorKind::StorageFull)),
                Code::DiskFull,
            ),
            (
                io::Error::from(ErrorKind::PermissionDenied),
                Code::InputOutput,
            ),
        ] {
            assert_eq!(code_of(&error), code, "{error}");
        }
    }
}
