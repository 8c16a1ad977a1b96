//! The document of `gate plan`.

use super::{BasisBody, Finding, findings};
use crate::engine::{PlanOutcome, PlannedAgent};
use crate::manifest;
use crate::report::places::Places;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Plan<'a> {
    basis: BasisBody<'a>,
    agents: Vec<Agent<'a>>,
    order: &'a [String],
    total: Hours,
    longest: Hours,
    longest_path: &'a [String],
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Agent<'a> {
    #[serde(rename = "agent")]
    name: &'a str,
    branches: &'a [String],
    wave: usize,
    hours: Option<Hours>,
    after: &'a [String],
    depends_on: &'a [String],
    beside: Option<&'a [String]>,
    shares_with: &'a [String],
}

#[derive(Serialize)]
struct Hours {
    low: f64,
    high: f64,
}

impl<'a> Plan<'a> {
    pub(super) fn new(outcome: &'a PlanOutcome) -> Self {
        let waves = outcome.waves.iter().enumerate();
        let agents = waves.flat_map(|(at, wave)| {
            wave.iter().map(move |planned: &PlannedAgent| Agent {
                name: &planned.name,
                branches: &planned.branches,
                wave: at + 1,
                hours: planned.hours.map(Hours::new),
                after: &planned.after,
                depends_on: &planned.depends_on,
                beside: planned.beside.as_deref(),
                shares_with: &planned.shares,
            })
        });
        Self {
            basis: BasisBody::new(&outcome.basis),
            agents: agents.collect(),
            order: &outcome.order,
            total: Hours::new(outcome.total),
            longest: Hours::new(outcome.longest),
            longest_path: &outcome.path,
            findings: findings(&Places::new(&outcome.basis.manifest), &outcome.findings),
        }
    }
}

impl Hours {
    #[expect(clippy::cast_precision_loss, reason = "there are no so many hours")]
    fn new(hours: manifest::Hours) -> Self {
        Self {
            low: hours.low as f64 / 1000.0,
            high: hours.high as f64 / 1000.0,
        }
    }
}
