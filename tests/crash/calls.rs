//! System calls of Linux on x86-64: which of them change something, and how one that fails looks.

use nix::libc;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::io::IoSliceMut;
use std::path::PathBuf;

/// A call that changes something, at its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// As the manual calls it.
    pub(super) name: &'static str,
    /// What it is about: the paths, or the file behind the descriptor.
    pub(super) paths: Vec<PathBuf>,
    /// The program that makes it.
    pub(super) program: String,
}

/// What the arguments of a call are about.
#[derive(Clone, Copy)]
enum About {
    /// A path that is the argument at this place.
    Path(usize),
    /// Two of them.
    Paths(usize, usize),
    /// A path, opened with these flags: a change if it is for writing.
    Opened(usize, usize),
    /// A descriptor.
    Descriptor(usize),
    /// A descriptor that counts only where this argument asks for a lock.
    Lock(usize, usize),
}

const CALLS: &[(libc::c_long, &str, About)] = &[
    (libc::SYS_open, "open", About::Opened(0, 1)),
    (libc::SYS_openat, "openat", About::Opened(1, 2)),
    (libc::SYS_creat, "creat", About::Path(0)),
    (libc::SYS_write, "write", About::Descriptor(0)),
    (libc::SYS_pwrite64, "pwrite64", About::Descriptor(0)),
    (libc::SYS_writev, "writev", About::Descriptor(0)),
    (libc::SYS_pwritev, "pwritev", About::Descriptor(0)),
    (libc::SYS_sendfile, "sendfile", About::Descriptor(0)),
    (
        libc::SYS_copy_file_range,
        "copy_file_range",
        About::Descriptor(2),
    ),
    (libc::SYS_ftruncate, "ftruncate", About::Descriptor(0)),
    (libc::SYS_truncate, "truncate", About::Path(0)),
    (libc::SYS_fallocate, "fallocate", About::Descriptor(0)),
    (libc::SYS_rename, "rename", About::Paths(0, 1)),
    (libc::SYS_renameat, "renameat", About::Paths(1, 3)),
    (libc::SYS_renameat2, "renameat2", About::Paths(1, 3)),
    (libc::SYS_link, "link", About::Paths(0, 1)),
    (libc::SYS_linkat, "linkat", About::Paths(1, 3)),
    (libc::SYS_symlink, "symlink", About::Path(1)),
    (libc::SYS_symlinkat, "symlinkat", About::Path(2)),
    (libc::SYS_unlink, "unlink", About::Path(0)),
    (libc::SYS_unlinkat, "unlinkat", About::Path(1)),
    (libc::SYS_mkdir, "mkdir", About::Path(0)),
    (libc::SYS_mkdirat, "mkdirat", About::Path(1)),
    (libc::SYS_rmdir, "rmdir", About::Path(0)),
    (libc::SYS_chmod, "chmod", About::Path(0)),
    (libc::SYS_fchmod, "fchmod", About::Descriptor(0)),
    (libc::SYS_fchmodat, "fchmodat", About::Path(1)),
    (libc::SYS_chown, "chown", About::Path(0)),
    (libc::SYS_lchown, "lchown", About::Path(0)),
    (libc::SYS_fchown, "fchown", About::Descriptor(0)),
    (libc::SYS_fchownat, "fchownat", About::Path(1)),
    (libc::SYS_utime, "utime", About::Path(0)),
    (libc::SYS_utimes, "utimes", About::Path(0)),
    (libc::SYS_utimensat, "utimensat", About::Path(1)),
    (libc::SYS_fsync, "fsync", About::Descriptor(0)),
    (libc::SYS_fdatasync, "fdatasync", About::Descriptor(0)),
    (
        libc::SYS_sync_file_range,
        "sync_file_range",
        About::Descriptor(0),
    ),
    (libc::SYS_syncfs, "syncfs", About::Descriptor(0)),
    (libc::SYS_flock, "flock", About::Descriptor(0)),
    (libc::SYS_fcntl, "fcntl", About::Lock(0, 1)),
];

/// The flags of an opening that changes something, any of them.
const WRITING: [i32; 4] = [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC];
/// What asks for a lock.
const LOCKING: [i32; 4] = [
    libc::F_SETLK,
    libc::F_SETLKW,
    libc::F_OFD_SETLK,
    libc::F_OFD_SETLKW,
];

/// Lets the kernel stop a process at no other calls than those that may change something.
pub(super) fn filter() -> BpfProgram {
    let rule = |place: usize, operation, value: i32| {
        let place = u8::try_from(place).unwrap();
        let value = u64::try_from(value).unwrap();
        let condition =
            SeccompCondition::new(place, SeccompCmpArgLen::Dword, operation, value).unwrap();
        SeccompRule::new(vec![condition]).unwrap()
    };
    let rules = CALLS.iter().map(|(number, _, about)| {
        let rules = match *about {
            About::Opened(_, flags) => WRITING
                .map(|flag| {
                    rule(
                        flags,
                        SeccompCmpOp::MaskedEq(u64::try_from(flag).unwrap()),
                        flag,
                    )
                })
                .to_vec(),
            About::Lock(_, command) => LOCKING
                .map(|wanted| rule(command, SeccompCmpOp::Eq, wanted))
                .to_vec(),
            About::Path(_) | About::Paths(..) | About::Descriptor(_) => Vec::new(),
        };
        (*number, rules)
    });
    let filter = SeccompFilter::new(
        rules.collect(),
        SeccompAction::Allow,
        SeccompAction::Trace(0),
        TargetArch::x86_64,
    );
    filter.unwrap().try_into().unwrap()
}

/// The call that the process is about to make, if it changes something.
pub(super) fn change(pid: Pid, registers: &libc::user_regs_struct) -> Option<Call> {
    let number = libc::c_long::try_from(registers.orig_rax).ok()?;
    let (_, name, about) = CALLS.iter().find(|(call, ..)| *call == number)?;
    let argument = |place| {
        let all = [
            registers.rdi,
            registers.rsi,
            registers.rdx,
            registers.r10,
            registers.r8,
        ];
        all[place]
    };
    let path = |place| text(pid, argument(place));
    let paths = match *about {
        About::Path(place) => vec![path(place)],
        About::Paths(from, to) => vec![path(from), path(to)],
        About::Opened(place, flags) => {
            let flags = i32::try_from(argument(flags) & 0xffff_ffff).ok()?;
            if WRITING.iter().all(|flag| flags & flag == 0) {
                return None;
            }
            vec![path(place)]
        }
        About::Descriptor(place) => vec![file(pid, argument(place))?],
        About::Lock(place, command) => {
            let command = i32::try_from(argument(command)).ok()?;
            if !LOCKING.contains(&command) {
                return None;
            }
            vec![file(pid, argument(place))?]
        }
    };
    if paths
        .iter()
        .any(|path| path.starts_with("/dev/null") || path.starts_with("/proc"))
    {
        return None;
    }
    Some(Call {
        name,
        paths,
        program: program(pid),
    })
}

/// The regular file or the folder behind a descriptor; pipes and sockets change nothing.
fn file(pid: Pid, descriptor: u64) -> Option<PathBuf> {
    let link = std::fs::read_link(format!("/proc/{pid}/fd/{descriptor}")).ok()?;
    (link.is_absolute() && !link.starts_with("/dev/pts") && !link.starts_with("/dev/tty"))
        .then_some(link)
}

/// The text at an address of another process.
fn text(pid: Pid, address: u64) -> PathBuf {
    let mut found = Vec::new();
    let Ok(mut base) = usize::try_from(address) else {
        return PathBuf::new();
    };
    while found.len() < 4096 {
        let mut part = [0; 256];
        // Not beyond the page, since the next one may not be there.
        let len = part.len().min(4096 - base % 4096);
        let remote = [RemoteIoVec { base, len }];
        let read = process_vm_readv(pid, &mut [IoSliceMut::new(&mut part[..len])], &remote);
        let Ok(read @ 1..) = read else {
            break;
        };
        if let Some(end) = part[..read].iter().position(|byte| *byte == 0) {
            found.extend_from_slice(&part[..end]);
            break;
        }
        found.extend_from_slice(&part[..read]);
        base += read;
    }
    PathBuf::from(String::from_utf8_lossy(&found).into_owned())
}

/// The first words of what a process runs.
fn program(pid: Pid) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = line.split(|byte| *byte == 0).take(4);
    let words: Vec<_> = words.map(String::from_utf8_lossy).collect();
    let program = words.join(" ");
    program
        .rsplit_once("debug/")
        .map_or(program.clone(), |(_, name)| name.to_owned())
}
