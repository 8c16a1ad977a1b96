//! A manifest in the form in which a clone remembers it: what was made of the text, not the text itself.

use super::expect::Expectation;
use super::model::{Command, Manifest, PathSet, Spanned};
use crate::words::Source;

/// What [`recall`] makes `manifest` of again, which must be free of problems. `None` if there is no such
/// form of it.
pub fn kept(manifest: &Manifest) -> Option<Vec<u8>> {
    let text = manifest.source.text.as_str();
    let mut short = Manifest {
        source: Source::default(),
        ..manifest.clone()
    };
    let mut ambiguous = false;
    // Nearly every value is what stands at its place: no value of a manifest is empty.
    each_value(&mut short, &mut |value| {
        ambiguous |= value.value.is_empty();
        if standing_at(value, text) == Some(&value.value) {
            value.value.clear();
        }
    });
    let bytes = postcard::to_stdvec(&short).ok()?;
    (!ambiguous).then_some(bytes)
}

/// The manifest that was made of `source`, from what [`kept`] made of it. `None` if it was made of something
/// else, as far as that shows.
pub fn recall(kept: &[u8], source: Source) -> Option<Manifest> {
    let (mut manifest, rest) = postcard::take_from_bytes::<Manifest>(kept).ok()?;
    let mut fits = rest.is_empty();
    each_value(&mut manifest, &mut |value| {
        if value.value.is_empty() {
            match standing_at(value, &source.text) {
                Some(text) => value.value = text.to_owned(),
                None => fits = false,
            }
        }
    });
    fits.then_some(Manifest { source, ..manifest })
}

fn standing_at<'t>(value: &Spanned<String>, text: &'t str) -> Option<&'t str> {
    let end = value.span.offset.checked_add(value.span.length)?;
    text.get(value.span.offset..end)
}

/// Visits every text that has its place.
fn each_value(manifest: &mut Manifest, visit: &mut impl FnMut(&mut Spanned<String>)) {
    visit(&mut manifest.target);
    manifest.tag.iter_mut().for_each(&mut *visit);
    each_pattern(&mut manifest.protected, visit);
    for agent in &mut manifest.agents {
        visit(&mut agent.id);
        agent.branches.iter_mut().for_each(&mut *visit);
        for set in [&mut agent.owns, &mut agent.forbids, &mut agent.trusted_with] {
            each_pattern(set, visit);
        }
        each_word(&mut agent.verify, visit);
    }
    for shared in &mut manifest.shared {
        each_pattern(&mut shared.paths, visit);
    }
    for checkpoint in &mut manifest.checkpoints {
        each_word(&mut checkpoint.verify, visit);
    }
    each_word(&mut manifest.verify, visit);
}

fn each_pattern(set: &mut PathSet, visit: &mut impl FnMut(&mut Spanned<String>)) {
    let patterns = set.paths.iter_mut().chain(&mut set.except);
    patterns.for_each(visit);
}

fn each_word(commands: &mut [Command], visit: &mut impl FnMut(&mut Spanned<String>)) {
    for command in commands {
        visit(&mut command.run);
        command.environment.iter_mut().for_each(&mut *visit);
        if let Some(Expectation {
            stdout, not_stdout, ..
        }) = &mut command.expect
        {
            stdout.iter_mut().chain(not_stdout).for_each(&mut *visit);
        }
    }
}
