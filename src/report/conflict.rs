//! Where a merge has no answer, as lines of text. Nothing is escaped.

use super::view::count;
use crate::words::{Conflict, ConflictSide, Conflicts};

/// All that is shown of the paths in conflict.
pub(super) fn conflict_block(conflicts: &Conflicts) -> Vec<String> {
    let mut lines: Vec<_> = conflicts.paths.iter().flat_map(conflict_lines).collect();
    if conflicts.left_out > 0 {
        lines.push(format!("and {} more", count(conflicts.left_out, "path")));
    }
    lines
}

/// What both sides of a merge did to a path in conflict, in one line, and then both versions of the
/// places where they meet.
fn conflict_lines(conflict: &Conflict) -> Vec<String> {
    let did = |side: &ConflictSide| format!("{} {} it", side.who.join(" and "), side.did);
    let [before, after] = &conflict.sides;
    // Between the parentheses of `CONFLICT (contents)` stands what kind it is.
    let kind = |kind: &String| {
        let inside = kind.strip_prefix("CONFLICT (");
        let inside = inside.and_then(|rest| rest.strip_suffix(')'));
        inside.unwrap_or(kind).to_owned()
    };
    let kinds = conflict
        .kinds
        .iter()
        .map(kind)
        .collect::<Vec<_>>()
        .join(", ");
    let path = &conflict.path;
    let mut lines = vec![format!("{path}: {}, {} ({kinds})", did(before), did(after))];
    for hunk in &conflict.hunks {
        for (side, version) in conflict.sides.iter().zip(&hunk.versions) {
            lines.push(format!("  {} in {}:", hunk.before, side.who.join(" and ")));
            if version.lines.is_empty() {
                lines.push("    (nothing)".to_owned());
            }
            lines.extend(version.lines.iter().map(|line| format!("    {line}")));
            if version.left_out > 0 {
                lines.push(format!("    ({} more)", count(version.left_out, "line")));
            }
        }
    }
    if conflict.left_out > 0 {
        lines.push(format!("  ({} more)", count(conflict.left_out, "place")));
    }
    lines
}
