//! `json`: one document for programs, versioned by its module. `docs/json.md` explains every field.

mod v1;

use super::Report;
use super::escape;
use serde::Serialize;
use std::io;

/// Writes `report` as one line that holds one document.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, escape::Json);
    v1::Document::new(report).serialize(&mut serializer)?;
    writeln!(out)
}
