//! A pattern for names as they are once they are folded.

use super::super::bytes::ByteSet;
use super::parse::{Node, What};
use crate::words::folded;

/// `nodes` for folded names: whatever they match, its folded form is matched by the outcome, as long as
/// no single wildcard stands for a part of a character.
pub(super) fn fold(nodes: &[Node]) -> Vec<Node> {
    let mut outcome = Vec::new();
    // What stands between wildcards is folded as a whole: a character is several bytes.
    let literal = |node: &Node| matches!(node.what, What::Byte(_));
    for run in nodes.chunk_by(|one, next| literal(one) && literal(next)) {
        let at = run.first().map_or(0, |node| node.at);
        let bytes = run.iter().filter_map(|node| match node.what {
            What::Byte(byte) => Some(byte),
            _ => None,
        });
        let bytes = folded(&bytes.collect::<Vec<_>>());
        let bytes = bytes.into_iter().map(What::Byte);
        let others = run.iter().filter_map(|node| match &node.what {
            What::Byte(_) => None,
            What::One(set) => Some(What::One(lower(*set))),
            What::Group(alternatives) => {
                let alternatives = alternatives.iter().map(|nodes| fold(nodes));
                Some(What::Group(alternatives.collect()))
            }
            other => Some(other.clone()),
        });
        outcome.extend(bytes.chain(others).map(|what| Node { at, what }));
    }
    outcome
}

fn lower(set: ByteSet) -> ByteSet {
    let mut lower = ByteSet::EMPTY;
    let bytes = (0..=u8::MAX).filter(|byte| set.contains(*byte));
    bytes.for_each(|byte| lower.insert(byte.to_ascii_lowercase()));
    lower
}
