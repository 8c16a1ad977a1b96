//! Progress on standard error: a line that changes on a terminal, one line per event otherwise.

use super::terminal::Terminal;
use crate::engine::{Event, Progress};
use crate::report::escape_line;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Tells what the engine is doing.
pub(super) struct Narrator<'a> {
    terminal: &'a Terminal,
    spinner: Option<ProgressBar>,
}

impl<'a> Narrator<'a> {
    pub(super) fn new(terminal: &'a Terminal) -> Self {
        let spinner = terminal.shows_progress().then(|| {
            let style = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let spinner = ProgressBar::new_spinner().with_style(style);
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        });
        Self { terminal, spinner }
    }
}

impl Progress for Narrator<'_> {
    fn event(&self, event: Event<'_>) {
        let line = match event {
            Event::Merging { branch } => format!("merging {branch}"),
            Event::Verifying {
                subject,
                command,
                left: 0,
            } => format!("verifying {subject}: {command}"),
            Event::Verifying {
                subject,
                command,
                left,
            } => format!("verifying {subject}: {command} ({left} to come)"),
        };
        let line = escape_line(&line);
        match &self.spinner {
            Some(spinner) => {
                // What is shown is how long this has been running.
                spinner.reset_elapsed();
                spinner.set_message(line);
            }
            None => self.terminal.note(&line),
        }
    }
}

impl Drop for Narrator<'_> {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}
