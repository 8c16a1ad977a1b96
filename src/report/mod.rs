//! The report room: outcomes in, text out. Renders, never decides.

mod escape;
mod format;

pub use format::Format;
