//! What was not run, since a remote says that it passes. What a clone remembers is not told: the document
//! is the same in every clone.

use crate::engine::KnownPass;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Trusted<'a> {
    subject: &'a str,
    tree: String,
    remote: &'a str,
    #[serde(rename = "ref")]
    reference: &'a str,
}

/// Those of `known` that a remote vouches for.
pub(super) fn trusted(known: &[KnownPass]) -> Vec<Trusted<'_>> {
    let trusted = known.iter().filter_map(|pass| {
        let by = pass.trusted.as_ref()?;
        Some(Trusted {
            subject: &pass.subject,
            tree: pass.tree.to_string(),
            remote: &by.remote,
            reference: &by.reference,
        })
    });
    trusted.collect()
}
