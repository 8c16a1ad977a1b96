//! A second look for what seems to be missing, before anybody is told so.

use super::objects::{Objects, unreadable};
use crate::words::{ObjectId, Result};
use gix::objs::Find;

impl Objects {
    /// Kind and bytes of the object `id`, looked for as if nothing had been read before: a store that many threads
    /// share may not know of a pack yet, or of what took its place. `None` if it is missing.
    pub(super) fn read_anew(&self, id: ObjectId) -> Result<Option<(gix::objs::Kind, Vec<u8>)>> {
        let store = gix::odb::at_opts(
            self.store.path().to_owned(),
            self.kind,
            None,
            gix::odb::store::init::Options::default(),
        );
        let Ok(store) = store else {
            return Ok(None);
        };
        let mut data = Vec::new();
        let found = (store.try_find(&self.to_gix(id)?, &mut data))
            .map_err(|error| unreadable(id, &error))?;
        Ok(found.map(|object| object.kind).map(|kind| (kind, data)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn only_what_nobody_has_is_missing() {
        let repo = TestRepo::new();
        let id = repo.commit("first");
        let opened = repo.open();
        repo.git(&["repack", "-a", "-d", "-q"]);
        let found = opened.read_anew(id).expect("readable").expect("there");
        assert_eq!(found, opened.read(id).expect("readable"));
        let nothing = ObjectId::from_bytes(&[7; 20]).expect("an id");
        assert_eq!(opened.read_anew(nothing), Ok(None));
        assert_eq!(opened.contains(nothing), Ok(false));
    }
}
