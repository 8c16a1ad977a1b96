//! The objects that were read last: what branches have in common is read and checked once.

use super::graph::FirstBytes;
use super::tree::Tree;
use crate::words::ObjectId;
use clru::{CLruCache, CLruCacheConfig, WeightScale};
use std::hash::BuildHasherDefault;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// About how many bytes of trees are kept, for all threads together.
const TREES: NonZeroUsize = NonZeroUsize::new(16 * 1024 * 1024).unwrap();
/// About how many bytes of commits.
const COMMITS: NonZeroUsize = NonZeroUsize::new(4 * 1024 * 1024).unwrap();

/// Objects by their ids. What an id stands for never changes, so nothing in here is ever out of date.
pub(super) struct ObjectCache<T: Kept>(Mutex<Objects<T>>);

type Objects<T> = CLruCache<ObjectId, Arc<T>, BuildHasherDefault<FirstBytes>, Size>;

/// What can be kept.
pub(super) trait Kept {
    /// How many bytes of all are kept.
    const CAPACITY: NonZeroUsize;

    /// About how many bytes of memory this takes.
    fn size(&self) -> usize;
}

impl Kept for Tree {
    const CAPACITY: NonZeroUsize = TREES;

    fn size(&self) -> usize {
        Self::size(self)
    }
}

/// The bytes of a commit.
impl Kept for Vec<u8> {
    const CAPACITY: NonZeroUsize = COMMITS;

    fn size(&self) -> usize {
        size_of::<Self>() + self.capacity()
    }
}

/// What counts is how much memory something takes.
struct Size;

impl<T: Kept> WeightScale<ObjectId, Arc<T>> for Size {
    fn weight(&self, _: &ObjectId, object: &Arc<T>) -> usize {
        object.size()
    }
}

impl<T: Kept> ObjectCache<T> {
    /// The object `id`, if it is here.
    pub(super) fn get(&self, id: ObjectId) -> Option<Arc<T>> {
        let mut objects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        objects.get(&id).cloned()
    }

    /// Keeps `object`, which is that with this id. One that is larger than all that can be kept is not.
    pub(super) fn put(&self, id: ObjectId, object: &Arc<T>) {
        let mut objects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        _ = objects.put_with_weight(id, Arc::clone(object));
    }
}

impl<T: Kept> Default for ObjectCache<T> {
    fn default() -> Self {
        let config = CLruCacheConfig::new(T::CAPACITY).with_hasher(BuildHasherDefault::default());
        Self(Mutex::new(CLruCache::with_config(config.with_scale(Size))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let cache = ObjectCache::default();
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
        let room = u32::try_from(TREES.get() / large.size()).expect("a few");
        for number in 0..=room {
            cache.put(id(number), &large);
        }
        assert!(cache.get(id(0)).is_none() && cache.get(id(1)).is_some());
        cache.put(id(room + 1), &large);
        assert!(cache.get(id(1)).is_some() && cache.get(id(2)).is_none());
        let too_large = tree(700_000);
        assert!(too_large.size() > TREES.get());
        cache.put(id(room + 2), &too_large);
        assert!(cache.get(id(room + 2)).is_none() && cache.get(id(1)).is_some());
    }
}
