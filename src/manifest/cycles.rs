//! Agents that wait for each other.

use super::model::{Agent, AgentId};
use super::problems::Problems;
use crate::words::{Code, Finding};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Reports agents that depend on themselves, and every circle of dependencies once, with a label
/// on each member's dependency. (Not Tarjan's algorithm: petgraph's calls itself, and a chain of
/// thousands of agents would exhaust the stack.)
pub(super) fn check(agents: &[Agent], problems: &mut Problems<'_>) {
    let mut graph = DiGraph::<(), ()>::with_capacity(agents.len(), agents.len());
    for _ in agents {
        graph.add_node(());
    }
    for (index, agent) in agents.iter().enumerate() {
        for dependency in &agent.depends_on {
            if dependency.agent == AgentId(index) {
                let message = format!("the agent `{}` depends on itself", agent.id.value);
                problems.push(
                    Finding::new(Code::DependencyCycle, message)
                        .label(dependency.span, "this is the agent itself")
                        .hint("remove it from the list"),
                );
            } else {
                graph.add_edge(
                    NodeIndex::new(index),
                    NodeIndex::new(dependency.agent.0),
                    (),
                );
            }
        }
    }
    for component in kosaraju_scc(&graph) {
        if component.len() > 1 {
            let members = component.into_iter().map(NodeIndex::index).collect();
            problems.push(circle(agents, members));
        }
    }
}

fn circle(agents: &[Agent], mut members: Vec<usize>) -> Finding {
    members.sort_unstable();
    let mut edges = Vec::new();
    for &index in &members {
        let inside = |id: &AgentId| members.binary_search(&id.0).is_ok() && id.0 != index;
        for dependency in &agents[index].depends_on {
            if inside(&dependency.agent) {
                let (from, to) = (&agents[index], &agents[dependency.agent.0]);
                let text = format!("`{}` waits for `{}`", from.id.value, to.id.value);
                edges.push((dependency.span, text));
                break;
            }
        }
    }
    edges.sort();
    let names: Vec<String> = members
        .iter()
        .map(|&index| format!("`{}`", agents[index].id.value))
        .collect();
    let message = format!(
        "agents depend on each other in a circle: {}",
        names.join(", ")
    );
    let finding = Finding::new(Code::DependencyCycle, message)
        .hint("remove one of these dependencies, so that somebody can go first");
    edges
        .into_iter()
        .fold(finding, |finding, (span, text)| finding.label(span, text))
}
