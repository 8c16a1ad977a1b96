//! What a commit must be that somebody brings: what `git fsck --strict` lets pass, so that no server
//! that checks what it receives refuses everybody's work for it. Old histories hold worse, and are
//! read all the same.

use super::commit::Commit;
use super::objects::{Objects, broken};
use crate::words::{ObjectId, Result};
use bstr::ByteSlice;

impl Objects {
    /// The commit `id`, which a branch brings: it must be one that git writes today.
    ///
    /// # Errors
    /// `broken-object` for one that `git fsck --strict` objects to as well.
    pub fn new_commit(&self, id: ObjectId) -> Result<Commit> {
        let (commit, data) = self.read_commit(id)?;
        match objection(&data) {
            None => Ok(commit),
            Some(what) => {
                let finding = *broken(id, &format!("holds {what}"));
                Err(Box::new(finding.hint(
                    "make the commit again with git itself, which never writes such a one",
                )))
            }
        }
    }
}

/// What is wrong with a commit of these bytes, whose tree and parents have been read; `None` if
/// nothing is.
pub(super) fn objection(data: &[u8]) -> Option<&'static str> {
    if data.contains(&0) {
        return Some("a NUL byte");
    }
    let head = data.find("\n\n").map_or(data, |end| &data[..end]);
    let mut lines = head.split_str("\n");
    let rest = lines.by_ref().skip_while(|line| is_link(line));
    let mut rest = rest.peekable();
    let Some(author) = rest.next().and_then(|line| line.strip_prefix(b"author ")) else {
        return Some("no author where one must stand");
    };
    let Some(committer) = rest
        .next()
        .and_then(|line| line.strip_prefix(b"committer "))
    else {
        return Some("no committer where one must stand");
    };
    let again = rest.take_while(|line| !line.is_empty());
    let again = again
        .into_iter()
        .any(|line| is_link(line) || line.starts_with(b"author "));
    if again {
        return Some("a tree, a parent or an author behind the committer");
    }
    identity(author).or_else(|| identity(committer))
}

fn is_link(line: &[u8]) -> bool {
    line.starts_with(b"tree ") || line.starts_with(b"parent ")
}

/// What is wrong with `Name <address> seconds zone`.
fn identity(line: &[u8]) -> Option<&'static str> {
    let open = line.find_byteset("<>");
    let Some(open) = open.filter(|at| *at > 0 && line[*at] == b'<' && line[*at - 1] == b' ') else {
        return Some("a name that is not followed by a space and an address");
    };
    let after = &line[open + 1..];
    let Some(close) = after.find_byteset("<>").filter(|at| after[*at] == b'>') else {
        return Some("an address without its end");
    };
    let Some(time) = after[close + 1..].strip_prefix(b" ") else {
        return Some("an address that is not followed by a date");
    };
    let Some((seconds, zone)) = time.split_once_str(" ") else {
        return Some("a date without a time zone");
    };
    let is_number = !seconds.is_empty() && seconds.iter().all(u8::is_ascii_digit);
    let is_padded = seconds.len() > 1 && seconds[0] == b'0';
    let fits = seconds
        .to_str()
        .is_ok_and(|text| text.parse::<i64>().is_ok());
    if !is_number || is_padded || !fits {
        return Some("a date that is no number of seconds");
    }
    let [b'+' | b'-', digits @ ..] = zone else {
        return Some("a time zone that is none");
    };
    if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
        return Some("a time zone that is none");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";

    fn commit(people: &str) -> Option<&'static str> {
        objection(format!("{TREE}{people}\n\nmessage\n").as_bytes())
    }

    #[test]
    fn what_git_writes_is_brought() {
        for people in [
            "author A <a@b> 0 +0000\ncommitter A B <> 1700000000 -0930",
            "author A <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding x\ngpgsig a\n author b",
        ] {
            assert_eq!(commit(people), None, "{people}");
        }
    }

    #[test]
    fn what_fsck_objects_to_is_not() {
        let good = "A <a@b> 1700000000 +0000";
        for people in [
            format!("committer {good}"),
            format!("author {good}"),
            format!("author {good}\nauthor {good}\ncommitter {good}"),
            format!("author {good}\ncommitter {good}\nauthor {good}"),
            format!("author {good}\nparent 1\ncommitter {good}"),
            format!("author {good}\ncommitter {good}\nparent 1"),
            format!("author {good}\ncommitter A\0 <a@b> 1 +0000"),
            format!("author A <a@b> -1 +0000\ncommitter {good}"),
            format!("author A <a@b> 01 +0000\ncommitter {good}"),
            format!("author A <a@b> 99999999999999999999 +0000\ncommitter {good}"),
            format!("author A <a@b> x +0000\ncommitter {good}"),
            format!("author A <a@b> 1 0000\ncommitter {good}"),
            format!("author A <a@b> 1 +000\ncommitter {good}"),
            format!("author A <a@b> 1\ncommitter {good}"),
            format!("author A <a@b\ncommitter {good}"),
            format!("author A a@b> 1 +0000\ncommitter {good}"),
            format!("author A<a@b> 1 +0000\ncommitter {good}"),
            format!("author <a@b> 1 +0000\ncommitter {good}"),
            format!("author A\ncommitter {good}"),
        ] {
            assert!(commit(&people).is_some(), "{people}");
        }
        assert!(objection(b"").is_some());
    }
}
