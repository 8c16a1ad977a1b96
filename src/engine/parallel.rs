//! Many things at the same time.

use rayon::prelude::*;

/// So few things are looked at one after the other: threads would take longer to start.
const FEW: usize = 4;

/// What `look` makes of each item, in their order; in parallel where there are many.
pub(super) fn each<T: Sync, R: Send>(items: &[T], look: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    if items.len() <= FEW {
        return items.iter().map(look).collect();
    }
    items.par_iter().map(look).collect()
}
