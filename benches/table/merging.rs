//! The rows about merging branches.

use super::Result;
use super::race::{Race, gate, git, output, race, shell};
use super::repository::{Repository, Size, feed};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

/// The tips that were merged, in their order, with whether it went well.
fn merged(document: &Value) -> Result<Vec<(String, bool)>> {
    let mut tips = Vec::new();
    for branch in document["branches"].as_array().into_iter().flatten() {
        let is_merged = branch["standing"] == "merged";
        if is_merged || branch["findings"][0]["code"] == "conflict" {
            tips.push((branch["tip"].as_str().ok_or("a tip")?.to_owned(), is_merged));
        }
    }
    Ok(tips)
}

/// Disjoint branches put together and written out, beside a merge and a commit by git for each.
pub(super) fn integrate(repository: &Repository) -> Result<Race> {
    let path = &repository.path;
    let run = ["integrate", "--format", "json"];
    let document: Value = serde_json::from_str(&output(&mut gate(path, &run), &[0])?)?;
    let tips = merged(&document)?;
    if tips.len() != repository.branches.len() {
        return Err(format!("only {} branches are merged", tips.len()).into());
    }
    let list: Vec<_> = tips.iter().map(|(tip, _)| tip.as_str()).collect();
    std::fs::write(path.join("tips"), list.join("\n") + "\n")?;
    let script = "commit=$(git rev-parse main); while read -r tip; do \
                  tree=$(git merge-tree --write-tree $commit $tip) && \
                  commit=$(git commit-tree $tree -p $commit -p $tip -m merge) || exit; \
                  done < tips; git update-ref refs/heads/by-git $commit";
    let tree = |branch: &str| {
        let name = format!("{branch}^{{tree}}");
        output(&mut git(path, &["rev-parse", &name]), &[0])
    };
    // Each round writes all of it anew.
    let forget = || -> Result<()> {
        let reset = [
            "for-each-ref",
            "--format=delete %(refname)",
            "refs/gate",
            "refs/heads/gate",
            "refs/heads/by-git",
        ];
        feed(
            path,
            &["update-ref", "--stdin"],
            &output(&mut git(path, &reset), &[0])?,
        )?;
        output(
            &mut git(
                path,
                &["-c", "gc.reflogExpire=now", "reflog", "expire", "--all"],
            ),
            &[0],
        )?;
        output(&mut git(path, &["prune", "--expire=now"]), &[0])?;
        output(&mut git(path, &["repack", "-a", "-d", "-q"]), &[0])?;
        Ok(())
    };
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..3 {
        forget()?;
        let start = Instant::now();
        output(&mut gate(path, &run), &[0])?;
        times[0].push(start.elapsed());
        let ours = tree("gate/integration")?;
        forget()?;
        let start = Instant::now();
        output(&mut shell(path, script), &[0])?;
        times[1].push(start.elapsed());
        if ours != tree("by-git")? {
            return Err("gate and git make different trees".into());
        }
    }
    for times in &mut times {
        times.sort_unstable();
    }
    Ok(Race {
        gate: times[0][1],
        reference: times[1][1],
    })
}

/// The last merges of a repository as branches of somebody who may change everything, put together
/// without verification, beside `git merge-tree --stdin` over the same pairs.
pub(super) fn merges(source: &Path) -> Result<Race> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("repo.git");
    let clone = ["clone", "--quiet", "--bare", "--shared"];
    let mut clone = git(folder.path(), &clone);
    output(clone.arg(source).arg("repo.git"), &[0])?;
    let read = |arguments: &[&str]| output(&mut git(&path, arguments), &[0]);
    let log = [
        "log",
        "--first-parent",
        "--merges",
        "--max-parents=2",
        "--format=%P",
        "--max-count=200",
    ];
    let log = read(&log)?;
    let parents: Vec<_> = log
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    let (base, _) = *parents.last().ok_or("no merges")?;
    let rules = "version: 1\nhistory: net\nunowned: allow\nagents:\n  all: {branch: agent/*, owns: [no-such-directory/]}\n";
    let mut script = read(&["for-each-ref", "--format=delete %(refname)"])?;
    for (number, (_, tip)) in parents.iter().rev().enumerate() {
        writeln!(script, "create refs/heads/agent/{number:03} {tip}")?;
    }
    feed(&path, &["update-ref", "--no-deref", "--stdin"], &script)?;
    read(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
    let stream = format!(
        "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 5\nrules\nfrom {base}\n\
         M 644 inline ownership.yaml\ndata {}\n{rules}\n",
        rules.len()
    );
    feed(&path, &["fast-import", "--quiet"], &stream)?;
    read(&["commit-graph", "write", "--reachable", "--no-progress"])?;
    // Its merges must be there for git to begin with.
    let kept = ["integrate", "--format", "json"];
    let document: Value = serde_json::from_str(&output(&mut gate(&path, &kept), &[0, 1])?)?;
    let mut onto = read(&["rev-parse", "main"])?.trim().to_owned();
    let mut pairs = String::new();
    for branch in document["branches"].as_array().into_iter().flatten() {
        let tip = branch["tip"].as_str().ok_or("a tip")?;
        let is_merged = branch["standing"] == "merged";
        if is_merged || branch["findings"][0]["code"] == "conflict" {
            writeln!(pairs, "{onto} {tip}")?;
        }
        if let Some(merge) = branch["merge"].as_str() {
            merge.clone_into(&mut onto);
        }
    }
    std::fs::write(path.join("pairs"), &pairs)?;
    let again = ["integrate", "--dry-run", "--format", "json"];
    race(
        || {
            let text = output(&mut gate(&path, &again), &[0, 1])?;
            let fates = merged(&serde_json::from_str(&text)?)?;
            Ok(fates
                .into_iter()
                .map(|(_, clean)| clean)
                .collect::<Vec<_>>())
        },
        || {
            let text = output(
                &mut shell(&path, "git merge-tree --stdin --no-messages < pairs"),
                &[0],
            )?;
            // Each answer begins with whether it is clean, between zero bytes.
            let mut words = text.split('\0').peekable();
            let mut clean = Vec::new();
            while let Some(word) = words.next() {
                match word {
                    "1" | "0" => clean.push(word == "1"),
                    _ => continue,
                }
                // The tree, and the files in conflict up to an empty word.
                for rest in words.by_ref() {
                    if rest.is_empty() {
                        break;
                    }
                }
            }
            Ok(clean)
        },
    )
}

/// Who will conflict with whom, beside `clash status`, which wants a work tree for each branch.
pub(super) fn conflicts() -> Result<Option<Race>> {
    if output(std::process::Command::new("clash").arg("--version"), &[0]).is_err() {
        return Ok(None);
    }
    let size = Size {
        files: 5_000,
        branches: 21,
        agents: 21,
        patterns: 21,
    };
    let bare = Repository::generated(size, "net")?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("main");
    let source = bare.path.to_string_lossy();
    output(
        &mut git(folder.path(), &["clone", "--quiet", &source, "main"]),
        &[0],
    )?;
    for (number, branch) in bare.branches.iter().enumerate() {
        let place = format!("../tree{number}");
        output(
            &mut git(&path, &["worktree", "add", "--quiet", &place, branch]),
            &[0],
        )?;
    }
    let memory = path.join(".git/gate/conflicts");
    let ours = || {
        // As if for the first time.
        if memory.exists() {
            std::fs::remove_dir_all(&memory).or_else(|_| std::fs::remove_file(&memory))?;
        }
        output(&mut gate(&path, &["conflicts", "--format", "json"]), &[0])
    };
    let theirs = || {
        let mut clash = std::process::Command::new("clash");
        output(clash.current_dir(&path).args(["status", "--json"]), &[0])
    };
    race(|| ours().map(drop), || theirs().map(drop)).map(Some)
}
