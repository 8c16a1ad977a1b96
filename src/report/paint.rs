//! Colours, where the other end can show them.

use super::Style;
use crate::engine::Standing;
use crate::words::{Code, Severity};

/// What a colour stands for.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Refused or broken.
    Bad,
    /// Advice.
    Help,
    /// Of little interest.
    Dim,
    /// Where to look first.
    Strong,
}

impl Tone {
    /// The tone of a finding.
    pub(super) fn of(code: Code) -> Self {
        match code.severity() {
            Severity::Lint | Severity::Waiting => Self::Warn,
            Severity::Refusal | Severity::Undecided | Severity::Moved | Severity::Usage => {
                Self::Bad
            }
        }
    }

    /// The tone of a branch.
    pub(super) fn of_standing(standing: Standing) -> Self {
        match standing {
            Standing::Accepted | Standing::Merged => Self::Good,
            Standing::NotJudged | Standing::UpToDate => Self::Dim,
            Standing::Waiting | Standing::Held => Self::Warn,
            Standing::Refused | Standing::Undecided | Standing::Ejected => Self::Bad,
        }
    }
}

/// `text`, which is escaped already, in the colour of `tone` if colours may be used.
pub(super) fn paint(style: Style, tone: Tone, text: &str) -> String {
    if !style.color || text.is_empty() {
        return text.to_owned();
    }
    let code = match tone {
        Tone::Good => "32",
        Tone::Warn => "33",
        Tone::Bad => "1;31",
        Tone::Help => "36",
        Tone::Dim => "2",
        Tone::Strong => "1",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}
