//! Every manifest that comes with gate is one that gate accepts.

use gate::manifest::{FILE_NAME, Manifest, decode, parse};
use std::fs;
use std::path::{Path, PathBuf};

const SYSTEMS: [(&str, usize); 5] = [
    ("bulletproof", 4),
    ("fleet", 10),
    ("nofx", 3),
    ("runebook", 7),
    ("tusklang", 5),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Manifest {
    let name = path.display().to_string();
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    decode(&name, &bytes)
        .and_then(parse)
        .unwrap_or_else(|findings| panic!("{name}: {findings:#?}"))
}

#[test]
fn the_five_systems_have_valid_manifests_with_all_their_agents() {
    for (system, agents) in SYSTEMS {
        let manifest = read(&root().join("fixtures").join(system).join(FILE_NAME));
        assert_eq!(manifest.agents.len(), agents, "{system}");
        assert!(!manifest.verify.is_empty(), "{system}");
    }
}

#[test]
fn no_system_is_left_out() {
    let folders = fs::read_dir(root().join("fixtures")).unwrap();
    let mut folders: Vec<_> = folders.map(|entry| entry.unwrap().file_name()).collect();
    folders.sort();
    assert_eq!(folders, SYSTEMS.map(|(system, _)| system));
}

#[test]
fn gates_own_manifest_is_valid() {
    read(&root().join(FILE_NAME));
}
