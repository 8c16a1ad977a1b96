//! What the codes of findings mean: the sections of `docs/codes.md`.

use super::Code;

/// The page that explains every code.
const PAGE: &str = include_str!("../../docs/codes.md");

/// What a code means, and what to do about it. Paragraphs are single lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// What it means, in one sentence.
    pub what: String,
    /// Why it is so.
    pub why: String,
    /// A command and what it prints, line by line.
    pub example: String,
    /// What to do about it.
    pub fix: String,
}

impl Explanation {
    /// The explanation of every code, in the order of [`Code::ALL`].
    pub fn all() -> Vec<Self> {
        sections(PAGE)
            .filter_map(|section| Self::read(section).ok())
            .collect()
    }

    /// Reads a section: `## code`, what it means, `**Why:**`, `**Example:**` with a block of text,
    /// `**Fix:**`. The error says which part is missing.
    fn read(section: &str) -> Result<Self, &'static str> {
        let (name, rest) = section.split_once('\n').ok_or("what it means")?;
        let code = Code::ALL.iter().find(|code| code.name() == name.trim());
        let code = *code.ok_or("a code that there is")?;
        let (what, rest) = rest.split_once("**Why:**").ok_or("**Why:**")?;
        let (why, rest) = rest.split_once("**Example:**").ok_or("**Example:**")?;
        let (_, rest) = rest.split_once("```text\n").ok_or("the example's block")?;
        let (example, rest) = rest.split_once("\n```\n").ok_or("the example's end")?;
        let (_, fix) = rest.split_once("**Fix:**").ok_or("**Fix:**")?;
        let explanation = Self {
            code,
            what: one_line(what),
            why: one_line(why),
            example: example.to_owned(),
            fix: one_line(fix),
        };
        let Self { what, why, fix, .. } = &explanation;
        if [what, why, fix, &explanation.example]
            .iter()
            .any(|part| part.is_empty())
        {
            return Err("something in one of its parts");
        }
        Ok(explanation)
    }
}

/// The sections of a page, each without the `## ` in front.
fn sections(page: &str) -> impl Iterator<Item = &str> {
    page.split("\n## ").skip(1)
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_explains_a_code_and_every_code_has_one() {
        let read = |section| match Explanation::read(section) {
            Ok(explanation) => explanation.code,
            Err(part) => panic!("{part} is missing in:\n{section}"),
        };
        let codes: Vec<_> = sections(PAGE).map(read).collect();
        assert_eq!(codes, Code::ALL);
        assert_eq!(Explanation::all().len(), Code::ALL.len());
    }

    #[test]
    fn a_section_with_a_part_missing_is_not_read() {
        let section = sections(PAGE).next().expect("a section");
        assert!(Explanation::read(section).is_ok());
        for part in [
            "protected\n",
            "**Why:**",
            "**Example:**",
            "```text",
            "\n```",
            "**Fix:**",
        ] {
            let without = section.replacen(part, "", 1);
            assert!(Explanation::read(&without).is_err(), "{part}");
        }
        let (before, _) = section.split_once("**Fix:**").expect("advice");
        assert!(Explanation::read(&format!("{before}**Fix:**\n")).is_err());
    }

    #[test]
    fn examples_show_the_code_that_they_explain() {
        for explanation in Explanation::all() {
            let name = explanation.code.name();
            // A person's commit is no matter for codes: there it is one quiet line.
            let is_quiet = explanation.code == Code::NothingToJudge;
            let mark = format!("[{name}]");
            assert!(is_quiet || explanation.example.contains(&mark), "{name}");
            assert!(explanation.example.starts_with("$ gate "), "{name}");
        }
    }
}
