//! `markdown`: what `full` says, for the summary of a CI job or a comment. All text is in blocks of
//! preformatted HTML: there a name is no markup, no link, and calls nobody.

use super::escape::html;
use super::view::View;
use super::{Report, Style, full};
use std::io;

/// How wide the lines are: what such a page shows without a scroll bar.
const WIDTH: usize = 100;

/// Writes `view`, the layout of `report`: a heading with the exit code, and one block.
pub(super) fn write(
    report: &Report<'_>,
    view: &View<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let style = Style {
        color: false,
        width: WIDTH,
        unicode: true,
        token: 0,
    };
    let mut text = Vec::new();
    full::write(view, style, &mut text)?;
    writeln!(out, "### gate: exit code {}\n", report.exit_code())?;
    writeln!(out, "<pre>")?;
    for line in String::from_utf8_lossy(&text).lines() {
        writeln!(out, "{}", html(line))?;
    }
    writeln!(out, "</pre>")
}
