//! `gate explain`.

use super::args::Explain;
use super::terminal::Terminal;
use crate::engine::Outcome;
use crate::manifest::did_you_mean;
use crate::report::Report;
use crate::words::{Code, Explanation, Finding};

pub(super) fn run(arguments: &Explain, terminal: &Terminal) -> Outcome<u8> {
    let mut all = Explanation::all();
    let Some(name) = &arguments.code else {
        return Ok(terminal.show(&Report::Explain(&all)));
    };
    // As it is printed: `refused[CODE]`.
    let code = name.trim_end_matches(']').rsplit('[').next();
    let code = code.unwrap_or_default().to_ascii_lowercase();
    all.retain(|explanation| explanation.code.name() == code);
    if all.is_empty() {
        return Err(unknown(&code).into());
    }
    Ok(terminal.show(&Report::Explain(&all)))
}

fn unknown(name: &str) -> Box<Finding> {
    let names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    let finding = Finding::new(Code::Usage, format!("there is no code {name}"));
    Box::new(match did_you_mean(name, &names) {
        Some(question) => finding.hint(question),
        None => finding.hint("`gate explain` lists all codes"),
    })
}
