//! Object ids.

use std::fmt;

/// The name of an object: 20 bytes in a SHA-1 repository, 32 in a SHA-256 repository.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    length: u8,
    bytes: [u8; 32],
}

impl ObjectId {
    /// The id with these raw bytes, or `None` if there are neither 20 nor 32 of them.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        if raw.len() != 20 && raw.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        let length = u8::try_from(raw.len()).ok()?;
        Some(Self { length, bytes })
    }

    /// The id with these hexadecimal digits, in lower case, or `None` if they are not 40 or 64 of them.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let bytes = hex.as_bytes().chunks(2).map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        });
        Self::from_bytes(&bytes.collect::<Option<Vec<u8>>>()?)
    }

    /// The raw bytes: 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Whether every byte is zero: git's way to say "no object".
    pub fn is_null(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }

    /// The first ten hexadecimal digits, for people.
    pub fn short(&self) -> String {
        let mut hex = self.to_string();
        hex.truncate(10);
        hex
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_printed() {
        for length in [20, 32] {
            let bytes: Vec<u8> = (0..length).map(|number| number * 7).collect();
            let id = ObjectId::from_bytes(&bytes);
            let hex = id.map(|id| id.to_string()).unwrap_or_default();
            assert!(id.is_some() && ObjectId::from_hex(&hex) == id, "{hex}");
            for broken in [&hex[1..], &hex[2..], &hex.replace('0', "g"), ""] {
                assert_eq!(ObjectId::from_hex(broken), None, "{broken}");
            }
        }
    }
}
