//! Whether a pattern matches all that another one matches, told without automata: where the segments of
//! the one can be laid over those of the other.

use super::super::bytes::ByteSet;
use super::super::pattern::{Glob, Pattern, Token};

/// Whether everything that `inner` matches is matched by `outer`. `true` is certain.
pub(crate) fn covers(outer: &Pattern, inner: &Pattern) -> bool {
    if outer.as_str() == inner.as_str() {
        return true;
    }
    let (Some(outers), Some(inners)) = (outer.globs(), inner.globs()) else {
        return false;
    };
    inners
        .iter()
        .all(|inner| outers.iter().any(|outer| glob_covers(outer, inner)))
}

/// The same of two alternatives.
pub(super) fn glob_covers(outer: &Glob, inner: &Glob) -> bool {
    let (over, under) = (segments(outer), segments(inner));
    laid_over(
        over.len(),
        under.len(),
        |place| over[place] == [Token::Deep],
        |place, below| {
            let (one, two) = (over[place], under[below]);
            *two != [Token::Deep] && segment_covers(outer, one, inner, two)
        },
    )
}

/// The segments; what lies below a directory is any number of them and one more.
fn segments(glob: &Glob) -> Vec<&[Token]> {
    let own = glob.tokens.split(|token| *token == Token::Slash);
    let mut segments: Vec<&[Token]> = own.filter(|segment| !segment.is_empty()).collect();
    if glob.below {
        segments.extend([&[Token::Deep][..], &[Token::Star]]);
    }
    segments
}

/// Whether every segment like `two` is one like `one`. No segment is empty.
fn segment_covers(outer: &Glob, one: &[Token], inner: &Glob, two: &[Token]) -> bool {
    laid_over(
        one.len(),
        two.len(),
        |place| one[place] == Token::Star,
        |place, below| match (one[place], two[below]) {
            (_, Token::Star) => false,
            (one, two) => reads(outer, one).covers(reads(inner, two)),
        },
    )
}

fn reads(glob: &Glob, token: Token) -> ByteSet {
    match (token, token.literal()) {
        (Token::One(set), _) => glob.sets[usize::from(set)],
        (_, Some(byte)) => ByteSet::one(byte),
        (_, None) => ByteSet::EMPTY,
    }
}

/// Whether `over` things can be laid over `under` things, one over each: those that are `many` over any
/// number of whatever they like, the others over one that `fits`.
fn laid_over(
    over: usize,
    under: usize,
    many: impl Fn(usize) -> bool,
    fits: impl Fn(usize, usize) -> bool,
) -> bool {
    // How much of what is below can be covered by what was laid so far.
    let mut reached = vec![false; under + 1];
    reached[0] = true;
    for place in 0..over {
        if many(place) {
            if let Some(first) = reached.iter().position(|here| *here) {
                reached[first..].fill(true);
            }
            continue;
        }
        for below in (0..under).rev() {
            reached[below + 1] = reached[below] && fits(place, below);
        }
        reached[0] = false;
    }
    reached[under]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_laid_over_covers() {
        for (outer, inner, expected) in [
            ("**", "a", true),
            ("**", "a/", true),
            ("*", "a/", false),
            ("*", "a*b", true),
            ("a", "a/", false),
            ("a/", "a", false),
            ("a/", "a/b", true),
            ("a/", "a/b/*.c", true),
            ("a/", "ab/", false),
            ("*/", "a/*/c", true),
            ("**/docs/", "docs/", true),
            ("**/docs/", "**/lib/**/docs/**/*.md", true),
            ("**/docs/", "**/lib/**/docs", false),
            ("**/docs{,/}", "**/lib/**/docs", true),
            ("**/a/**/b/", "**/b/**/a/", false),
            ("**/a/**/b/", "x/a/b/a/", true),
            ("**/*.md", "docs/**/*.md", true),
            ("**/*.md", "docs/**/*.m?", false),
            ("**/*.m?", "docs/**/*.md", true),
            ("*a*", "*a*b*", true),
            ("*a*b*", "*a*", false),
            ("[ab]x", "ax", true),
            ("[ab]x", "[bc]x", false),
            ("?*", "*", false),
            ("{a,b}/", "b/c", true),
            ("{a,b}/", "{b,c}/", false),
            ("a/*/c", "a/**/c", false),
        ] {
            let [one, two] = [outer, inner].map(|text| Pattern::parse(text).expect(text));
            assert_eq!(covers(&one, &two), expected, "{outer} over {inner}");
        }
    }
}
