//! Where the output of verify commands is kept: `gate/logs/RUN/NUMBER-SUBJECT.log` under the common git
//! directory. The last runs stay, the others go.

use super::objects::input_output;
use super::open::Repo;
use super::quarantine::is_read_only;
use crate::words::{ObjectId, Result};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// How many runs are kept, the newest included.
const KEPT: usize = 20;
/// How many characters of what a log is about are in its name.
const NAME_CHARACTERS: usize = 60;

/// The logs of one run. Nothing is on the disk before the first of them is made.
#[derive(Debug)]
pub struct LogFolder {
    home: PathBuf,
    run: String,
    made: Mutex<Made>,
}

/// What is there of a folder so far.
#[derive(Debug, Default)]
struct Made {
    folder: Option<PathBuf>,
    logs: usize,
    /// How many logs were made ahead, and those of them that have no number yet.
    guesses: usize,
    ahead: BTreeSet<PathBuf>,
}

/// A new and empty log.
#[derive(Debug)]
pub struct LogFile {
    /// Open for writing.
    pub file: File,
    /// Where it is; `None` if it goes when it is closed, because nothing can be written beside the
    /// repository.
    pub path: Option<PathBuf>,
}

impl Repo {
    /// The folder for the logs of the run with this name.
    pub fn log_folder(&self, run: ObjectId) -> LogFolder {
        LogFolder {
            home: self.common_dir.join("gate").join("logs"),
            run: run.short(),
            made: Mutex::default(),
        }
    }
}

impl LogFolder {
    /// The next log, which is about `subject`.
    pub fn next(&self, subject: &str) -> Result<LogFile> {
        self.log(|made| {
            made.logs += 1;
            numbered(made.logs, subject)
        })
    }

    /// A log that gets its number later, if at all: [`LogFolder::number`].
    pub fn ahead(&self, subject: &str) -> Result<LogFile> {
        let log = self.log(|made| {
            made.guesses += 1;
            format!("guess-{}", numbered(made.guesses, subject))
        })?;
        self.made().ahead.extend(log.path.clone());
        Ok(log)
    }

    /// Makes a log that was made ahead the next one, which is about `subject`; its new place.
    pub fn number(&self, log: &Path, subject: &str) -> Result<PathBuf> {
        let mut made = self.made();
        made.logs += 1;
        let path = log.with_file_name(numbered(made.logs, subject));
        made.ahead.remove(log);
        match fs::rename(log, &path) {
            // A later run may have taken the folder for an old one.
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(input_output("rename", log, &error))
            }
            _ => Ok(path),
        }
    }

    /// Removes the logs that were made ahead and got no number.
    pub fn remove_rest(&self) -> Result<()> {
        for log in std::mem::take(&mut self.made().ahead) {
            match fs::remove_file(&log) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(input_output("remove", &log, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn log(&self, name: impl FnOnce(&mut Made) -> String) -> Result<LogFile> {
        let mut made = self.made();
        let folder = match &made.folder {
            Some(folder) => folder.clone(),
            None => match self.make() {
                Ok(folder) => made.folder.insert(folder).clone(),
                Err(error) if is_read_only(&error) => return unkept(),
                Err(error) => return Err(input_output("make a folder in", &self.home, &error)),
            },
        };
        let path = folder.join(name(&mut made));
        // A later run may have taken the folder for an old one.
        let file = fs::create_dir_all(&folder).and_then(|()| File::create(&path));
        let file = file.map_err(|error| input_output("write", &path, &error))?;
        Ok(LogFile {
            file,
            path: Some(path),
        })
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new folder for this run: `RUN`, or `RUN-2` and so on where the same was run before. Those of the
    /// oldest runs make room for it.
    fn make(&self) -> std::io::Result<PathBuf> {
        fs::create_dir_all(&self.home)?;
        make_room(&self.home)?;
        let mut number = 1;
        loop {
            let name = match number {
                1 => self.run.clone(),
                number => format!("{}-{number}", self.run),
            };
            let folder = self.home.join(name);
            match fs::create_dir(&folder) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                made => return made.map(|()| folder),
            }
        }
    }
}

/// A log that nobody can look at later.
fn unkept() -> Result<LogFile> {
    let place = std::env::temp_dir();
    let file = tempfile::tempfile().map_err(|error| input_output("write in", &place, &error))?;
    Ok(LogFile { file, path: None })
}

/// Removes the folders of the oldest runs, so that with one more there are [`KEPT`].
fn make_room(home: &Path) -> std::io::Result<()> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let path = entry.path();
        let changed = fs::symlink_metadata(&path).and_then(|data| data.modified());
        // Who is gone by now is in nobody's way.
        folders.push((changed.unwrap_or(SystemTime::UNIX_EPOCH), path));
    }
    folders.sort();
    let too_many = (folders.len() + 1).saturating_sub(KEPT);
    for (_, path) in &folders[..too_many] {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The name of the log with that number.
fn numbered(number: usize, subject: &str) -> String {
    format!("{number:03}-{}.log", file_name(subject))
}

/// `subject` as a part of a file's name on any system.
fn file_name(subject: &str) -> String {
    let plain = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => c,
        _ => '-',
    };
    subject.chars().take(NAME_CHARACTERS).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_run_has_a_folder_and_the_last_twenty_stay() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let id = |text: String| opened.objects.digest(text.as_bytes()).expect("an id");
        let mut places = Vec::new();
        for run in 0..25 {
            // The same run comes again.
            let folder = opened.log_folder(id(format!("run {}", run / 2)));
            let log = folder.next("agent/core: \u{1b}[2J../x").expect("a log");
            let path = log.path.expect("a place");
            let name = path.file_name().expect("a name").to_owned();
            assert_eq!(name, "001-agent-core----2J..-x.log");
            let second = folder.next("x").expect("a log").path.expect("a place");
            assert!(second.ends_with("002-x.log"));
            let home = path.parent().expect("a folder").to_owned();
            let old = SystemTime::UNIX_EPOCH + Duration::from_secs(run);
            let opened = File::open(&home).expect("a folder");
            opened.set_modified(old).expect("a time");
            places.push(home);
        }
        let there: Vec<_> = places.iter().map(|place| place.exists()).collect();
        assert_eq!(there, [[false; 5].as_slice(), &[true; 20]].concat());
    }

    #[test]
    fn what_is_made_ahead_gets_its_number_when_it_is_asked_for_or_goes() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let run = opened.objects.digest(b"run").expect("an id");
        let folder = opened.log_folder(run);
        let ahead = |subject: &str| folder.ahead(subject).expect("a log").path.expect("a place");
        let (one, two, three) = (ahead("one"), ahead("two"), ahead("three"));
        assert!(one.ends_with("guess-001-one.log"));
        fs::write(&three, "third").expect("written");
        let first = folder.number(&three, "what it is").expect("a place");
        assert!(first.ends_with("001-what-it-is.log"));
        assert_eq!(fs::read(&first).expect("a file"), b"third");
        let second = folder.number(&one, "one").expect("a place");
        assert!(second.ends_with("002-one.log"));
        folder.remove_rest().expect("removed");
        assert!(second.exists() && first.exists() && !two.exists());
        let next = folder.next("next").expect("a log").path.expect("a place");
        assert!(next.ends_with("003-next.log"));
    }

    #[test]
    fn nothing_is_made_before_there_is_a_log() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let run = opened.objects.digest(b"run").expect("an id");
        drop(opened.log_folder(run));
        assert!(!repo.path.join(".git/gate/logs").exists());
    }
}
