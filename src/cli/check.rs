//! `gate check`.

use super::args::{Check, CheckBranch, CheckManifest, CheckReceive, CheckStaged};
use super::terminal::Terminal;
use super::{input, open};
use crate::engine::{self, Options, Outcome};
use crate::repo::Repo;
use crate::report::Report;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(check: &Check, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    match check {
        Check::Branch(branch) => branches(branch, place, terminal),
        Check::Staged(staged) => self::staged(staged, place, terminal),
        Check::Receive(receive) => self::receive(receive, place, terminal),
        Check::Manifest(manifest) => self::manifest(manifest, place, terminal),
    }
}

fn branches(arguments: &CheckBranch, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let mut options = arguments.place.options();
    let repo = Arc::new(open(place)?);
    if let Some(into) = &arguments.into {
        options.target = Some(engine::target_of_request(&repo, &options, into)?);
    }
    let context = engine::context_of(repo, &options, &arguments.selection(None))?;
    let into = arguments
        .into
        .as_deref()
        .map(|into| context.scope.short_name(into));
    let elsewhere = into.filter(|into| *into != context.basis.target);
    let selection = arguments.selection(elsewhere.map(str::to_owned));
    let outcome = engine::check_branches(&context, &selection)?;
    context.leave();
    Ok(terminal.show(&Report::Check(&outcome)))
}

fn staged(arguments: &CheckStaged, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let options = Options {
        target: arguments.target.clone(),
        remote: None,
    };
    let outcome = engine::check_staged(Arc::new(open(place)?), &options)?;
    Ok(terminal.show(&Report::Check(&outcome)))
}

fn receive(arguments: &CheckReceive, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let hint = "install it as the pre-receive hook of a repository on a server: git calls it";
    let pushed = input::that_is_piped("the refs that are pushed", hint)?;
    let options = Options {
        target: arguments.target.clone(),
        remote: None,
    };
    let repo = Arc::new(Repo::open_receiving(place)?);
    let outcome = engine::check_receive(repo, &options, &pushed)?;
    Ok(terminal.show(&Report::Check(&outcome)))
}

fn manifest(arguments: &CheckManifest, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let file = arguments.file.as_ref().map(|file| place.join(file));
    let repo = open(place)?;
    let options = arguments.place.options();
    let outcome = engine::check_manifest(&repo, &options, file.as_deref(), arguments.min_coverage)?;
    Ok(terminal.show(&Report::Manifest(&outcome)))
}
