//! Branches and HEAD, by their full names only.

use super::commit;
use super::git::failure;
use super::open::Repo;
use super::published::{self, Publication};
use crate::words::{Code, Finding, ObjectId, Result, quote};
use bstr::ByteSlice;
use std::collections::BTreeMap;

/// Where branches are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `refs/heads/`.
    Local,
    /// `refs/remotes/` of the remote with this name.
    Remote(String),
}

impl Scope {
    /// The full name of the branch `short`.
    pub fn full_name(&self, short: &str) -> String {
        format!("{}{short}", self.prefix())
    }

    /// The short name of a branch that somebody named: as it is, or by its full name here.
    pub fn short_name<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(&self.prefix()).unwrap_or(name)
    }

    fn prefix(&self) -> String {
        match self {
            Self::Local => "refs/heads/".into(),
            Self::Remote(remote) => format!("refs/remotes/{remote}/"),
        }
    }
}

/// What HEAD says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch by its short name, and its commit unless it is unborn.
    Branch(String, Option<ObjectId>),
    /// A commit and no branch; so it is also in the middle of a rebase.
    Detached(ObjectId),
}

/// The branches of a scope, as they stood when they were listed.
#[derive(Clone)]
pub struct Branches {
    pub(super) scope: Scope,
    /// Whether these are all that there are.
    pub(super) complete: bool,
    /// By their short names.
    pub(super) listed: BTreeMap<String, Listed>,
    /// What agents have published, by full names.
    pub(super) published: BTreeMap<String, Listed>,
}

impl Branches {
    /// These, whatever others there are; nothing is published.
    pub(super) fn few(scope: Scope, listed: BTreeMap<String, Listed>) -> Self {
        Self {
            scope,
            complete: false,
            listed,
            published: BTreeMap::new(),
        }
    }

    /// Whether these are all that there are.
    pub fn are_all(&self) -> bool {
        self.complete
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Their short names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.listed.keys().map(String::as_str)
    }
}

/// A ref as git lists it.
#[derive(Clone)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) id: Result<ObjectId>,
}

impl Repo {
    /// The commit that the branch `short` points at, or `None` if there is no such branch.
    ///
    /// # Errors
    /// [`Code::SymbolicBranch`] if it stands for another ref, [`Code::NotACommit`] if it points at
    /// something else, a tag included.
    pub fn branch(&self, scope: &Scope, short: &str) -> Result<Option<ObjectId>> {
        let branches = self.branches_like(scope, &[&scope.full_name(short)])?;
        self.tip(&branches, short)
    }

    /// Every branch of this scope, and what agents have published.
    pub fn branches(&self, scope: &Scope) -> Result<Branches> {
        let prefix = scope.prefix();
        let places = [prefix.as_str()].into_iter().chain(published::PLACES);
        self.branches_like(scope, &places.collect::<Vec<_>>())
    }

    /// What [`Repo::branch`] says of `short`, as it stood when `branches` were listed.
    pub fn tip(&self, branches: &Branches, short: &str) -> Result<Option<ObjectId>> {
        if let Some(listed) = branches.listed.get(short) {
            return self.commit_of(listed.clone()).map(Some);
        }
        if !branches.complete {
            return self.branch(&branches.scope, short);
        }
        // git lists no symbolic ref that leads nowhere.
        let name = branches.scope.full_name(short);
        match self.target_of(&name)? {
            Some(target) => Err(symbolic(&name, &target)),
            None => Ok(None),
        }
    }

    fn branches_like(&self, scope: &Scope, patterns: &[&str]) -> Result<Branches> {
        let prefix = scope.prefix();
        let mut branches = BTreeMap::new();
        let mut published = BTreeMap::new();
        for listed in self.list(patterns)? {
            if Publication::of_ref(&listed.name).is_some() {
                published.insert(listed.name.clone(), listed);
                continue;
            }
            // The remote's own HEAD is a pointer to one of its branches, not a branch.
            let is_head = |short: &str| matches!(scope, Scope::Remote(_)) && short == "HEAD";
            let short = listed.name.strip_prefix(&prefix);
            if let Some(short) = short.filter(|short| !is_head(short)) {
                branches.insert(short.to_owned(), listed);
            }
        }
        Ok(Branches {
            scope: scope.clone(),
            complete: true,
            listed: branches,
            published,
        })
    }

    /// The object that the ref `full_name` points at, whatever it is; `None` if there is no such ref.
    pub fn any_ref(&self, full_name: &str) -> Result<Option<ObjectId>> {
        let listed = self.list(&[full_name])?;
        let found = listed.into_iter().find(|listed| listed.name == full_name);
        found.map(|listed| listed.id).transpose()
    }

    /// Where each of these refs is, as they stood at the same moment.
    pub(super) fn positions(&self, names: &[&str]) -> Result<Vec<Option<ObjectId>>> {
        let listed = self.list(names)?;
        let position = |name: &&str| {
            let found = listed.iter().find(|listed| listed.name == **name);
            found.map(|listed| listed.id.clone()).transpose()
        };
        names.iter().map(position).collect()
    }

    /// Every ref whose full name begins with `prefix`, which ends in a slash, sorted by name.
    pub fn refs_below(&self, prefix: &str) -> Result<Vec<(String, Result<ObjectId>)>> {
        let listed = self.list(&[prefix])?;
        Ok(listed
            .into_iter()
            .map(|listed| (listed.name, listed.id))
            .collect())
    }

    /// What HEAD says.
    pub fn head(&self) -> Result<Head> {
        let short = self.plain_head();
        let few = short.and_then(|short| self.few_branches(&Scope::Local, &[&short]));
        self.head_among(&few.map_or_else(|| self.branches(&Scope::Local), Ok)?)
    }

    /// The same, where the local branches have been listed already.
    pub fn head_among(&self, local: &Branches) -> Result<Head> {
        if let Some(short) = self.plain_head() {
            let commit = self.tip(local, &short)?;
            return Ok(Head::Branch(short, commit));
        }
        if let Some(name) = self.target_of("HEAD")? {
            let Some(short) = name.strip_prefix("refs/heads/") else {
                return Err(symbolic("HEAD", &name));
            };
            let commit = self.tip(local, short)?;
            return Ok(Head::Branch(short.into(), commit));
        }
        let git = self.git("rev-parse").args(["--verify", "HEAD^{commit}"]);
        let commit = commit::from_hex(&git.run()?);
        let unknown = || Finding::error(Code::Git, "`git rev-parse` answered something unknown");
        commit.map(Head::Detached).ok_or_else(unknown)
    }

    /// The branch that a rebase in progress is about to move, by its short name: until it ends,
    /// HEAD is detached, and what is committed there becomes that branch's work.
    pub fn rebased_branch(&self) -> Result<Option<String>> {
        for state in ["rebase-merge", "rebase-apply"] {
            let path = self.git_dir.join(state).join("head-name");
            match std::fs::read(&path) {
                // Something else than a branch was rebased: git says `detached HEAD` then.
                Ok(name) => {
                    let name = name.trim_end().to_str_lossy();
                    return Ok(name.strip_prefix("refs/heads/").map(str::to_owned));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(super::objects::input_output("read", &path, &error)),
            }
        }
        Ok(None)
    }

    /// Whether git knows a remote of this name, or has branches of one.
    pub fn has_remote(&self, remote: &str) -> Result<bool> {
        let known = self.git("remote").run()?;
        let scope = Scope::Remote(remote.to_owned());
        Ok(known.lines().any(|line| line == remote.as_bytes())
            || !self.branches(&scope)?.is_empty())
    }

    /// What the ref `name` stands for, if it is symbolic.
    pub(super) fn target_of(&self, name: &str) -> Result<Option<String>> {
        let output = self.git("symbolic-ref").args(["--quiet", name]).output()?;
        match output.status.code() {
            Some(0) => Ok(Some(output.stdout.trim_end().to_str_lossy().into_owned())),
            Some(1) => Ok(None),
            // What git says of a name that no ref can have.
            _ if output.stderr.contains_str("No such ref") => Ok(None),
            _ => Err(failure("git symbolic-ref", &output)),
        }
    }

    pub(super) fn commit_of(&self, listed: Listed) -> Result<ObjectId> {
        let id = listed.id?;
        match self.commit(id) {
            Ok(_) => Ok(id),
            Err(error) if error.code == Code::NotACommit => {
                let message = format!("{} does not point at a commit", listed.name);
                let finding = Finding::new(Code::NotACommit, message).note(error.message);
                Err(Box::new(
                    finding.hint("move the branch to the commit that is meant"),
                ))
            }
            Err(error) => Err(error),
        }
    }

    /// The refs that are called as one of `patterns`, or stand below it. git leaves out what it takes for
    /// broken and only warns; here that is the reason why a ref has no id.
    pub(super) fn list(&self, patterns: &[&str]) -> Result<Vec<Listed>> {
        const FORMAT: &str = "%(refname)%00%(objectname)%00%(symref)";
        let output = self
            .git("for-each-ref")
            .args(["--format", FORMAT])
            .args(patterns)
            .output()?;
        if !output.status.success() {
            return Err(failure("git for-each-ref", &output));
        }
        let mut listed = Vec::new();
        for line in output.stdout.lines() {
            let fields: Vec<&[u8]> = line.split_str("\0").collect();
            let [name, id, target] = fields[..] else {
                return Err(unknown_answer());
            };
            if let Err(error) = name.to_str() {
                let finding = not_text(name).because(&error);
                let (name, id) = (name.to_str_lossy().into_owned(), Err(Box::new(finding)));
                listed.push(Listed { name, id });
                continue;
            }
            let name = name.to_str_lossy().into_owned();
            let id = if target.is_empty() {
                commit::from_hex(id).ok_or_else(unknown_answer)
            } else {
                Err(symbolic(&name, &target.to_str_lossy()))
            };
            listed.push(Listed { name, id });
        }
        let complaints = output.stderr.to_str_lossy();
        listed.extend(complaints.lines().filter_map(left_out));
        Ok(listed)
    }
}

/// The ref that git says it left out, if this line of its standard error is about one.
fn left_out(line: &str) -> Option<Listed> {
    let (_, name) = line.split_once("ignoring broken ref ")?;
    let name = name.trim().to_owned();
    let finding = Finding::new(Code::BrokenObject, format!("the ref {name} is broken")).note(line);
    let id = Err(Box::new(
        finding.hint("run `git fsck` to see what is damaged"),
    ));
    Some(Listed { name, id })
}

/// The refusal of a ref by its name: two of that kind could not be told apart.
fn not_text(name: &[u8]) -> Finding {
    let message = format!("the name of the ref {} is not UTF-8", quote(name));
    Finding::new(Code::BrokenObject, message)
        .hint("give it another name: `git branch --move OLD NEW`")
}

pub(super) fn symbolic(name: &str, target: &str) -> Box<Finding> {
    let finding = Finding::new(Code::SymbolicBranch, format!("{name} stands for {target}"));
    Box::new(finding.hint("name the branch that it stands for"))
}

fn unknown_answer() -> Box<Finding> {
    Finding::error(Code::Git, "git answered something unknown about refs")
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
        result.expect_err("an error").code
    }

    #[test]
    fn branches_are_found_by_their_full_names_only() {
        let repo = TestRepo::new();
        let id = repo.commit("first");
        repo.git(&["branch", "agent/a"]);
        repo.git(&["tag", "agent/b"]);
        repo.git(&["update-ref", "refs/remotes/origin/agent/c", "HEAD"]);
        repo.git(&["symbolic-ref", "refs/heads/link", "refs/heads/main"]);
        repo.git(&["symbolic-ref", "refs/heads/loose", "refs/heads/nowhere"]);
        repo.git(&["tag", "-a", "-m", "t", "annotated"]);
        std::fs::write(
            repo.path.join(".git/refs/heads/tagged"),
            repo.git(&["rev-parse", "annotated"]),
        )
        .expect("written");
        std::fs::write(repo.path.join(".git/refs/heads/broken"), "no id").expect("written");
        std::fs::write(repo.path.join(".git/refs/heads/gone"), "1".repeat(40)).expect("written");
        let opened = repo.open();
        let local = |name| opened.branch(&Scope::Local, name);
        assert_eq!(local("agent/a"), Ok(Some(id)));
        assert_eq!(local("main"), Ok(Some(id)));
        for name in ["agent", "agent/b", "agent/c", "a", "heads/main", "*", "a b"] {
            assert_eq!(local(name), Ok(None), "{name}");
        }
        assert_eq!(
            opened.branch(&Scope::Remote("origin".into()), "agent/c"),
            Ok(Some(id))
        );
        assert_eq!(code(local("link")), Code::SymbolicBranch);
        assert_eq!(code(local("loose")), Code::SymbolicBranch);
        assert_eq!(code(local("tagged")), Code::NotACommit);
        assert_eq!(code(local("broken")), Code::BrokenObject);
        assert_eq!(code(local("gone")), Code::MissingObject);
        let all = opened.branches(&Scope::Local).expect("branches");
        let names: Vec<_> = all.names().collect();
        assert_eq!(
            names,
            ["agent/a", "broken", "gone", "link", "main", "tagged"]
        );
    }

    #[test]
    fn head_is_a_branch_born_or_not_or_a_commit() {
        let repo = TestRepo::new();
        assert_eq!(repo.open().head(), Ok(Head::Branch("main".into(), None)));
        let id = repo.commit("first");
        assert_eq!(
            repo.open().head(),
            Ok(Head::Branch("main".into(), Some(id)))
        );
        repo.git(&["checkout", "-q", "--detach"]);
        assert_eq!(repo.open().head(), Ok(Head::Detached(id)));
    }

    #[test]
    fn refs_in_tables_are_found_as_well() {
        let repo = TestRepo::new();
        if !repo
            .try_git(&["refs", "migrate", "--ref-format=reftable"])
            .status
            .success()
        {
            return; // This git is too old to know them.
        }
        let id = repo.commit("first");
        assert_eq!(repo.open().branch(&Scope::Local, "main"), Ok(Some(id)));
        let head = repo.open().head().expect("a branch");
        assert!(matches!(head, Head::Branch(name, Some(_)) if name == "main"));
    }
}
