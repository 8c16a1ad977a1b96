//! Trees, one by its raw bytes: `cargo +nightly fuzz run tree`.

#![no_main]

#[path = "../../tests/fuzz/tree.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::tree(data));
