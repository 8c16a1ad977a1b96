//! The rows about what branches change.

use super::Result;
use super::race::{Race, alone, gate, git, output, peak_memory, race, shell};
use super::repository::{Repository, feed};
use gate::repo::Repo;
use gate::words::ObjectId;
use serde_json::Value;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// What a branch comes to, by name: how many paths or commits.
type Counts = Vec<(String, u64)>;

/// All branches judged by what they add up to, beside a `git diff` for each.
pub(super) fn net(repository: &Repository) -> Result<Race> {
    let script = "while read -r b; do echo \"= $b\"; \
                  git diff --no-renames --name-only main...$b; done < agent-branches";
    race(
        || checked(repository, "paths"),
        || listed(&output(&mut shell(&repository.path, script), &[0])?),
    )
}

/// All branches judged by each of their commits, beside a `git log` for each.
pub(super) fn every_commit(repository: &Repository) -> Result<Race> {
    let script = "while read -r b; do echo \"= $b\"; \
                  git log --no-renames --format=:%H --name-only main..$b; done < agent-branches";
    race(
        || checked(repository, "commits"),
        || {
            let lines = output(&mut shell(&repository.path, script), &[0])?;
            let commits = lines.lines().filter(|line| line.starts_with(['=', ':']));
            listed(&commits.collect::<Vec<_>>().join("\n"))
        },
    )
}

/// How many paths or commits gate says that each branch has, whether it is accepted or not.
fn checked(repository: &Repository, what: &str) -> Result<Counts> {
    let all = ["check", "branch", "--all", "--format", "json"];
    let printed = output(&mut gate(&repository.path, &all), &[0, 1])?;
    let document: Value = serde_json::from_str(&printed)?;
    let mut counts = Counts::new();
    for branch in document["branches"].as_array().into_iter().flatten() {
        let name = branch["branch"].as_str().unwrap_or_default().to_owned();
        counts.push((name, branch[what].as_u64().ok_or("a number")?));
    }
    counts.sort_unstable();
    Ok(counts)
}

/// How many lines follow each heading `= NAME`.
fn listed(text: &str) -> Result<Counts> {
    let mut counts = Counts::new();
    for line in text.lines() {
        match line.strip_prefix("= ") {
            Some(name) => counts.push((name.to_owned(), 0)),
            None => counts.last_mut().ok_or("a heading")?.1 += 1,
        }
    }
    counts.sort_unstable();
    Ok(counts)
}

/// One branch, beside a `git diff`.
pub(super) fn one_branch(repository: &Repository) -> Result<Race> {
    let branch = &repository.branches[repository.branches.len() / 2];
    let check = ["check", "branch", branch, "--format", "json"];
    let range = format!("main...{branch}");
    race(
        || {
            let text = output(&mut gate(&repository.path, &check), &[0])?;
            let document: Value = serde_json::from_str(&text)?;
            Ok(document["branches"][0]["paths"].as_u64())
        },
        || {
            let diff = ["diff", "--no-renames", "--name-only", &range];
            let text = output(&mut git(&repository.path, &diff), &[0])?;
            Ok(Some(text.lines().count() as u64))
        },
    )
}

/// Who may change a path, beside the least that a git can be asked.
pub(super) fn who(repository: &Repository) -> Result<Race> {
    let [path, owner] = repository.owned;
    let ask = ["who", path, "--format", "json"];
    let answer = output(&mut gate(&repository.path, &ask), &[0])?;
    if !answer.contains(&format!("\"{owner}\"")) {
        return Err(format!("gate does not know whose it is: {answer}").into());
    }
    race(
        || output(&mut gate(&repository.path, &ask), &[0]).map(drop),
        || output(&mut git(&repository.path, &["rev-parse", "HEAD"]), &[0]).map(drop),
    )
}

/// So often each difference is made, so that the clock of a child's CPU time can tell.
const REPEATED: usize = 10;

/// The differences alone, in one process, with merge bases known: CPU time.
pub(super) fn diffs(repository: &Repository) -> Result<Race> {
    let open = || Repo::open(&repository.path).map_err(|finding| finding.to_string());
    let mut pairs = Vec::new();
    for branch in &repository.branches {
        let range = ["merge-base", "main", branch];
        let base = output(&mut git(&repository.path, &range), &[0])?;
        let tip = output(&mut git(&repository.path, &["rev-parse", branch]), &[0])?;
        pairs.push([base.trim().to_owned(), tip.trim().to_owned()]);
    }
    let mut input = String::new();
    for [base, tip] in &pairs {
        writeln!(input, "{base} {tip}")?;
    }
    std::fs::write(repository.path.join("pairs"), &input)?;
    let tree = |hex: &str| -> Result<ObjectId> {
        let name = format!("{hex}^{{tree}}");
        id(&output(
            &mut git(&repository.path, &["rev-parse", &name]),
            &[0],
        )?)
    };
    let mut trees = Vec::new();
    for [base, tip] in &pairs {
        trees.push([tree(base)?, tree(tip)?]);
    }
    let mut gate = Vec::new();
    let mut reference = Vec::new();
    for _ in 0..5 {
        // Each time by somebody who has read nothing yet.
        let repos = (0..REPEATED).map(|_| open());
        let repos: Vec<_> = repos.collect::<std::result::Result<_, _>>()?;
        let before = cpu_time(MINE)?;
        let mut found = 0;
        for repo in &repos {
            for [base, tip] in &trees {
                let changes = repo.diff(Some(*base), *tip);
                found += changes.map_err(|finding| finding.to_string())?.len();
            }
        }
        gate.push(cpu_time(MINE)?.saturating_sub(before));
        let before = cpu_time(CHILDRENS)?;
        let mut listed = 0;
        for _ in 0..REPEATED {
            listed += git_diffs(&repository.path)?;
        }
        reference.push(cpu_time(CHILDRENS)?.saturating_sub(before));
        if listed != found {
            return Err(format!("gate finds {found} changes, git {listed}").into());
        }
    }
    gate.sort_unstable();
    reference.sort_unstable();
    Ok(Race {
        gate: gate[2],
        reference: reference[2],
    })
}

fn git_diffs(folder: &Path) -> Result<usize> {
    let diff_tree = [
        "diff-tree",
        "--stdin",
        "-r",
        "--no-renames",
        "--name-only",
        "--no-commit-id",
    ];
    let pairs = std::fs::File::open(folder.join("pairs"))?;
    let printed = git(folder, &diff_tree)
        .stdin(pairs)
        .stderr(Stdio::inherit())
        .output()?;
    // It repeats each pair of commits in front of its paths.
    let asked = std::fs::read_to_string(folder.join("pairs"))?;
    let asked: HashSet<&str> = asked.lines().collect();
    let lines = String::from_utf8(printed.stdout)?;
    Ok(lines.lines().filter(|line| !asked.contains(line)).count())
}

/// The fields of `/proc/self/stat` with the time of this process, and of those that it has waited for.
const MINE: [usize; 2] = [11, 12];
const CHILDRENS: [usize; 2] = [13, 14];

/// CPU time in user and kernel, in clock ticks of 10 ms; Linux only.
fn cpu_time(fields: [usize; 2]) -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = text.rsplit_once(')').ok_or("no statistics")?;
    let words: Vec<_> = rest.split_whitespace().collect();
    let mut ticks = 0;
    for field in fields {
        ticks += words.get(field).ok_or("no such field")?.parse::<u64>()?;
    }
    Ok(Duration::from_millis(ticks * 10))
}

/// The id that is written so.
pub(super) fn id(hex: &str) -> Result<ObjectId> {
    let digits: Vec<_> = hex.trim().chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16);
    let bytes: std::result::Result<Vec<_>, _> = digits.chunks(2).map(byte).collect();
    Ok(ObjectId::from_bytes(&bytes?).ok_or("no id")?)
}

/// What is staged, beside `git diff --cached`.
pub(super) fn staged(files: usize) -> Result<Race> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    output(
        &mut git(path, &["init", "--quiet", "--initial-branch=main"]),
        &[0],
    )?;
    let rules = "version: 1\nagents:\n  one: {branch: agent/one, owns: [d0/]}\n";
    let mut stream = format!(
        "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx\n\
         M 644 inline ownership.yaml\ndata {}\n{rules}\nblob\nmark :1\ndata 1\n1\n",
        rules.len()
    );
    // The blob has to stand before the commit that names it.
    let blob = "blob\nmark :1\ndata 1\n1\n";
    stream = format!("{blob}{}", stream.trim_end_matches(blob));
    for number in 0..files {
        writeln!(
            stream,
            "M 644 :1 d{}/e{}/f{number}",
            number % 100,
            number / 100 % 20
        )?;
    }
    writeln!(
        stream,
        "\nreset refs/heads/agent/one\nfrom refs/heads/main\n"
    )?;
    feed(path, &["fast-import", "--quiet"], &stream)?;
    output(
        &mut git(path, &["symbolic-ref", "HEAD", "refs/heads/agent/one"]),
        &[0],
    )?;
    output(&mut git(path, &["reset", "--quiet", "--hard"]), &[0])?;
    for number in 0..5 {
        std::fs::write(path.join(format!("d0/e0/new{number}")), "new")?;
    }
    output(&mut git(path, &["add", "d0"]), &[0])?;
    race_staged(path)
}

/// What is staged in a clone of the repository, in which a branch of it is checked out.
pub(super) fn staged_above(repository: &Repository) -> Result<Race> {
    let folder = tempfile::tempdir()?;
    let source = repository.path.to_string_lossy();
    let clone = ["clone", "--quiet", "--shared", &source, "clone"];
    output(&mut git(folder.path(), &clone), &[0])?;
    let path = folder.path().join("clone");
    let branch = &repository.branches[0];
    // Where the target is, so that the verdict is about what is staged.
    let switch = ["checkout", "--quiet", "-B", branch, "origin/main"];
    output(&mut git(&path, &switch), &[0])?;
    let [owned, _] = repository.owned;
    let mine = owned.replacen("0042", "0000", 1);
    let mine = path.join(mine);
    let place = mine.parent().ok_or("a directory")?;
    std::fs::create_dir_all(place)?;
    for number in 0..5 {
        std::fs::write(place.join(format!("new{number}")), "new")?;
    }
    output(&mut git(&path, &["add", "."]), &[0])?;
    race_staged(&path)
}

fn race_staged(path: &Path) -> Result<Race> {
    race(
        || {
            let check = ["check", "staged", "--format", "json"];
            let document: Value = serde_json::from_str(&output(&mut gate(path, &check), &[0])?)?;
            Ok(document["branches"][0]["paths"].as_u64())
        },
        || {
            let diff = ["diff", "--cached", "--no-renames", "--name-only"];
            Ok(Some(
                output(&mut git(path, &diff), &[0])?.lines().count() as u64
            ))
        },
    )
}

/// The most memory of a check of all branches, in bytes.
pub(super) fn peak(repository: &Repository) -> Result<u64> {
    let all = ["check", "branch", "--all", "--format", "json"];
    peak_memory(&mut gate(&repository.path, &all))
}

/// How long a check of all branches takes.
pub(super) fn check(repository: &Repository) -> Result<Duration> {
    alone(|| checked(repository, "paths"))
}
