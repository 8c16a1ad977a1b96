//! What a clone remembers of a manifest becomes that manifest again.

use super::accepted::FULL;
use super::{SMALL, read, source};
use crate::manifest::{kept, recall};
use std::fmt::Write;

#[test]
fn what_is_kept_becomes_the_same_manifest() {
    for text in [SMALL, FULL] {
        let manifest = read(text).expect("a manifest");
        let kept = kept(&manifest).expect("a form to keep");
        let again = recall(&kept, source(text));
        assert_eq!(again.as_ref(), Some(&manifest));
    }
}

#[test]
fn what_stands_in_the_text_is_not_kept_again() {
    let mut text = String::from("version: 1\nagents:\n  a:\n    branch: agent/a\n    owns:\n");
    for number in 0..100 {
        writeln!(text, "    - a-folder-with-a-long-name/{number}/").unwrap();
    }
    let manifest = read(&text).expect("a manifest");
    let kept = kept(&manifest).expect("a form to keep");
    assert!(kept.len() < 800, "{} bytes", kept.len());
}

#[test]
fn what_does_not_fit_the_text_is_nothing() {
    let manifest = read(FULL).expect("a manifest");
    let kept = kept(&manifest).expect("a form to keep");
    for end in 0..kept.len() {
        assert_eq!(recall(&kept[..end], source(FULL)), None, "cut at {end}");
    }
    assert_eq!(recall(&[&kept[..], b"x"].concat(), source(FULL)), None);
    assert_eq!(recall(&kept, source(&FULL[..FULL.len() / 2])), None);
    // No byte of it makes anybody look past the end of the text, or take memory without end.
    for place in 0..kept.len() {
        let mut damaged = kept.clone();
        damaged[place] ^= 0x81;
        _ = recall(&damaged, source(FULL));
    }
}
