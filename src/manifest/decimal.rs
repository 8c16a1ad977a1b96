//! Decimal numbers, compared exactly: 79.999999999999999999 is less than 80.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// A decimal number of any length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decimal {
    /// Whether it is less than zero.
    negative: bool,
    /// The digits before the point, without zeros in front.
    whole: String,
    /// The digits behind the point, without zeros at the end.
    fraction: String,
}

impl Decimal {
    /// The number that `text` says in plain digits, with a sign, a fraction, both or neither: no
    /// exponent, and nothing between the digits.
    pub fn read(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.is_empty() {
            return None;
        }
        if whole.is_empty() && !unsigned.starts_with('.') {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let is_zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: text.starts_with('-') && !is_zero,
            whole,
            fraction,
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Of two numbers without zeros in front the longer one is the larger; fractions compare as text.
        let size = |number: &Self| {
            (
                number.whole.len(),
                number.whole.clone(),
                number.fraction.clone(),
            )
        };
        match (self.negative, other.negative) {
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{}", self.fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn numbers_are_compared_exactly() {
        let ordered = [
            "-1000000000000000000000",
            "-10.5",
            "-10.05",
            "-9",
            "-0.1",
            "0",
            "0.09",
            ".1",
            "+9",
            "10",
            "79.99999999999999999999999",
            "80",
            "80.00000000000000000000001",
            "100",
        ];
        let read = |text: &str| Decimal::read(text).expect(text);
        for (place, text) in ordered.iter().enumerate() {
            for (other, beside) in ordered.iter().enumerate() {
                let said = read(text).cmp(&read(beside));
                assert_eq!(said, place.cmp(&other), "{text} {beside}");
            }
        }
        for (one, same) in [("080.0", "80"), ("-0.0", "0"), ("1.50", "1.5")] {
            assert_eq!(read(one), read(same));
            assert_eq!(read(one).to_string(), same);
        }
    }

    #[test]
    fn what_is_no_plain_number_is_none() {
        for text in [
            "", "-", ".", "5.", "1e3", "1,000", "0x10", "1_0", " 1", "1.2.3", "--1", "nan",
            "\u{664}",
        ] {
            assert_eq!(Decimal::read(text), None, "{text:?}");
        }
    }
}
