//! Texts in reports: `cargo +nightly fuzz run escaping`.

#![no_main]

#[path = "../../tests/fuzz/escaping.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::escaping(data));
