//! The walls of the house: no room uses one that stands above it.

use gate::words::Code;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up.
const ROOMS: &[&str] = &[
    "words",
    "manifest",
    "ownership",
    "verdict",
    "plan",
    "repo",
    "engine",
    "report",
    "cli",
];

/// The rooms that know no git, no files, no clock and no threads.
const PURE: &[&str] = &["words", "manifest", "ownership", "verdict", "plan"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Every line of a room that is code, with its file.
fn lines(room: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room);
    let files: Vec<_> = sources(&folder)
        .into_iter()
        .filter(|file| !is_test(file))
        .collect();
    assert!(!files.is_empty(), "no files in {room}");
    let code = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<_> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("//"))
            .map(|line| (file.clone(), line.to_owned()))
            .collect();
        lines
    };
    files.into_iter().flat_map(code).collect()
}

/// Whether a file is compiled for tests only, by the names that this house gives such files.
fn is_test(file: &Path) -> bool {
    let named = |name: &str| {
        file.file_stem()
            .is_some_and(|stem| stem.to_string_lossy().ends_with(name))
    };
    file.components().any(|part| part.as_os_str() == "tests") || named("tests") || named("testing")
}

#[track_caller]
fn nobody_says(room: &str, what: &str) {
    for (file, line) in lines(room) {
        assert!(!line.contains(what), "{}: {line}", file.display());
    }
}

#[test]
fn nobody_looks_upstairs() {
    for (floor, room) in ROOMS.iter().enumerate() {
        for above in &ROOMS[floor + 1..] {
            nobody_says(room, &format!("crate::{above}"));
        }
    }
}

#[test]
fn only_one_room_knows_git() {
    for room in ROOMS.iter().filter(|room| **room != "repo") {
        nobody_says(room, "gix");
        nobody_says(room, "Command::new(\"git\")");
    }
}

#[test]
fn pure_rooms_touch_nothing() {
    for room in PURE {
        for impure in [
            "std::fs",
            "std::process",
            "std::env",
            "std::thread",
            "rayon",
            "SystemTime",
            "Instant",
        ] {
            nobody_says(room, impure);
        }
    }
}

#[test]
fn only_the_engine_uses_threads() {
    for room in ROOMS.iter().filter(|room| **room != "engine") {
        nobody_says(room, "rayon");
        nobody_says(room, "thread::spawn");
    }
}

#[test]
fn only_one_place_writes_to_the_terminal() {
    for room in ROOMS.iter().filter(|room| **room != "cli") {
        for writes in ["println!", "eprintln!", "io::stdout", "io::stderr"] {
            nobody_says(room, writes);
        }
    }
    for (file, line) in lines("cli") {
        let is_the_place = file.ends_with("terminal.rs");
        assert!(
            is_the_place || !line.contains("stdout()"),
            "{}: {line}",
            file.display()
        );
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for room in ROOMS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room);
        for file in sources(&folder) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 400, "{} has {lines} lines", file.display());
        }
    }
}

/// Whether the code that stands before `rest` in a line is made there, and not looked for.
fn is_raised(before: &str, rest: &str) -> bool {
    let compared = before.ends_with("== ") || before.ends_with("!= ");
    let matched = before.contains("matches!(") || rest.trim_start().starts_with("=>");
    !compared && !matched
}

#[test]
fn every_code_is_raised_somewhere() {
    let mut raising = Vec::new();
    for room in ROOMS
        .iter()
        .filter(|room| !["words", "report"].contains(room))
    {
        let lines = lines(room);
        for of_file in lines.chunk_by(|one, other| one.0 == other.0) {
            let code = of_file.iter().map(|(_, line)| line);
            raising.extend(code.take_while(|line| *line != "mod tests {").cloned());
        }
    }
    for code in Code::ALL {
        let name = format!("Code::{code:?}");
        let raised = raising.iter().any(|line| {
            line.match_indices(&name).any(|(at, _)| {
                let rest = &line[at + name.len()..];
                !rest.starts_with(char::is_alphanumeric) && is_raised(&line[..at], rest)
            })
        });
        assert!(raised, "nothing raises {}", code.name());
    }
}
