//! A place for new objects that the repository does not see until they are published.

use super::git::{Config, Git};
use super::merge::Merge;
use super::merge_session::MergeSession;
use super::objects::{Memory, Objects, hash, input_output};
use super::open::Repo;
use super::tree_entry::{self, Item};
use super::{commit, disk, private_folder};
use crate::words::{Code, Finding, ObjectId, Result};
use gix::objs::Kind;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// The configuration of a repository that gate made itself: nothing of the user's or the system's
/// has a say in it.
const CONFIGURATION: &str = "\tattributesFile = /dev/null
\texcludesFile = /dev/null
\thooksPath = /dev/null
\tautocrlf = false
\tfsmonitor = false
\tlogAllRefUpdates = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
";

/// Objects on top of those of a repository: in memory first, on disk where git needs them, under the
/// common git directory. Everything is gone when it is dropped, or, if the process is killed, when
/// the next one is made. Can be shared among threads.
pub struct Quarantine {
    pub(super) objects: Objects,
    /// A bare repository of its own, without refs, that has the real objects as alternates.
    pub(super) git_dir: PathBuf,
    pub(super) format: &'static str,
    /// The git directory of the repository.
    pub(super) real_common_dir: PathBuf,
    memory: Memory,
    unwritten: Mutex<HashSet<ObjectId>>,
    /// The tree whose `.gitattributes` say how files are merged.
    attributes: Option<ObjectId>,
    /// The merges that were made to compare with: branches often have several merge bases in common.
    pub(super) compared: Mutex<HashMap<(ObjectId, ObjectId), Merge>>,
    /// The gits that merge here, while nobody asks them anything.
    pub(super) sessions: Mutex<Vec<MergeSession>>,
    /// Whether git has been asked for a merge.
    pub(super) has_merged: AtomicBool,
    pub(super) dir: tempfile::TempDir,
    /// Held until the directory is gone: fields are dropped in this order.
    _lock: File,
}

impl Deref for Quarantine {
    type Target = Objects;

    /// Everything that can be read of objects can be read here, new ones included.
    fn deref(&self) -> &Objects {
        &self.objects
    }
}

impl Repo {
    /// A new quarantine on top of this repository.
    pub fn quarantine(&self) -> Result<Quarantine> {
        let (dir, own_lock) = self.quarantine_folder()?;
        let git_dir = dir.path().join("git");
        bare_repository(&git_dir, self.objects_dirs(), self.format(), true)?;
        let shallow = self.common_dir.join("shallow");
        if self.objects.graph.is_shallow() {
            let copied = fs::copy(&shallow, git_dir.join("shallow"));
            copied.map_err(|error| input_output("copy", &shallow, &error))?;
        }
        let memory = Memory::default();
        let objects = Objects::at(
            &git_dir.join("objects"),
            self.objects.kind,
            Arc::clone(&self.objects.graph),
            Some(Arc::clone(&memory)),
            self.objects.advice(),
        )?;
        Ok(Quarantine {
            objects,
            git_dir,
            format: self.format(),
            real_common_dir: self.common_dir.clone(),
            memory,
            unwritten: Mutex::default(),
            attributes: None,
            compared: Mutex::default(),
            sessions: Mutex::default(),
            has_merged: AtomicBool::new(false),
            dir,
            _lock: own_lock,
        })
    }
}

impl Repo {
    /// Removes the quarantines of processes that were killed. Making one does so as well; this is for a run
    /// that may come to need none. Where nothing can be written, nothing was left behind.
    pub fn sweep_quarantines(&self) -> Result<()> {
        let home = self.common_dir.join("gate");
        if self.incoming.is_some() || !home.exists() {
            return Ok(());
        }
        match door(&home) {
            Ok(door) => {
                let _door = locked(door, &home)?;
                sweep(&home)
            }
            Err(error) if is_read_only(&error) => Ok(()),
            Err(error) => Err(input_output("lock", &home, &error)),
        }
    }

    /// A folder for a quarantine, and its lock: under the common git directory, where the next process
    /// finds it if this one is killed, or else, where nothing can be written, among temporary files.
    /// While a push is received it is in git's own quarantine, with which it goes, if there is one.
    fn quarantine_folder(&self) -> Result<(tempfile::TempDir, File)> {
        if let Some(incoming) = &self.incoming {
            let dir = incoming.folder()?;
            let own_lock = lock(&dir.path().join("lock"))?;
            return Ok((dir, own_lock));
        }
        let home = self.common_dir.join("gate");
        let unable = |error| input_output("make a directory in", &home, &error);
        let mut folder = tempfile::Builder::new();
        match fs::create_dir_all(&home).and_then(|()| door(&home)) {
            Ok(door) => {
                // Held while directories appear and are swept away, so that nobody sweeps away a new one.
                let door = locked(door, &home)?;
                sweep(&home)?;
                let dir = folder
                    .prefix("quarantine-")
                    .tempdir_in(&home)
                    .map_err(unable)?;
                let own_lock = lock(&dir.path().join("lock"))?;
                drop(door);
                Ok((dir, own_lock))
            }
            Err(error) if is_read_only(&error) => {
                let dir = folder
                    .prefix("gate-quarantine-")
                    .tempdir()
                    .map_err(unable)?;
                let own_lock = lock(&dir.path().join("lock"))?;
                Ok((dir, own_lock))
            }
            Err(error) => Err(input_output("make the directory", &home, &error)),
        }
    }
}

impl Quarantine {
    /// The same, where files are merged as the `.gitattributes` in `tree` say: `-merge` and `binary` not at
    /// all, `merge=union` with the lines of both sides. Otherwise no attributes count.
    #[must_use]
    pub fn heeding(self, tree: ObjectId) -> Self {
        Self {
            attributes: Some(tree),
            // Those that run already go by others, and so did what was merged.
            compared: Mutex::default(),
            sessions: Mutex::default(),
            ..self
        }
    }

    /// The objects, for reading: the new ones and those of the repository.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// A new commit by gate itself, which depends on nothing but these arguments.
    pub fn commit_tree(
        &self,
        tree: ObjectId,
        parents: &[ObjectId],
        message: &[u8],
        seconds: i64,
    ) -> Result<ObjectId> {
        self.add(Kind::Commit, commit::write(tree, parents, message, seconds))
    }

    /// A new annotated tag of `commit` by gate itself, which depends on nothing but these arguments.
    pub fn tag(
        &self,
        commit: ObjectId,
        name: &str,
        message: &str,
        seconds: i64,
    ) -> Result<ObjectId> {
        self.add(Kind::Tag, commit::write_tag(commit, name, message, seconds))
    }

    /// A new file's content.
    pub fn add_blob(&self, content: &[u8]) -> Result<ObjectId> {
        self.add(Kind::Blob, content.to_vec())
    }

    /// A new tree with these entries, which must be in git's order.
    pub(super) fn add_tree(&self, entries: &[(Vec<u8>, Item)]) -> Result<ObjectId> {
        self.add(Kind::Tree, tree_entry::write(entries))
    }

    /// The id of a tree with these bytes.
    pub(super) fn id_of_tree(&self, data: &[u8]) -> Result<ObjectId> {
        hash(self.objects.kind, Kind::Tree, data)
    }

    /// A new tree with these bytes, whose id it is.
    pub(super) fn add_tree_of(&self, id: ObjectId, data: Vec<u8>) {
        self.add_known(id, Kind::Tree, data);
    }

    fn add(&self, kind: Kind, data: Vec<u8>) -> Result<ObjectId> {
        let id = hash(self.objects.kind, kind, &data)?;
        self.add_known(id, kind, data);
        Ok(id)
    }

    fn add_known(&self, id: ObjectId, kind: Kind, data: Vec<u8>) {
        // First the list, then the objects, as where they are written out: otherwise two threads could
        // wait for each other. Both together, so that what others find here is on the list or on disk.
        let mut unwritten = self.unwritten();
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        if memory.insert(id, (kind, data.into())).is_none() {
            unwritten.insert(id);
        }
    }

    /// What is only in memory.
    pub(super) fn unwritten(&self) -> std::sync::MutexGuard<'_, HashSet<ObjectId>> {
        self.unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether gate itself has made the object, whether or not the repository has it, too.
    pub(super) fn has_made(&self, id: ObjectId) -> bool {
        let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
        memory.contains_key(&id)
    }

    /// `git SUBCOMMAND` on the objects in quarantine, without any configuration but gate's own.
    pub(super) fn git(&self, subcommand: &str) -> Git {
        let git =
            Git::new(Config::Isolated, &self.git_dir, subcommand).env("GIT_DIR", &self.git_dir);
        match self.attributes {
            Some(tree) => git.env("GIT_ATTR_SOURCE", tree.to_string()),
            None => git,
        }
    }
}

/// Makes a repository without refs at `git_dir`, which also reads the objects in `alternates`.
pub(super) fn bare_repository(
    git_dir: &Path,
    alternates: &[PathBuf],
    format: &str,
    bare: bool,
) -> Result<()> {
    let write = |name: &str, content: &[u8]| {
        let path = git_dir.join(name);
        let parent = path.parent().unwrap_or(git_dir);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, content))
            .map_err(|error| input_output("write", &path, &error))
    };
    let (version, extension) = match format {
        "sha1" => (0, String::new()),
        format => (1, format!("[extensions]\n\tobjectFormat = {format}\n")),
    };
    let head = format!("[core]\n\trepositoryFormatVersion = {version}\n\tbare = {bare}\n");
    write(
        "config",
        format!("{head}{CONFIGURATION}{extension}").as_bytes(),
    )?;
    write("HEAD", b"ref: refs/heads/gate\n")?;
    write("info/exclude", b"")?;
    write("refs/heads/.keep", b"")?;
    fs::remove_file(git_dir.join("refs/heads/.keep"))
        .map_err(|error| input_output("write into", git_dir, &error))?;
    write_alternates(&git_dir.join("objects"), alternates)
}

/// Makes the object directory `objects`, if need be, which also reads the objects in `alternates`.
pub(super) fn write_alternates(objects: &Path, alternates: &[PathBuf]) -> Result<()> {
    let mut list = Vec::new();
    for alternate in alternates {
        let path = alternate.as_os_str().as_bytes();
        if path.contains(&b'\n') {
            let message = "git cannot share objects across a path with a line break in it";
            return Err(Finding::error(Code::InputOutput, message));
        }
        list.extend_from_slice(path);
        list.push(b'\n');
    }
    let file = objects.join("info/alternates");
    fs::create_dir_all(objects.join("info"))
        .and_then(|()| fs::write(&file, list))
        .map_err(|error| input_output("write", &file, &error))
}

pub(super) fn not_written(path: &Path, error: &(dyn std::error::Error + 'static)) -> Box<Finding> {
    let message = format!("cannot write objects into {}", path.display());
    let finding = Finding::new(disk::code_of(error), message).because(error);
    Box::new(finding.hint("see that there is space on the disk and that you may write there"))
}

/// The file at `path`, made if need be, locked until it is dropped.
pub(super) fn lock(path: &Path) -> Result<File> {
    let file = open_lock(path).map_err(|error| input_output("lock", path, &error))?;
    locked(file, path)
}

fn locked(file: File, path: &Path) -> Result<File> {
    let locked = file.lock().map(|()| file);
    locked.map_err(|error| input_output("lock", path, &error))
}

/// The file that is locked while directories in `home` appear and are swept away. Not the one that a
/// landing holds: a hook that git runs for it may ask gate something.
fn door(home: &Path) -> std::io::Result<File> {
    open_lock(&home.join("quarantines"))
}

fn open_lock(path: &Path) -> std::io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
}

/// Whether nothing can be written there, for lack of permission.
pub(super) fn is_read_only(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Removes the quarantines of processes that were killed, those that nobody has locked, and their
/// private folders.
fn sweep(home: &Path) -> Result<()> {
    let unreadable = |error| input_output("read the directory", home, &error);
    for entry in fs::read_dir(home).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().as_bytes();
        if !name.starts_with(b"quarantine-") {
            continue;
        }
        let abandoned = match File::options().write(true).open(path.join("lock")) {
            Ok(file) => file.try_lock().is_ok(),
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        if abandoned {
            private_folder::sweep(&path)?;
            match fs::remove_dir_all(&path) {
                // Its owner is removing it, the lock first.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(input_output("remove", &path, &error)),
                Ok(()) => {}
            }
        }
    }
    Ok(())
}
