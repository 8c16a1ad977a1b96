//! Objects of a quarantine as one pack, for git to take in.

use super::quarantine::{Quarantine, not_written};
use crate::words::{Code, Finding, ObjectId, Result};
use gix::objs::Data;
use gix::zlib::Compression;
use gix_pack::data::Version;
use gix_pack::data::output::bytes::FromEntriesIter;
use gix_pack::data::output::{Count, Entry};

impl Quarantine {
    /// A pack of these objects, each of them whole: what `git pack-objects --window=0` prints.
    pub(super) fn pack(&self, ids: &[ObjectId]) -> Result<Vec<u8>> {
        let count = u32::try_from(ids.len());
        let count = count.map_err(|error| not_written(&self.git_dir, &error))?;
        let mut entries = Vec::with_capacity(ids.len());
        for id in ids {
            let (kind, data) = self.objects.read(*id)?;
            let id = self.objects.to_gix(*id)?;
            let data = Data::new(&data, kind, self.objects.kind);
            let entry =
                Entry::from_data(&Count::from_data(id, None), &data, Compression::BEST_SPEED);
            entries.push(entry.map_err(|error| not_packed(&error))?);
        }
        let mut pack = Vec::new();
        let entries = std::iter::once(Ok(entries));
        for written in
            FromEntriesIter::new(entries, &mut pack, count, Version::V2, self.objects.kind)
        {
            written.map_err(|error| not_packed(&error))?;
        }
        Ok(pack)
    }
}

fn not_packed(error: &gix::error::Error) -> Box<Finding> {
    let message = format!("new objects cannot be packed: {error}");
    Finding::error(Code::InputOutput, message)
}
