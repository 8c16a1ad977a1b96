//! Commits as git stores them.

use crate::words::{Code, Finding, ObjectId, Result};
use bstr::{BString, ByteSlice};

/// A commit, as far as gate looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The tree that it holds.
    pub tree: ObjectId,
    /// The commits it builds on, the first one first.
    pub parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970; 0 where that cannot be read.
    pub committer_seconds: i64,
    /// Who committed it.
    pub committer_name: BString,
    /// The committer's address.
    pub committer_email: BString,
    /// The message, as it is.
    pub message: BString,
}

/// The commit `id` with these bytes.
pub(super) fn parse(id: ObjectId, data: &[u8]) -> Result<Commit> {
    let broken = |what: &str| {
        let message = format!("the commit {} has no proper {what}", id.short());
        Finding::error(Code::BrokenObject, message)
    };
    let (head, message) = match data.find("\n\n") {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, &b""[..]),
    };
    let mut lines = head.split_str("\n").peekable();
    let id_after = |line: &[u8], key: &[u8]| line.strip_prefix(key).and_then(from_digits);
    let tree = lines
        .next()
        .and_then(|line| id_after(line, b"tree "))
        .ok_or_else(|| broken("tree"))?;
    let mut parents = Vec::new();
    while let Some(line) = lines.next_if(|line| line.starts_with(b"parent ")) {
        parents.push(id_after(line, b"parent ").ok_or_else(|| broken("parent"))?);
    }
    let committer = lines
        .find_map(|line| line.strip_prefix(b"committer "))
        .ok_or_else(|| broken("committer"))?;
    let (name, email, seconds) = identity(committer);
    Ok(Commit {
        tree,
        parents,
        committer_seconds: seconds,
        committer_name: name.into(),
        committer_email: email.into(),
        message: message.into(),
    })
}

/// Splits `Name <address> seconds zone`; what is missing is empty or 0.
fn identity(line: &[u8]) -> (&[u8], &[u8], i64) {
    let open = line.find_byte(b'<').unwrap_or(line.len());
    let close = line.rfind_byte(b'>').unwrap_or(line.len()).max(open);
    let email = line.get(open + 1..close).unwrap_or_default();
    let after = line.get(close + 1..).unwrap_or_default().trim();
    let seconds = after.split_str(" ").next().unwrap_or_default();
    let seconds = seconds.to_str().unwrap_or_default().parse().unwrap_or(0);
    (line[..open].trim(), email, seconds)
}

/// The id on a line of hexadecimal digits, or `None` if they are not 40 or 64 of them.
pub(super) fn from_hex(line: &[u8]) -> Option<ObjectId> {
    from_digits(line.trim_end())
}

/// The same where nothing else may stand beside them.
fn from_digits(digits: &[u8]) -> Option<ObjectId> {
    let id = gix::hash::ObjectId::from_hex(digits).ok()?;
    ObjectId::from_bytes(id.as_slice())
}

/// The bytes of a commit by gate itself: one identity, one time zone, nothing of this machine.
pub(super) fn write(tree: ObjectId, parents: &[ObjectId], message: &[u8], seconds: i64) -> Vec<u8> {
    let parents: Vec<String> = parents.iter().map(|id| format!("parent {id}\n")).collect();
    let parents = parents.concat();
    let identity = format!("gate <gate@localhost.invalid> {seconds} +0000");
    let head = format!("tree {tree}\n{parents}author {identity}\ncommitter {identity}\n\n");
    let mut data = head.into_bytes();
    data.extend_from_slice(message);
    if !message.ends_with(b"\n") {
        data.push(b'\n');
    }
    data
}

/// The bytes of an annotated tag of the commit `id` by gate itself.
pub(super) fn write_tag(id: ObjectId, name: &str, message: &str, seconds: i64) -> Vec<u8> {
    let tagger = format!("gate <gate@localhost.invalid> {seconds} +0000");
    format!("object {id}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message}").into_bytes()
}

/// The object that a tag with these bytes points at.
pub(super) fn tagged(data: &[u8]) -> Option<ObjectId> {
    let line = data.split_str("\n").next()?;
    line.strip_prefix(b"object ").and_then(from_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_read_as_they_are_written() {
        let id = |byte| ObjectId::from_bytes(&[byte; 32]).expect("32 bytes");
        let data = write(id(1), &[id(2), id(3)], b"Subject\n\nBody", 1_700_000_000);
        let commit = parse(id(9), &data).expect("a commit");
        assert_eq!(commit.tree, id(1));
        assert_eq!(commit.parents, [id(2), id(3)]);
        assert_eq!(commit.committer_seconds, 1_700_000_000);
        assert_eq!(commit.committer_name, "gate");
        assert_eq!(commit.committer_email, "gate@localhost.invalid");
        assert_eq!(commit.message, "Subject\n\nBody\n");
    }

    #[test]
    fn broken_commits_are_refused_and_odd_dates_are_not() {
        let id = ObjectId::from_bytes(&[1; 20]).expect("20 bytes");
        let spaced = format!("tree {id} \ncommitter A <a> 1 +0000\n\n");
        let carriage = format!("tree {id}\r\ncommitter A <a> 1 +0000\n\n");
        for bad in ["", "tree 12\n", "parent x\n", &spaced, &carriage] {
            let error = parse(id, bad.as_bytes()).expect_err("broken");
            assert_eq!(error.code, Code::BrokenObject);
        }
        let odd = format!("tree {id}\nauthor a\ncommitter A B <a@b> x\n\n");
        let commit = parse(id, odd.as_bytes()).expect("odd, but a commit");
        assert_eq!(commit.committer_seconds, 0);
        assert_eq!(commit.committer_name, "A B");
    }
}
