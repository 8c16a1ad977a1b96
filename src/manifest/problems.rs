//! Where the problems of a manifest are gathered, so that all of them are reported at once.

use super::limits::MAX_PROBLEMS;
use crate::words::{Code, Finding, Span};
use similar::get_close_matches;

/// How many times a "did you mean" is looked for, and among how many words at most: comparing
/// every misspelt word with every name would take minutes in a manifest made for that.
const MAX_SUGGESTIONS: usize = 50;
const MAX_CANDIDATES: usize = 2000;
/// How alike two words must be for one to be suggested for the other, from 0 to 1.
const ALIKE: f32 = 0.7;

/// The problems found so far, and the text they are in.
pub(super) struct Problems<'t> {
    /// The text of the manifest.
    pub(super) text: &'t str,
    found: Vec<Finding>,
    too_many: bool,
    suggestions: usize,
    patterns: usize,
    lost: bool,
}

/// `did you mean X?` for the candidate that `word` was probably meant to be, if there is one and
/// there are not too many to compare.
pub fn did_you_mean(word: &str, candidates: &[&str]) -> Option<String> {
    if candidates.len() > MAX_CANDIDATES {
        return None;
    }
    let matches = get_close_matches(word, candidates, 1, ALIKE);
    Some(format!("did you mean `{}`?", matches.first()?))
}

impl<'t> Problems<'t> {
    /// No problems yet.
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            found: Vec::new(),
            too_many: false,
            suggestions: 0,
            patterns: 0,
            lost: false,
        }
    }

    /// One more problem; dropped and noted if there are too many already.
    pub(super) fn push(&mut self, finding: Finding) {
        if self.found.len() < MAX_PROBLEMS {
            self.found.push(finding);
        } else {
            self.too_many = true;
        }
    }

    /// Whether so many were found that there is no use in looking for more.
    pub(super) fn are_too_many(&self) -> bool {
        self.too_many
    }

    /// A value that is not allowed: what is wrong, where, and a few words to print beside it.
    pub(super) fn invalid(&mut self, span: Span, message: impl Into<String>, label: &str) {
        self.push(Finding::new(Code::InvalidValue, message).label(span, label));
    }

    /// The candidate that `word` was probably meant to be.
    pub(super) fn suggest(&mut self, word: &str, candidates: &[&str]) -> Option<String> {
        if self.suggestions == MAX_SUGGESTIONS {
            return None;
        }
        self.suggestions += 1;
        did_you_mean(word, candidates)
    }

    /// Counts one more pattern and returns how many there are.
    pub(super) fn count_pattern(&mut self) -> usize {
        self.patterns += 1;
        self.patterns
    }

    /// How many patterns there are, so far.
    pub(super) fn patterns(&self) -> usize {
        self.patterns
    }

    /// Notes that an agent, or paths of one, could not be made out: what is left says less than was
    /// meant, or more where exceptions are missing.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Whether everything was made out that claims are compared by.
    pub(super) fn nothing_is_lost(&self) -> bool {
        !self.lost
    }

    /// Forgets the problems that may come only from what could not be read.
    pub(super) fn forget_consequences(&mut self) {
        self.found
            .retain(|finding| !matches!(finding.code, Code::MissingKey | Code::UnknownAgent));
    }

    /// All problems, in the order of the text.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        let place = |finding: &Finding| finding.labels.first().map(|label| label.span);
        self.found
            .sort_by(|a, b| (place(a), a.code, &a.message).cmp(&(place(b), b.code, &b.message)));
        if self.too_many {
            self.found.push(Finding::new(
                Code::ManifestSize,
                format!("more than {MAX_PROBLEMS} problems; the others are left out"),
            ));
        }
        self.found
    }
}

/// `text` as messages show it: between backticks, on one line, and cut where it is long.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let too_long = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    match too_long.into_iter().chain(text.find('\n')).min() {
        Some(end) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
