//! What codes mean: one of them at length, or all of them in a list.

use super::super::Style;
use super::super::paint::{Tone, paint};
use super::super::view::{View, is_aside, severity};
use super::wrap::{hanging, wrap};
use crate::words::{Code, Explanation, Severity};
use std::collections::BTreeSet;
use std::io;

/// Writes one explanation whole, and of several what each code means.
pub(super) fn write(
    explanations: &[Explanation],
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if let [explanation] = explanations {
        return write_whole(explanation, style, out);
    }
    let longest = explanations.iter().map(|each| each.code.name().len()).max();
    let longest = longest.unwrap_or_default();
    for explanation in explanations {
        let name = explanation.code.name();
        let title = format!("{name:longest$}  ");
        let text = hanging(&title, &explanation.what, style.width);
        let painted = paint(style, Tone::of(explanation.code), name);
        write!(out, "{}", text.replacen(name, &painted, 1))?;
    }
    Ok(())
}

/// The code and its weight, what it means, why, an example as it was printed, and the advice.
fn write_whole(explanation: &Explanation, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let code = explanation.code;
    let tag = format!("{}[{}]", severity(code), code.name());
    let exit = code.severity().exit_code();
    writeln!(
        out,
        "{} (exit code {exit})",
        paint(style, Tone::of(code), &tag)
    )?;
    for paragraph in [&explanation.what, &explanation.why] {
        writeln!(out, "{}\n", wrap(paragraph, style.width).join("\n"))?;
    }
    for line in explanation.example.lines() {
        let tone = if line.starts_with('$') {
            Tone::Strong
        } else {
            Tone::Dim
        };
        writeln!(out, "{}", paint(style, tone, line))?;
    }
    let fix = hanging("fix: ", &explanation.fix, style.width);
    let title = paint(style, Tone::Help, "fix:");
    write!(out, "\n{}", fix.replacen("fix:", &title, 1))
}

/// Where to read more about the reasons in a report; nothing where all of them are remarks.
pub(super) fn advice(view: &View<'_>) -> Option<String> {
    let findings = view.sections.iter().flat_map(|section| section.findings);
    let codes: BTreeSet<Code> = findings
        .filter(|finding| !is_aside(finding) && finding.code.severity() > Severity::Waiting)
        .map(|finding| finding.code)
        .collect();
    let mut codes = codes.into_iter();
    let (first, second) = (codes.next()?, codes.next());
    let code = if second.is_some() {
        "CODE"
    } else {
        first.name()
    };
    Some(format!("`gate explain {code}` says more"))
}
