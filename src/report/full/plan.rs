//! A plan for people: wave by wave, each agent with what is to be said of others.

use super::super::Style;
use super::super::escape::terminal;
use super::super::paint::{Tone, paint};
use super::super::plan::Wave;
use super::wrap::hanging;
use std::io;

/// Writes the waves.
pub(super) fn write(waves: &[Wave], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for wave in waves {
        writeln!(out, "wave {}", wave.number)?;
        for agent in &wave.agents {
            let name = paint(style, Tone::Strong, &terminal(&agent.name));
            match &agent.hours {
                Some(hours) => writeln!(out, "  {name}  {hours}")?,
                None => writeln!(out, "  {name}")?,
            }
            for (what, names) in &agent.others {
                let text = hanging(&format!("    {what} "), &terminal(names), style.width);
                write!(out, "{text}")?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
