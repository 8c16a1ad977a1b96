//! The rules about segments, for every alternative at once: a walk over the syntax tree that keeps
//! the set of situations in which a segment can be. Linear in the pattern, however many patterns
//! its braces stand for.

use super::error::{PatternError, PatternReason as Reason};
use super::parse::{Node, What};

/// A set of situations, one bit each.
type Situations = u16;

/// Nothing was written yet.
const NOTHING: Situations = 1;
/// A slash was written last.
const AFTER_SLASH: Situations = 1 << 1;
/// The segment holds something harmless.
const OTHER: Situations = 1 << 2;
/// The segment is `**`.
const DEEP: Situations = 1 << 3;
/// The segment is `.`, and so on.
const DOT: Situations = 1 << 4;
const DOT_DOT: Situations = 1 << 5;
const DOT_G: Situations = 1 << 6;
const DOT_GI: Situations = 1 << 7;
const DOT_GIT: Situations = 1 << 8;

/// How a pattern can end.
pub(super) struct Ending {
    /// Some alternative ends in a slash.
    pub(super) slash: bool,
}

/// Applies the rules to a whole pattern of `length` bytes.
pub(super) fn check(nodes: &[Node], length: usize) -> Result<Ending, PatternError> {
    let end = walk(nodes, NOTHING)?;
    if end & NOTHING != 0 {
        return Err(PatternError {
            offset: 0,
            reason: Reason::Empty,
        });
    }
    closed(end, length.saturating_sub(1))?;
    Ok(Ending {
        slash: end & AFTER_SLASH != 0,
    })
}

fn walk(nodes: &[Node], mut now: Situations) -> Result<Situations, PatternError> {
    for node in nodes {
        now = match &node.what {
            What::Group(alternatives) => {
                let mut after = 0;
                for alternative in alternatives {
                    after |= walk(alternative, now)?;
                }
                after
            }
            What::Slash => {
                if now & (NOTHING | AFTER_SLASH) != 0 {
                    return Err(PatternError {
                        offset: node.at,
                        reason: Reason::EmptySegment,
                    });
                }
                closed(now, node.at.saturating_sub(1))?;
                AFTER_SLASH
            }
            What::Deep => {
                if now & !(NOTHING | AFTER_SLASH) != 0 {
                    return Err(PatternError {
                        offset: node.at,
                        reason: Reason::DeepInSegment,
                    });
                }
                DEEP
            }
            what => {
                if now & DEEP != 0 {
                    return Err(PatternError {
                        offset: node.at,
                        reason: Reason::DeepInSegment,
                    });
                }
                written(now, what)
            }
        };
    }
    Ok(now)
}

/// The situations after something that stays in its segment.
fn written(now: Situations, what: &What) -> Situations {
    let What::Byte(byte) = what else { return OTHER };
    let steps = [
        (NOTHING | AFTER_SLASH, b'.', DOT),
        (DOT, b'.', DOT_DOT),
        (DOT, b'g', DOT_G),
        (DOT_G, b'i', DOT_GI),
        (DOT_GI, b't', DOT_GIT),
    ];
    let mut after = 0;
    for bit in (0..9).map(|shift| 1 << shift).filter(|bit| now & bit != 0) {
        let step = steps
            .iter()
            .find(|(from, on, _)| from & bit != 0 && byte.eq_ignore_ascii_case(on));
        after |= step.map_or(OTHER, |(_, _, to)| *to);
    }
    after
}

/// Refuses a segment that ends here if no path has such a segment.
fn closed(now: Situations, offset: usize) -> Result<(), PatternError> {
    if now & (DOT | DOT_DOT) != 0 {
        Err(PatternError {
            offset,
            reason: Reason::Dots,
        })
    } else if now & DOT_GIT != 0 {
        Err(PatternError {
            offset,
            reason: Reason::DotGit,
        })
    } else {
        Ok(())
    }
}
