//! Objects that git itself would not write.

use super::{check, repo, undecided};
use crate::support::{Commit, TestRepo};

/// Writes an object without a check of its content, and returns its id.
fn object(repo: &TestRepo, kind: &str, data: &[u8]) -> String {
    let arguments = ["hash-object", "-t", kind, "-w", "--stdin", "--literally"];
    repo.git_with_input(&arguments, data)
}

fn bytes(id: &str) -> Vec<u8> {
    let digits = id.as_bytes().chunks(2);
    digits
        .map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

/// The data of a tree with these entries, each a mode, a name and an id.
fn tree(entries: &[(&str, &[u8], &str)]) -> Vec<u8> {
    let mut data = Vec::new();
    for (mode, name, id) in entries {
        data.extend_from_slice(mode.as_bytes());
        data.push(b' ');
        data.extend_from_slice(name);
        data.push(0);
        data.extend(bytes(id));
    }
    data
}

/// Puts `core`, a tree, into the target's tree, as a commit on `agent/core`.
fn with_core(repo: &TestRepo, core: &str) {
    let listing = repo.git(&["ls-tree", "main"]);
    let others = listing.lines().filter(|line| !line.ends_with("\tcore"));
    let mut entries: Vec<_> = others.map(str::to_owned).collect();
    entries.push(format!("040000 tree {core}\tcore\n"));
    let root = repo.git_with_input(&["mktree", "--missing"], entries.join("\n").as_bytes());
    with_root(repo, &root);
}

fn with_root(repo: &TestRepo, root: &str) {
    let text = format!(
        "tree {root}\nparent {}\nauthor A <a@b> 1700000000 +0000\n\
         committer A <a@b> 1700000000 +0000\n\nx\n",
        repo.id("main")
    );
    let tip = object(repo, "commit", text.as_bytes());
    repo.git(&["update-ref", "refs/heads/agent/core", &tip]);
}

// One table: a row for each such entry.
#[test]
fn entries_that_git_never_writes() {
    let repo = repo();
    let blob = repo.git(&["rev-parse", "main:core/a.rs"]);
    let folder = repo.git(&["rev-parse", "main:ui"]);
    let null = "0".repeat(40);
    let (file, dir) = ("100644", "40000");
    let trees: &[&[(&str, &[u8], &str)]] = &[
        &[(file, b"a", &blob), (file, b"a", &blob)],
        &[(file, b"a", &blob), (dir, b"a", &folder)],
        &[
            (file, b"a", &blob),
            (file, b"a.b", &blob),
            (dir, b"a", &folder),
        ],
        &[(file, b"b", &blob), (file, b"a", &blob)],
        &[(dir, b"a", &folder), (file, b"a.b", &blob)],
        &[(file, b"", &blob)],
        &[(file, b".", &blob)],
        &[(dir, b"..", &folder)],
        &[(dir, b".git", &folder)],
        &[(dir, b".GIT", &folder)],
        &[(file, b".git", &blob)],
        &[(dir, b"git~1", &folder)],
        &[(dir, b"GIT~1", &folder)],
        &[(dir, b".git ", &folder)],
        &[(dir, b".git.", &folder)],
        &[(dir, b".git\\hooks", &folder)],
        &[(dir, b".git::$INDEX_ALLOCATION", &folder)],
        &[(dir, b".g\xe2\x80\x8cit", &folder)],
        &[(file, b"../ui/a.rs", &blob)],
        &[(file, b"a/b", &blob)],
        &[(file, b"/etc", &blob)],
        &[("100600", b"a", &blob)],
        &[("0", b"a", &blob)],
        &[("140000", b"a", &blob)],
        &[("160755", b"a", &blob)],
        &[("040000", b"a", &folder)],
        &[("0100644", b"a", &blob)],
        &[("100648", b"a", &blob)],
        &[("-100644", b"a", &blob)],
        &[("", b"a", &blob)],
        &[("777777777777777777777", b"a", &blob)],
        &[(file, b"a", &null)],
        &[(dir, b"a", &null)],
        &[("160000", b"a", &null)],
    ];
    for entries in trees {
        let core = object(&repo, "tree", &tree(entries));
        with_core(&repo, &core);
        undecided(&repo, "agent/core", "bad-tree");
    }
    // Cut short, and not a tree at all.
    let whole = tree(&[(file, b"a", &blob)]);
    for data in [
        &whole[..whole.len() - 1],
        b"100644 a",
        b"100644",
        b"mischief",
    ] {
        let core = object(&repo, "tree", data);
        with_core(&repo, &core);
        let run = check(&repo, "agent/core");
        assert_eq!(run.code, 3, "{data:?}: {}", run.stdout);
    }
}

#[test]
fn entries_of_another_type_than_they_say() {
    let repo = repo();
    let blob = repo.git(&["rev-parse", "main:core/a.rs"]);
    let folder = repo.git(&["rev-parse", "main:ui"]);
    let commit = repo.id("main");
    for (mode, id) in [
        ("40000", &blob),
        ("40000", &commit),
        ("100644", &folder),
        ("100644", &commit),
        ("120000", &folder),
    ] {
        let core = object(&repo, "tree", &tree(&[(mode, b"a", id)]));
        with_core(&repo, &core);
        let run = check(&repo, "agent/core");
        assert_eq!(run.code, 3, "{mode} {id}: {}", run.stdout);
        super::stays_out(&repo, "agent/core");
    }
}

#[test]
fn a_bad_tree_that_a_later_commit_removes() {
    let mut repo = repo();
    let blob = repo.git(&["rev-parse", "main:core/a.rs"]);
    let core = object(&repo, "tree", &tree(&[("100644", b"..", &blob)]));
    with_core(&repo, &core);
    let good = repo.git(&["rev-parse", "main^{tree}"]);
    let tip = repo.git(&["commit-tree", &good, "-p", "agent/core", "-m", "x"]);
    repo.git(&["update-ref", "refs/heads/agent/core", &tip]);
    undecided(&repo, "agent/core", "bad-tree");
    // And with something good on top of it.
    repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    undecided(&repo, "agent/core", "bad-tree");
}

#[test]
fn commits_that_are_broken() {
    let repo = repo();
    let (main, good) = (repo.id("main"), repo.git(&["rev-parse", "main^{tree}"]));
    let blob = repo.git(&["rev-parse", "main:core/a.rs"]);
    let people = "author A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\n";
    for text in [
        String::new(),
        format!("parent {main}\n{people}\nx\n"),
        format!("tree {blob}\nparent {main}\n{people}\nx\n"),
        format!("tree {main}\nparent {main}\n{people}\nx\n"),
        format!("tree {}\nparent {main}\n{people}\nx\n", "0".repeat(40)),
        format!("tree {}\nparent {main}\n{people}\nx\n", "1".repeat(40)),
        format!("tree {good}\nparent {}\n{people}\nx\n", "1".repeat(40)),
        format!("tree {good}\nparent {good}\n{people}\nx\n"),
        format!("tree {good}\nparent {blob}\n{people}\nx\n"),
        format!("tree {}\nparent {main}\n{people}\nx\n", &good[..39]),
        format!("tree  {good}\nparent {main}\n{people}\nx\n"),
        format!("tree {good}\nparent {main} \n{people}\nx\n"),
        format!("tree {good}\nparent {main}\n"),
        format!("tree {good}\nparent {main}\ncommitter A <a@b> 1 +0000\n\nx\n"),
        format!("tree {good}\nparent {main}\nauthor A <a@b> 1 +0000\n{people}\nx\n"),
        format!(
            "tree {good}\nauthor A <a@b> 1 +0000\nparent {main}\ncommitter A <a@b> 1 +0000\n\nx\n"
        ),
        format!("tree {good}\nparent {main}\n{people}\na\0b\n"),
        format!(
            "tree {good}\nparent {main}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 01 +0000\n\nx\n"
        ),
        format!(
            "tree {good}\nparent {main}\nauthor A a@b 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n"
        ),
    ] {
        let tip = object(&repo, "commit", text.as_bytes());
        let folder = repo.path().join(".git/refs/heads/agent");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("core"), format!("{tip}\n")).unwrap();
        let run = check(&repo, "agent/core");
        assert_eq!(run.code, 3, "{text}: {}{}", run.stdout, run.stderr);
        super::stays_out(&repo, "agent/core");
    }
}

#[test]
fn a_second_parent_line_hidden_behind_the_author() {
    // git reads parents only before the author; so does gate, or else it refuses to read.
    let mut repo = repo();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    let tree = repo.git(&["rev-parse", "agent/docs^{tree}"]);
    let text = format!(
        "tree {tree}\nparent {}\nauthor A <a@b> 1700000000 +0000\nparent {}\n\
         committer A <a@b> 1700000000 +0000\n\nx\n",
        repo.id("main"),
        repo.id("agent/docs")
    );
    let tip = object(&repo, "commit", text.as_bytes());
    repo.git(&["update-ref", "refs/heads/agent/core", &tip]);
    let run = check(&repo, "agent/core");
    assert!(matches!(run.code, 1 | 3), "{}", run.stdout);
}

#[test]
fn a_tree_bomb() {
    let repo = repo();
    let blob = repo.git(&["rev-parse", "main:core/a.rs"]);
    let mut id = blob;
    let mut mode = "100644";
    for _ in 0..10 {
        let names: Vec<String> = (0..10).map(|n| format!("f{n}")).collect();
        let entries: Vec<_> = names
            .iter()
            .map(|name| (mode, name.as_bytes(), id.as_str()))
            .collect();
        let data = tree(&entries);
        id = object(&repo, "tree", &data);
        mode = "40000";
    }
    with_core(&repo, &id);
    undecided(&repo, "agent/core", "too-large");
    // In another's area too, and where it replaces everything.
    with_root(&repo, &id);
    undecided(&repo, "agent/core", "too-large");
}

#[test]
fn a_bomb_of_directories_with_nothing_in_them() {
    let repo = repo();
    for levels in [1, 12] {
        let mut id = object(&repo, "tree", b"");
        for _ in 0..levels {
            let names: Vec<String> = (0..10).map(|n| format!("d{n}")).collect();
            let entries: Vec<_> = names
                .iter()
                .map(|name| ("40000", name.as_bytes(), id.as_str()))
                .collect();
            id = object(&repo, "tree", &tree(&entries));
        }
        with_core(&repo, &id);
        undecided(&repo, "agent/core", "bad-tree");
    }
}

#[test]
fn a_tree_that_is_very_deep() {
    let repo = repo();
    for (levels, code) in [(200, 0), (256, 3), (5_000, 3)] {
        let mut id = repo.git(&["rev-parse", "main:core/a.rs"]);
        let mut mode = "100644";
        // Written by one process: so many of them would take long.
        let mut stream = Vec::new();
        if levels <= 256 {
            for _ in 0..levels {
                id = object(&repo, "tree", &tree(&[(mode, b"d", &id)]));
                mode = "40000";
            }
            with_core(&repo, &id);
        } else {
            let path = vec!["d"; levels].join("/");
            stream.extend_from_slice(
                format!(
                    "reset refs/heads/agent/core\ncommit refs/heads/agent/core\n\
                     committer A <a> 1700000000 +0000\ndata 1\nx\nfrom {}\nM 644 inline core/{path}\ndata 1\nx\n",
                    repo.id("main")
                )
                .as_bytes(),
            );
            repo.import(&stream);
        }
        let run = check(&repo, "agent/core");
        assert_eq!(run.code, code, "{levels}: {}", run.stdout);
    }
}

#[test]
fn a_tree_that_is_very_wide() {
    let repo = repo();
    let blob = repo.git(&["rev-parse", "main:core/a.rs"]);
    for (count, code) in [(2_000, 0), (200_000, 0), (200_001, 3)] {
        // In place of what was there: two files of the target go.
        let names: Vec<_> = (0..count - 2).map(|n| format!("f{n:06}")).collect();
        let entries: Vec<_> = names
            .iter()
            .map(|name| ("100644", name.as_bytes(), blob.as_str()))
            .collect();
        let core = object(&repo, "tree", &tree(&entries));
        with_core(&repo, &core);
        let run = check(&repo, "agent/core");
        let shown = &run.stdout[..run.stdout.len().min(500)];
        assert_eq!(run.code, code, "{count}: {shown}");
    }
}

#[test]
fn names_and_paths_at_their_limits() {
    let repo = repo();
    let component = |n: usize| "x".repeat(n);
    let long = |total: usize| {
        let mut path = String::from("core");
        while path.len() < total {
            let next = (total - path.len() - 1).min(200);
            path.push('/');
            path.push_str(&component(next.max(1)));
        }
        path
    };
    for (path, code) in [
        (format!("core/{}", component(255)), 0),
        (format!("core/{}", component(256)), 3),
        (long(1024), 0),
        (long(1025), 3),
    ] {
        let stream = format!(
            "reset refs/heads/agent/core\ncommit refs/heads/agent/core\n\
             committer A <a> 1700000000 +0000\ndata 1\nx\nfrom {}\nM 644 inline {path}\ndata 1\nx\n",
            repo.id("main")
        );
        repo.import(stream.as_bytes());
        let run = check(&repo, "agent/core");
        assert_eq!(run.code, code, "{}: {}", path.len(), run.stdout);
    }
}
