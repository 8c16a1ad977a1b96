//! Patterns and paths, one a line: `cargo +nightly fuzz run pattern`.

#![no_main]

#[path = "../../tests/fuzz/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::pattern(data));
