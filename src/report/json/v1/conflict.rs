//! The paths in conflict of a finding.

use super::{raw, text};
use crate::words;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Conflicts<'a> {
    left_out: usize,
    paths: Vec<Conflict<'a>>,
}

#[derive(Serialize)]
struct Conflict<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    kinds: &'a [String],
    sides: [Side<'a>; 2],
    hunks: Vec<Hunk<'a>>,
    left_out: usize,
}

#[derive(Serialize)]
struct Side<'a> {
    who: &'a [String],
    did: &'static str,
}

#[derive(Serialize)]
struct Hunk<'a> {
    line: usize,
    lines: usize,
    versions: [Version<'a>; 2],
}

#[derive(Serialize)]
struct Version<'a> {
    lines: &'a [String],
    left_out: usize,
}

impl<'a> Conflicts<'a> {
    pub(super) fn new(conflicts: &'a words::Conflicts) -> Self {
        Self {
            left_out: conflicts.left_out,
            paths: conflicts.paths.iter().map(Conflict::new).collect(),
        }
    }
}

impl<'a> Conflict<'a> {
    fn new(conflict: &'a words::Conflict) -> Self {
        Self {
            path: text(&conflict.path),
            path_bytes: raw(&conflict.path),
            kinds: &conflict.kinds,
            sides: conflict.sides.each_ref().map(|side| Side {
                who: &side.who,
                did: side.did,
            }),
            hunks: conflict.hunks.iter().map(Hunk::new).collect(),
            left_out: conflict.left_out,
        }
    }
}

impl<'a> Hunk<'a> {
    fn new(hunk: &'a words::ConflictHunk) -> Self {
        Self {
            line: hunk.before.first,
            lines: hunk.before.count,
            versions: hunk.versions.each_ref().map(|version| Version {
                lines: &version.lines,
                left_out: version.left_out,
            }),
        }
    }
}
