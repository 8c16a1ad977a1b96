//! The formats by name.

use crate::words::{Code, Finding};
use std::str::FromStr;

/// How a result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: excerpts of the manifest, explanations, advice, a table of the branches.
    #[default]
    Full,
    /// For people and `grep`: one line per finding and per branch.
    Concise,
    /// For programs: one JSON document, see `docs/json.md`.
    Json,
    /// For GitHub Actions: workflow commands that annotate files.
    Github,
    /// For code scanning: a SARIF log.
    Sarif,
    /// For the summary of a CI job, or a comment.
    Markdown,
    /// For a plan only: a flow chart for Mermaid.
    Mermaid,
    /// For a plan only: a graph for Graphviz.
    Dot,
    /// For a plan only: what there is to verify, as the matrix of a GitHub workflow.
    GithubMatrix,
}

impl Format {
    /// Every format there is.
    pub const ALL: &'static [Self] = &[
        Self::Full,
        Self::Concise,
        Self::Json,
        Self::Github,
        Self::Sarif,
        Self::Markdown,
        Self::Mermaid,
        Self::Dot,
        Self::GithubMatrix,
    ];

    /// The name that `--format` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Github => "github",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
            Self::GithubMatrix => "github-matrix",
        }
    }
}

/// The formats that a later version will have, refused by name until then.
const PLANNED: &[&str] = &["gitlab", "junit"];

impl FromStr for Format {
    type Err = Finding;

    /// # Errors
    /// `not-supported-yet` for the formats that are planned, `usage` with the list for all others.
    fn from_str(name: &str) -> Result<Self, Finding> {
        if let Some(format) = Self::ALL.iter().find(|format| format.name() == name) {
            return Ok(*format);
        }
        let names: Vec<_> = Self::ALL.iter().map(|format| format.name()).collect();
        let hint = format!("use one of: {}", names.join(", "));
        let finding = if PLANNED.contains(&name) {
            let message = format!("the format `{name}` is not supported yet");
            Finding::new(Code::NotSupportedYet, message)
        } else {
            Finding::new(Code::Usage, format!("there is no format `{name}`"))
        };
        Err(finding.hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(*format));
        }
    }

    #[test]
    fn planned_formats_are_refused_by_name_and_unknown_ones_with_the_list() {
        for planned in PLANNED {
            let refusal = planned.parse::<Format>().unwrap_err();
            assert_eq!(refusal.code, Code::NotSupportedYet);
            assert!(refusal.message.contains(planned));
        }
        let unknown = "xml".parse::<Format>().unwrap_err();
        assert_eq!(unknown.code, Code::Usage);
        assert_eq!(
            unknown.hint.as_deref(),
            Some(
                "use one of: full, concise, json, github, sarif, markdown, mermaid, dot, \
                 github-matrix"
            )
        );
    }
}
