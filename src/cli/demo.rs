//! `gate demo`: one of the five systems, played in a temporary repository.

use super::args::Demo;
use super::progress::Narrator;
use super::terminal::Terminal;
use super::{open, signals, supervise, unwritable};
use crate::engine::{
    self, BranchOutcome, Context, Destination, Options, Outcome, Selection, Standing, System,
    Terms, Trust,
};
use crate::report::Report;
use crate::words::{Code, Finding, shell_word};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Demo, terminal: &Terminal) -> Outcome<u8> {
    let system = System::named(&arguments.system)?;
    if !terminal.is_for_people() {
        let finding = Finding::new(Code::Usage, "a demo is for people: it has no such format");
        return Err(Box::new(finding.hint("use --format full or --format concise")).into());
    }
    let folder = tempfile::Builder::new()
        .prefix(&format!("gate-demo-{}-", system.name))
        .tempdir()
        .map_err(|error| unwritable("cannot make a temporary folder", &error))?
        .keep();
    system.build(&folder, &[system.intruder])?;
    play(system, &folder, terminal)?;
    Ok(0)
}

/// Shows a check with a refusal, integrates, and says what landed.
fn play(system: &System, folder: &Path, terminal: &Terminal) -> Outcome<()> {
    let say = |text: &str| {
        terminal
            .say(text)
            .map_err(|error| unwritable("cannot write to the terminal", &error))
    };
    let repo = Arc::new(open(folder)?);
    let options = Options::default();
    say(&format!(
        "{}: {}.\nIts repository is in {}\n\n$ gate check branch --all\n",
        system.name,
        system.about,
        folder.display()
    ))?;
    let context = Context::read(Arc::clone(&repo), &options)?;
    terminal.show(&Report::Check(&engine::check_branches(
        &context,
        &Selection::All,
    )?));
    say("\n$ gate integrate --land\n")?;
    let interrupt = signals::catch()?;
    let integrated = engine::integrate(
        &repo,
        &options,
        &Terms {
            destination: Destination::Target,
            all_or_nothing: false,
            tag: false,
            push: None,
            trust: Trust::default(),
        },
        &supervise::supervision(NonZeroUsize::MIN, None)?,
        &Narrator::new(terminal, 1),
        &interrupt,
    )?;
    terminal.show(&Report::Integrate(&integrated));
    // The program need not be on anybody's PATH yet.
    let gate = std::env::current_exe().map_or("gate".into(), |path| path.display().to_string());
    // What is wrong with it is its last commit.
    let is_out = |branch: &&BranchOutcome| branch.standing == Standing::Ejected;
    let mended = integrated.branches.iter().filter(is_out).map(|branch| {
        let name = shell_word(&branch.branch);
        format!("  git branch -f {name} {name}~1 && {gate} integrate --land\n")
    });
    say(&format!(
        "\nGo on playing:\n  cd {}\n  git log --graph --oneline main gate/integration\n{}  \
         {gate} who ownership.yaml\n",
        folder.display(),
        mended.collect::<String>()
    ))
}
