//! What gate and a supervisor say to each other: one order, and two words in answer, each a line of JSON.
//!
//! They say it through a pair of sockets, of which no command holds an end: unlike a pipe, a socket cannot
//! be opened by its place below `/proc` either.

use super::sandbox::Confinement;
use serde::{Deserialize, Serialize};
use std::io::{Error, Read, Result, Write};
use std::os::unix::net::UnixStream;

/// The byte by which gate asks a supervisor to end its command politely.
pub(super) const END: u8 = b'e';
/// The longest line that is read, in bytes: a manifest is no longer.
const LONGEST: u64 = 4 * 1024 * 1024;

/// What a supervisor is to run.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// The line for the shell.
    pub line: String,
    /// How long it may take, in milliseconds.
    pub limit: u64,
    /// What keeps it from writing where it likes, if anything does.
    pub confinement: Option<Confinement>,
}

/// What a supervisor says: that it has started the command, then how that ended. Or that it could not.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Word {
    /// The command runs, in the process group with this number.
    Started(i32),
    /// It cannot be started, for this reason.
    NotStarted(String),
    /// It ended by itself.
    Exited {
        /// The status, as the system codes it.
        status: i32,
        /// The names of some processes that it left behind.
        named: Vec<String>,
        /// How many it left behind.
        left: usize,
    },
    /// Its time was up.
    TimedOut,
    /// Gate asked for its end.
    Asked,
    /// Not all of it could be ended, or nothing could be found out about it, for this reason.
    Failed(String),
}

impl Order {
    /// Gives the order.
    pub(super) fn give(&self, mut to: &UnixStream) -> Result<()> {
        to.write_all(&line(self)?)
    }

    /// Reads an order, byte by byte: what follows is for somebody else.
    pub(super) fn take(from: &UnixStream) -> Result<Self> {
        let mut from = from.take(LONGEST);
        let (mut text, mut byte) = (Vec::new(), [0]);
        while from.limit() > 0 {
            from.read_exact(&mut byte)?;
            match byte {
                [b'\n'] => return Ok(serde_json::from_slice(&text)?),
                [byte] => text.push(byte),
            }
        }
        Err(Error::other("an order without an end"))
    }
}

impl Word {
    pub(super) fn say(&self, mut to: &UnixStream) -> Result<()> {
        to.write_all(&line(self)?)
    }

    /// All that a supervisor said; what was cut short, as by its end, or is nothing that one says, is an
    /// error.
    pub(super) fn all(text: &[u8]) -> Result<Vec<Self>> {
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        let words = lines.map(|line| match line.strip_suffix(b"\n") {
            Some(line) => Ok(serde_json::from_slice(line)?),
            None => Err(Error::other("a word without an end")),
        });
        words.collect()
    }
}

fn line(what: &impl Serialize) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::super::Isolation;
    use super::*;

    #[test]
    fn what_is_said_is_read_strictly() {
        let words = [
            Word::Started(7),
            Word::Exited {
                status: 256,
                named: vec!["a\n\"b".to_owned()],
                left: 2,
            },
        ];
        let text = words.each_ref().map(|word| line(word).expect("a line"));
        let text = text.concat();
        assert_eq!(Word::all(&text).expect("words"), words);
        assert_eq!(Word::all(b"").expect("no words"), []);
        for wrong in [
            &text[..text.len() - 1],
            b"\n",
            b"{}\n",
            b"\"exited\"\n",
            b"{\"started\":7,\"exited\":1}\n",
            b"{\"exited\":{\"status\":0,\"named\":[],\"left\":0,\"more\":1}}\n",
            b"{\"exited\":{\"status\":0,\"named\":[]}}\n",
        ] {
            assert!(Word::all(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_order_ends_where_it_ends() {
        let (one, other) = UnixStream::pair().expect("sockets");
        let order = Order {
            line: "echo \"\n".to_owned(),
            limit: 1,
            confinement: Isolation::Landlock.confinement(&["/a b".into()]),
        };
        order.give(&one).expect("given");
        (&one).write_all(&[END]).expect("written");
        assert_eq!(Order::take(&other).expect("an order"), order);
        let mut rest = [0; 2];
        assert_eq!((&other).read(&mut rest).expect("read"), 1);
        drop(one);
        assert!(Order::take(&other).is_err());
    }
}
