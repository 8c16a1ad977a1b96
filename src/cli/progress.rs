//! Progress on standard error: lines that change on a terminal, one for each command that runs; one line
//! per event otherwise.

use super::terminal::Terminal;
use crate::engine::{Event, Progress};
use crate::report::escape_line;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Tells what the engine is doing.
pub(super) struct Narrator<'a> {
    terminal: &'a Terminal,
    /// `None` where it is no terminal that listens.
    lines: Option<Mutex<Lines>>,
}

/// What is shown on a terminal.
struct Lines {
    all: MultiProgress,
    /// What runs, by its number.
    lanes: BTreeMap<usize, ProgressBar>,
    /// How much is to come; only where several may run.
    to_come: Option<ProgressBar>,
}

impl<'a> Narrator<'a> {
    /// Tells of up to `jobs` commands at a time.
    pub(super) fn new(terminal: &'a Terminal, jobs: usize) -> Self {
        let lines = terminal.shows_progress().then(|| {
            let all = MultiProgress::new();
            let to_come = (jobs > 1).then(|| all.add(spinner()));
            Mutex::new(Lines {
                all,
                lanes: BTreeMap::new(),
                to_come,
            })
        });
        Self { terminal, lines }
    }
}

impl Progress for Narrator<'_> {
    fn event(&self, event: Event<'_>) {
        if let Some(lines) = &self.lines {
            locked(lines).event(event);
            return;
        }
        let line = match event {
            Event::Merging { branch } => format!("merging {branch}"),
            Event::Verifying {
                subject,
                command,
                left,
                ..
            } => format!("verifying {subject}: {command}{}", to_come(left)),
            Event::Verified { .. } => return,
        };
        self.terminal.note(&escape_line(&line));
    }
}

impl Lines {
    fn event(&mut self, event: Event<'_>) {
        let (number, line) = match event {
            Event::Merging { branch } => (0, format!("merging {branch}")),
            Event::Verifying {
                subject,
                command,
                left,
                lane,
            } => {
                let mut line = format!("verifying {subject}: {command}");
                match &self.to_come {
                    Some(bar) => bar.set_message(format!("{left} to come")),
                    None => line.push_str(&to_come(left)),
                }
                (lane, line)
            }
            Event::Verified { lane } => {
                if let Some(bar) = self.lanes.remove(&lane) {
                    bar.finish_and_clear();
                    self.all.remove(&bar);
                }
                return;
            }
        };
        // Above what is to come.
        let all = &self.all;
        let place = self.lanes.len();
        let bar = self.lanes.entry(number);
        let bar = bar.or_insert_with(|| all.insert(place, spinner()));
        // What is shown is how long this has been running.
        bar.reset_elapsed();
        bar.set_message(escape_line(&line));
    }
}

impl Drop for Narrator<'_> {
    fn drop(&mut self) {
        if let Some(lines) = &self.lines {
            let lines = locked(lines);
            let bars = lines.lanes.values().chain(&lines.to_come);
            bars.for_each(ProgressBar::finish_and_clear);
        }
    }
}

fn locked(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

fn to_come(left: usize) -> String {
    match left {
        0 => String::new(),
        left => format!(" ({left} to come)"),
    }
}

fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
