//! The rows about merging branches.

use super::Result;
use super::race::{Race, gate, git, output, race, shell};
use super::repository::{Repository, data, feed, person};
use super::rows::id;
use gate::engine::merge_each;
use gate::repo::{Merge, Repo};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
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

/// How many of the last merges are made again.
const LAST: &str = "--max-count=200";

/// A bare clone that shares its objects, and the parents of the last merges of two parents each, the
/// newest first.
fn with_merges(source: &Path, folder: &Path) -> Result<(PathBuf, Vec<[String; 2]>)> {
    let path = folder.join("repo.git");
    let mut clone = git(folder, &["clone", "--quiet", "--bare", "--shared"]);
    output(clone.arg(source).arg("repo.git"), &[0])?;
    let log = [
        "log",
        "--first-parent",
        "--merges",
        "--max-parents=2",
        "--format=%P",
        LAST,
    ];
    let log = output(&mut git(&path, &log), &[0])?;
    let parents = log.lines().map(|line| {
        let (first, second) = line.split_once(' ').ok_or("a merge has two parents")?;
        Ok([first.to_owned(), second.to_owned()])
    });
    let parents = parents.collect::<Result<Vec<_>>>()?;
    let graph = ["commit-graph", "write", "--reachable", "--no-progress"];
    output(&mut git(&path, &graph), &[0])?;
    Ok((path, parents))
}

/// Whether a merge is clean, and its tree.
type Merged = (bool, String);

/// `git merge-tree` of what stands in the file `pairs`, its objects in a folder of their own.
fn merge_tree(path: &Path) -> Result<Vec<Merged>> {
    let script = "rm -rf new && mkdir new && GIT_OBJECT_DIRECTORY=new GIT_ALTERNATE_OBJECT_DIRECTORIES=objects \
                  git merge-tree --stdin --no-messages < pairs";
    let text = output(&mut shell(path, script), &[0])?;
    // Each answer: whether it is clean, the tree, the files in conflict up to an empty word.
    let mut words = text.split('\0');
    let mut merged = Vec::new();
    while let Some(word) = words.next() {
        if !matches!(word, "1" | "0") {
            continue;
        }
        let tree = words.next().ok_or("a tree")?.to_owned();
        merged.push((word == "1", tree));
        for rest in words.by_ref() {
            if rest.is_empty() {
                break;
            }
        }
    }
    Ok(merged)
}

/// The parents of each of the last merges merged again: by gate's engine in one process, beside
/// `git merge-tree --stdin`. Both write into a quarantine.
pub(super) fn pairs(source: &Path) -> Result<Race> {
    let folder = tempfile::tempdir()?;
    let (path, parents) = with_merges(source, folder.path())?;
    let lines = parents.iter().map(|pair| pair.join(" ") + "\n");
    std::fs::write(path.join("pairs"), lines.collect::<String>())?;
    let ids = parents
        .iter()
        .map(|[one, other]| Ok((id(one)?, id(other)?)));
    let ids = ids.collect::<Result<Vec<_>>>()?;
    let by_gate = || {
        let answers = Repo::open(&path)
            .and_then(|repo| merge_each(&repo.quarantine()?, &ids))
            .map_err(|finding| finding.to_string())?;
        let merged = answers.into_iter().map(|merge| match merge {
            Merge::Clean { tree } => Ok((true, tree.to_string())),
            Merge::Conflict { tree, .. } => Ok((false, tree.to_string())),
            Merge::Unrelated => Err("unrelated histories".into()),
        });
        merged.collect::<Result<Vec<_>>>()
    };
    race(by_gate, || merge_tree(&path))
}

/// The second parents of the last merges as branches of somebody who may change everything, put together
/// on the oldest first parent without verification, the whole process; beside `git merge-tree --stdin` over
/// the merges that this comes to.
pub(super) fn queue(source: &Path) -> Result<Race> {
    let folder = tempfile::tempdir()?;
    let (path, parents) = with_merges(source, folder.path())?;
    let read = |arguments: &[&str]| output(&mut git(&path, arguments), &[0]);
    let [base, _] = parents.last().ok_or("no merges")?;
    let rules = "version: 1\nhistory: net\nunowned: allow\nagents:\n  \
                 all: {branch: agent/*, owns: [no-such-directory/], trusted_with: [\"**\"]}\n";
    let mut script = read(&["for-each-ref", "--format=delete %(refname)"])?;
    for (number, [_, tip]) in parents.iter().rev().enumerate() {
        writeln!(script, "create refs/heads/agent/{number:03} {tip}")?;
    }
    feed(&path, &["update-ref", "--no-deref", "--stdin"], &script)?;
    read(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
    let stream = format!(
        "commit refs/heads/main\n{}from {base}\nM 644 inline ownership.yaml\n{}",
        person(0),
        data(rules)
    );
    feed(&path, &["fast-import", "--quiet"], &stream)?;
    read(&["commit-graph", "write", "--reachable", "--no-progress"])?;
    // Its merges must be there for git to begin with.
    let kept = ["integrate", "--format", "json"];
    let document: Value = serde_json::from_str(&output(&mut gate(&path, &kept), &[0, 1])?)?;
    let mut onto = read(&["rev-parse", "main"])?.trim().to_owned();
    let (mut pairs, mut trees) = (String::new(), Vec::new());
    for branch in document["branches"].as_array().into_iter().flatten() {
        let tip = branch["tip"].as_str().ok_or("a tip")?;
        if let Some(merge) = branch["merge"].as_str() {
            writeln!(pairs, "{onto} {tip}")?;
            merge.clone_into(&mut onto);
            let tree = read(&["rev-parse", &format!("{merge}^{{tree}}")])?;
            trees.push(Some(tree.trim().to_owned()));
        } else if branch["findings"][0]["code"] == "conflict" {
            writeln!(pairs, "{onto} {tip}")?;
            trees.push(None);
        }
    }
    std::fs::write(path.join("pairs"), &pairs)?;
    let again = ["integrate", "--dry-run", "--format", "json"];
    race(
        || {
            let text = output(&mut gate(&path, &again), &[0, 1])?;
            let fates = merged(&serde_json::from_str(&text)?)?;
            if fates.len() != trees.len() {
                return Err("gate has merged others than the first time".into());
            }
            let fates = fates.into_iter().zip(&trees);
            Ok(fates
                .map(|((_, is_clean), tree)| is_clean.then(|| tree.clone()).flatten())
                .collect::<Vec<_>>())
        },
        || {
            let merged = merge_tree(&path)?.into_iter();
            Ok(merged
                .map(|(is_clean, tree)| is_clean.then_some(tree))
                .collect())
        },
    )
}
