//! Patterns that differ in their last segment only, written as one.
//!
//! Where many rules can match at any depth, most rules are exceptions of most of these. Nothing shorter
//! than naming them says which ones (each set has others), but they need not take a line each.

use super::rules::Rules;
use crate::manifest::limits::MAX_PATTERN;
use std::collections::HashMap;

/// So many stand together at most. A pattern is tried by its alternatives up to 64, and has two for
/// each of these where it means files and directories.
const MOST: usize = 32;
/// So many are worth being put together.
const FEWEST: usize = 3;
/// The longest text that is put together, in bytes, commas included.
const LONGEST: usize = MAX_PATTERN / 2;

/// The rules that can be put together.
pub(super) struct Alike<'a> {
    rules: &'a Rules,
    /// For each rule: its last segment, and its bundle. Bundles are made of all rules of a file, so
    /// that the same ones stand together in every set.
    names: Vec<Option<(&'a str, usize)>>,
}

/// A pattern that stands for some rules, and their lines.
pub(super) type Written = (String, Vec<usize>);

impl<'a> Alike<'a> {
    /// `counts`: of how many sets each rule is an exception. One that names a directory from the root
    /// reads best alone, and stands alone unless it is repeated.
    pub(super) fn new(rules: &'a Rules, counts: &[usize]) -> Self {
        /// What is filled at the moment: its number, and how many and how long its names are.
        type Filling = (usize, usize, usize);
        let mut filling: HashMap<(&str, &str), Filling> = HashMap::new();
        let mut next = 0;
        let mut names = Vec::with_capacity(rules.all.len());
        for (rule, count) in rules.all.iter().zip(counts) {
            let parts = split(rule.pattern.as_str());
            let parts = parts.filter(|(before, ..)| before.contains("**/") || *count > FEWEST);
            let Some((before, name, behind)) = parts else {
                names.push(None);
                continue;
            };
            let (number, count, length) = filling.entry((before, behind)).or_insert((0, MOST, 0));
            if *count == MOST || *length + name.len() + 1 > LONGEST {
                (*number, *count, *length) = (next, 0, 0);
                next += 1;
            }
            *count += 1;
            *length += name.len() + 1;
            names.push(Some((name, *number)));
        }
        Self { rules, names }
    }

    /// The patterns of the rules at `places`, as few as it goes.
    pub(super) fn written(&self, places: &[usize]) -> Vec<Written> {
        let mut bundles: HashMap<usize, Vec<usize>> = HashMap::new();
        for place in places {
            if let Some((_, bundle)) = self.names[*place] {
                bundles.entry(bundle).or_default().push(*place);
            }
        }
        let mut written = Vec::new();
        for place in places {
            let bundle = self.names[*place].and_then(|(_, bundle)| bundles.get(&bundle));
            match bundle.filter(|bundle| bundle.len() >= FEWEST) {
                Some(bundle) if bundle[0] == *place => written.push(self.together(bundle)),
                Some(_) => {}
                None => {
                    let rule = &self.rules.all[*place];
                    written.push((rule.pattern.as_str().to_owned(), vec![rule.line.number]));
                }
            }
        }
        written
    }

    fn together(&self, places: &[usize]) -> Written {
        let rules = places.iter().map(|place| &self.rules.all[*place]);
        let lines = rules.map(|rule| rule.line.number).collect();
        let names = places.iter().filter_map(|place| self.names[*place]);
        let names: Vec<&str> = names.map(|(name, _)| name).collect();
        let first = self.rules.all[places[0]].pattern.as_str();
        let (before, _, behind) = split(first).unwrap_or((first, "", ""));
        (format!("{before}{{{}}}{behind}", names.join(",")), lines)
    }
}

/// What stands before the last segment of a pattern, that segment, and the ending.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let ending = ["{,/}", "/"]
        .into_iter()
        .find(|ending| text.ends_with(ending));
    let behind = ending.map_or(text.len(), |ending| text.len() - ending.len());
    let slash = text[..behind].rfind('/')?;
    let (before, name) = (&text[..=slash], &text[slash + 1..behind]);
    let plain = |byte: u8| !b"{}[],".contains(&byte);
    let fits = text.len() <= LONGEST && name != "**";
    (fits && name.bytes().chain(before.bytes()).all(plain)).then_some((
        before,
        name,
        &text[behind..],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_split_where_its_last_segment_can_be_another() {
        for (text, expected) in [
            ("**/a/", Some(("**/", "a", "/"))),
            ("**/*.md{,/}", Some(("**/", "*.md", "{,/}"))),
            ("**/a/b*", Some(("**/a/", "b*", ""))),
            ("**", None),
            ("a/", None),
            ("a/b", Some(("a/", "b", ""))),
            ("**/[ab]", None),
            ("**/a,b", None),
            ("**/{a,b}/c", None),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }
}
