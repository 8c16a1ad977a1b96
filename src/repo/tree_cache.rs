//! The trees that were read last: those that branches have in common are read and checked once.

use super::graph::FirstBytes;
use super::tree::Tree;
use crate::words::ObjectId;
use clru::{CLruCache, CLruCacheConfig, WeightScale};
use std::hash::BuildHasherDefault;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// About how many bytes of trees are kept, for all threads together.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(16 * 1024 * 1024).unwrap();

/// Trees by their ids. What an id stands for never changes, so nothing in here is ever out of date.
pub(super) struct TreeCache(Mutex<Trees>);

type Trees = CLruCache<ObjectId, Arc<Tree>, BuildHasherDefault<FirstBytes>, Size>;

/// What counts is how much memory a tree takes.
struct Size;

impl WeightScale<ObjectId, Arc<Tree>> for Size {
    fn weight(&self, _: &ObjectId, tree: &Arc<Tree>) -> usize {
        tree.size()
    }
}

impl TreeCache {
    /// The tree `id`, if it is here.
    pub(super) fn get(&self, id: ObjectId) -> Option<Arc<Tree>> {
        let mut trees = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trees.get(&id).cloned()
    }

    /// Keeps `tree`, which is that with this id. One that is larger than all that can be kept is not.
    pub(super) fn put(&self, id: ObjectId, tree: &Arc<Tree>) {
        let mut trees = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        _ = trees.put_with_weight(id, Arc::clone(tree));
    }
}

impl Default for TreeCache {
    fn default() -> Self {
        let config = CLruCacheConfig::new(CAPACITY).with_hasher(BuildHasherDefault::default());
        Self(Mutex::new(CLruCache::with_config(config.with_scale(Size))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let cache = TreeCache::default();
        let id = |number: u32| {
            let mut bytes = [1; 20];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            ObjectId::from_bytes(&bytes).expect("20 bytes")
        };
        let tree = |names: usize| {
            let mut data = Vec::new();
            for name in 0..names {
                data.extend_from_slice(format!("100644 {name:07}\0").as_bytes());
                data.extend_from_slice(&[7; 20]);
            }
            Arc::new(Tree::new(id(0), data, id(1), None).expect("a tree"))
        };
        let large = tree(100_000);
        let room = u32::try_from(CAPACITY.get() / large.size()).expect("a few");
        for number in 0..=room {
            cache.put(id(number), &large);
        }
        assert!(cache.get(id(0)).is_none() && cache.get(id(1)).is_some());
        cache.put(id(room + 1), &large);
        assert!(cache.get(id(1)).is_some() && cache.get(id(2)).is_none());
        let too_large = tree(700_000);
        assert!(too_large.size() > CAPACITY.get());
        cache.put(id(room + 2), &too_large);
        assert!(cache.get(id(room + 2)).is_none() && cache.get(id(1)).is_some());
    }
}
