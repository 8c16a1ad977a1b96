//! The layout of `gate plan`, and its two drawings: the names in them are those of agents, which
//! hold nothing that means anything there.

use super::view::count;
use crate::engine::{PlanOutcome, PlannedAgent};
use crate::manifest::Hours;
use std::io;

/// A wave of a plan: its agents, each with what is to be said of it. Nothing is escaped.
pub(super) struct Wave {
    /// Which it is, from 1.
    pub(super) number: usize,
    pub(super) agents: Vec<Planned>,
}

/// An agent of a wave.
pub(super) struct Planned {
    pub(super) name: String,
    /// `3-4 h`, if that is known.
    pub(super) hours: Option<String>,
    /// What is said of others: a few words, and their names.
    pub(super) others: Vec<(&'static str, String)>,
}

/// Lays out the waves.
pub(super) fn waves(plan: &PlanOutcome) -> Vec<Wave> {
    let waves = plan.waves.iter().enumerate();
    waves
        .map(|(at, agents)| Wave {
            number: at + 1,
            agents: agents.iter().map(planned).collect(),
        })
        .collect()
}

fn planned(agent: &PlannedAgent) -> Planned {
    let nobody = ["nobody".to_owned()];
    let beside = match agent.beside.as_deref() {
        Some([]) => &nobody,
        beside => beside.unwrap_or_default(),
    };
    let others = [
        ("after", &agent.depends_on[..]),
        ("beside", beside),
        ("shares paths with", &agent.shares),
    ];
    let others = others.into_iter().filter(|(_, names)| !names.is_empty());
    let others = others
        .map(|(what, names)| (what, names.join(", ")))
        .collect();
    Planned {
        name: agent.name.clone(),
        hours: agent.hours.map(hours),
        others,
    }
}

/// `a3-crypto: wave 2, 4-6 h, after a2-errors; beside a4-imports`: one agent in one line.
pub(super) fn line(wave: usize, agent: &Planned) -> String {
    let mut parts = vec![format!("wave {wave}")];
    parts.extend(agent.hours.clone());
    let others = agent.others.iter();
    parts.extend(others.map(|(what, names)| format!("{what} {names}")));
    format!("{}: {}", agent.name, parts.join("; "))
}

/// The sum: in which order, how long it takes, how many agents in how many waves.
pub(super) fn closing(plan: &PlanOutcome) -> Vec<String> {
    let mut lines = Vec::new();
    if !plan.order.is_empty() {
        lines.push(format!("merged in this order: {}", plan.order.join(", ")));
    }
    if plan.total.high > 0 {
        let (total, longest) = (hours(plan.total), hours(plan.longest));
        lines.push(format!(
            "{total} one after the other, {longest} on the longest path: {}",
            plan.path.join(", ")
        ));
    }
    if !plan.untimed.is_empty() && plan.total.high > 0 {
        let names = plan.untimed.join(", ");
        lines.push(format!("no hours are known of {names}: counted as none"));
    }
    if let Some((one, two)) = plan.apart.first() {
        let such = match plan.apart.len() {
            1 => format!("{one} and {two} work"),
            pairs => format!("{pairs} pairs, such as {one} and {two}, work"),
        };
        lines.push(format!(
            "waves and paths come from dependencies alone: by `beside`, {such} one after the other"
        ));
    }
    let agents = count(plan.order.len(), "agent");
    let waves = count(plan.waves.len(), "wave");
    lines.push(format!(
        "the plan of {} ({}): {agents} in {waves}",
        plan.basis.target, plan.basis.manifest.name
    ));
    lines
}

/// `3-4 h`, or `4 h` where both ends are the same.
fn hours(hours: Hours) -> String {
    let (low, high) = (number(hours.low), number(hours.high));
    if low == high {
        format!("{low} h")
    } else {
        format!("{low}-{high} h")
    }
}

/// Thousandths as a number with as many decimals as it needs.
fn number(thousandths: u64) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Writes the plan as a flow chart of Mermaid.
pub(super) fn mermaid(plan: &PlanOutcome, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (at, wave) in plan.waves.iter().enumerate() {
        writeln!(out, "  subgraph wave{0} [wave {0}]", at + 1)?;
        for agent in wave {
            let label = label(agent, "<br>");
            writeln!(out, "    {}[\"{label}\"]", node(plan, &agent.name))?;
        }
        writeln!(out, "  end")?;
    }
    for agent in plan.waves.iter().flatten() {
        for on in &agent.after {
            writeln!(out, "  {} --> {}", node(plan, on), node(plan, &agent.name))?;
        }
    }
    let path: Vec<_> = plan.path.iter().map(|name| node(plan, name)).collect();
    if plan.total.high > 0 {
        writeln!(out, "  classDef longest stroke-width:3px")?;
        writeln!(out, "  class {} longest", path.join(","))?;
    }
    Ok(())
}

/// Writes the plan as a graph for Graphviz.
pub(super) fn dot(plan: &PlanOutcome, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "digraph plan {{\n  rankdir=LR;\n  node [shape=box];")?;
    for wave in &plan.waves {
        writeln!(out, "  {{\n    rank=same;")?;
        for agent in wave {
            let label = label(agent, "\\n");
            let on_path = plan.total.high > 0 && plan.path.contains(&agent.name);
            let bold = if on_path { ", style=bold" } else { "" };
            writeln!(out, "    \"{}\" [label=\"{label}\"{bold}];", agent.name)?;
        }
        writeln!(out, "  }}")?;
    }
    for agent in plan.waves.iter().flatten() {
        for on in &agent.after {
            writeln!(out, "  \"{on}\" -> \"{}\";", agent.name)?;
        }
    }
    writeln!(out, "}}")
}

fn label(agent: &PlannedAgent, line_break: &str) -> String {
    match agent.hours {
        Some(time) => format!("{}{line_break}{}", agent.name, hours(time)),
        None => agent.name.clone(),
    }
}

/// The name of a node: names of agents hold dots and dashes, which Mermaid reads as arrows.
fn node(plan: &PlanOutcome, name: &str) -> String {
    let place = plan.order.iter().position(|other| other == name);
    format!("agent{}", place.map_or(0, |place| place + 1))
}
