//! Findings: what gate has to say, as data. Rendering them is the business of the report room.

use super::{Code, Conflicts, ObjectId, RepoPath, Span, Verification};
use std::fmt;

/// The result of anything that can fail. An error is a finding like any other: it has a code, says
/// what happened, and what to do next.
pub type Result<T> = std::result::Result<T, Box<Finding>>;

/// One thing that gate found: a reason to refuse, a failure to decide, a problem of the manifest,
/// or a remark. The texts may hold anything a branch holds, except that paths in them are already
/// quoted as git does: whoever prints them escapes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is; decides the severity and with it the exit code.
    pub code: Code,
    /// What happened, in one sentence without a full stop at its end.
    pub message: String,
    /// The offending path, if the finding is about one.
    pub path: Option<RepoPath>,
    /// The offending commit, if one is to blame.
    pub commit: Option<ObjectId>,
    /// The lines of the manifest that decide; the first is the main one.
    pub labels: Vec<Label>,
    /// More about it, one line each: causes, witnesses.
    pub notes: Vec<String>,
    /// What a verify command did, if it is about one.
    pub verification: Option<Box<Verification>>,
    /// How the output of the command that failed ends, if it is about one.
    pub output: Option<Output>,
    /// Where a merge has no answer, if it is about one.
    pub conflicts: Option<Conflicts>,
    /// The one thing to do next.
    pub hint: Option<String>,
}

/// A place in the manifest, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where in the manifest.
    pub span: Span,
    /// A few words to print beside it.
    pub text: String,
}

/// The end of a command's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// How many lines come before those that are kept.
    pub left_out: usize,
    /// The last lines.
    pub lines: Vec<String>,
    /// Where all of it is, as far as that is kept.
    pub log: Option<String>,
}

impl Finding {
    /// A finding that consists of a code and a sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            path: None,
            commit: None,
            labels: Vec::new(),
            notes: Vec::new(),
            verification: None,
            output: None,
            conflicts: None,
            hint: None,
        }
    }

    /// An error to return: [`Finding::new`] in the box that [`Result`] wants.
    pub fn error(code: Code, message: impl Into<String>) -> Box<Self> {
        Box::new(Self::new(code, message))
    }

    /// With the offending path.
    #[must_use]
    pub fn at(mut self, path: &RepoPath) -> Self {
        self.path = Some(path.clone());
        self
    }

    /// With the offending commit.
    #[must_use]
    pub fn in_commit(mut self, commit: ObjectId) -> Self {
        self.commit = Some(commit);
        self
    }

    /// With one more line of the manifest.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// With one more line of explanation.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With the one thing to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With an underlying error and all that lies under it, as notes.
    #[must_use]
    pub fn because(mut self, cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.notes.push(error.to_string());
            next = error.source();
        }
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Finding {}
