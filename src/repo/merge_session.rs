//! A git that is kept running for many merges, each of which may depend on what came of those before it.

use super::children::OwnChild;
use super::git::Talk;
use super::merge::Merge;
use super::merge_git::{OPTIONS, parse_answer};
use super::quarantine::Quarantine;
use super::tree_entry::Item;
use crate::words::{Entry, Mode, ObjectId, Result};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};

/// How many questions are asked at once: few enough that a pipe holds them, since git may want to be
/// listened to before it reads on.
const AT_ONCE: usize = 100;
/// The conflicts of the padding, and the bytes in the name of each, which git prints five times: more than
/// any buffer for a pipe holds.
const NAMES: usize = 4;
const NAME_BYTES: usize = 4_000;

/// `git merge-tree --stdin`. It prints what it has to say once its buffer is full. So behind the questions it
/// is asked about two commits whose conflicts take more room than that: then all that stands before has
/// been printed.
#[derive(Debug)]
pub(super) struct MergeSession {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    padding: String,
    /// Whether the answer about the padding is still to be read.
    is_padded: bool,
    child: Child,
    _own: OwnChild,
}

impl MergeSession {
    /// Starts a git in `quarantine`.
    pub(super) fn start(quarantine: &Quarantine) -> Result<Self> {
        let (ours, theirs) = padding(quarantine)?;
        quarantine.flush_for([ours, theirs])?;
        let git = quarantine.git("merge-tree").args(OPTIONS).arg("--stdin");
        let Talk {
            child,
            own,
            input,
            output,
        } = git.talk()?;
        Ok(Self {
            questions: input,
            answers: BufReader::new(output),
            padding: format!("{ours} {theirs}\n"),
            is_padded: false,
            child,
            _own: own,
        })
    }

    /// The merges of these; `None` if git has ended before it answered, as it does where it cannot make one.
    pub(super) fn merge(&mut self, merges: &[(ObjectId, ObjectId)]) -> Option<Vec<Merge>> {
        let mut answers = Vec::with_capacity(merges.len());
        for merges in merges.chunks(AT_ONCE) {
            let mut lines = String::new();
            for (ours, theirs) in merges {
                writeln!(lines, "{ours} {theirs}").ok()?;
            }
            lines.push_str(&self.padding);
            self.questions.write_all(lines.as_bytes()).ok()?;
            if self.is_padded {
                self.skip_padding()?;
            }
            for _ in merges {
                answers.push(self.answer()?);
            }
            self.is_padded = true;
        }
        Some(answers)
    }

    fn answer(&mut self) -> Option<Merge> {
        parse_answer(&mut self.fields()).ok()
    }

    /// Reads the answer about the padding: its names are longer than those of any path.
    fn skip_padding(&mut self) -> Option<()> {
        let mut fields = self.fields();
        while !fields.next()?.is_empty() {}
        loop {
            let count = fields.next()?;
            if count.is_empty() {
                return Some(());
            }
            let paths: usize = String::from_utf8(count).ok()?.parse().ok()?;
            fields.nth(paths + 1)?;
        }
    }

    fn fields(&mut self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let fields = self.answers.by_ref().split(0);
        fields.map_while(std::io::Result::ok)
    }
}

impl Drop for MergeSession {
    /// It is waiting for questions, or for somebody to read what it says of the padding.
    fn drop(&mut self) {
        // What has ended already cannot be killed, and needs not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The question about two commits of which one deletes what the other changes.
fn padding(quarantine: &Quarantine) -> Result<(ObjectId, ObjectId)> {
    let tree = |content: &[u8]| {
        let entry = Entry {
            mode: Mode::File,
            id: quarantine.add_blob(content)?,
        };
        let names = (0..NAMES).map(|number| format!("{number:0NAME_BYTES$}").into_bytes());
        let entries: Vec<_> = names.map(|name| (name, Item::Leaf(entry))).collect();
        quarantine.add_tree(&entries)
    };
    let commit = |tree, parents: &[ObjectId]| quarantine.commit_tree(tree, parents, b"padding", 0);
    let base = commit(tree(b"before")?, &[])?;
    let ours = commit(tree(b"after")?, &[base])?;
    let theirs = commit(quarantine.add_tree(&[])?, &[base])?;
    Ok((ours, theirs))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, History, TestRepo};
    use super::*;

    /// A repository with the base, and with these versions of a file on top of it.
    fn versions(texts: &[&str]) -> (TestRepo, Vec<ObjectId>) {
        let mut history = History::default();
        let file = |text: &str| Files::from([("a".to_owned(), text.to_owned())]);
        let base = history.commit(&[], 0, &file("1\n2\n3\n4\n5\n"));
        for text in texts {
            history.commit(&[base], 1, &file(text));
        }
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        (repo, ids)
    }

    #[test]
    fn one_git_answers_what_depends_on_what_it_answered() {
        let texts = ["one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n", "1\n2\n3\n4\n6\n"];
        let (repo, ids) = versions(&texts);
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let mut session = MergeSession::start(&quarantine).expect("a git");
        let merged = session.merge(&[(ids[1], ids[2])]).expect("an answer");
        let [Merge::Clean { tree }] = merged[..] else {
            panic!("{merged:?}");
        };
        let onto = quarantine.commit_tree(tree, &[ids[1], ids[2]], b"", 2);
        let onto = onto.expect("a commit");
        quarantine.flush().expect("written");
        // As many as are not asked at once.
        let pairs = vec![(onto, ids[3]); 2 * AT_ONCE + 1];
        let merged = session.merge(&pairs).expect("answers");
        assert_eq!(merged.len(), pairs.len());
        let is_conflict =
            |merge: &Merge| matches!(merge, Merge::Conflict { paths, .. } if paths.len() == 1);
        assert!(merged.iter().all(is_conflict), "{:?}", merged[0]);
    }

    #[test]
    fn one_that_has_ended_is_replaced() {
        let texts = ["one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n"];
        let (repo, ids) = versions(&texts);
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let merge = || quarantine.merge_by_git(ids[1], ids[2]).expect("a merge");
        let first = merge();
        assert!(quarantine.sessions.lock().expect("a lock").is_empty());
        assert_eq!(merge(), first);
        assert_eq!(merge(), first);
        {
            let mut sessions = quarantine.sessions.lock().expect("a lock");
            let [session] = &mut sessions[..] else {
                panic!("{sessions:?}");
            };
            session.child.kill().expect("killed");
        }
        assert_eq!(merge(), first);
        assert!(quarantine.sessions.lock().expect("a lock").is_empty());
        assert_eq!(merge(), first);
        assert_eq!(quarantine.sessions.lock().expect("a lock").len(), 1);
    }

    #[test]
    fn the_padding_takes_more_room_than_a_pipe() {
        let (repo, _) = versions(&[]);
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let (ours, theirs) = padding(&quarantine).expect("two commits");
        quarantine.flush().expect("written");
        let git = quarantine.git("merge-tree").args(OPTIONS).arg("--stdin");
        let answer = git
            .input(format!("{ours} {theirs}\n").into_bytes())
            .run()
            .expect("an answer");
        assert!(answer.len() > 64 * 1024, "{}", answer.len());
    }
}
