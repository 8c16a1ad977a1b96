//! A full disk is nobody's fault: it is told from everything else that can go wrong with files.

use crate::words::Code;
use std::error::Error;
use std::io::{self, ErrorKind};

/// What git says where the disk is full, in the C locale.
pub(super) const NO_SPACE: &str = "No space left on device";

/// The code of what failed because of `error`, or of an error under it.
pub(super) fn code_of(error: &(dyn Error + 'static)) -> Code {
    let mut next = Some(error);
    while let Some(error) = next {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(
            kind,
            Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
        ) {
            return Code::DiskFull;
        }
        next = error.source();
    }
    Code::InputOutput
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
