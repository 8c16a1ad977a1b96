//! The document of `gate who`.

use super::{BasisBody, raw, text};
use crate::engine::{self, WhoLine, WhoOutcome};
use crate::report::places::Places;
use crate::words::Span;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Who<'a> {
    basis: BasisBody<'a>,
    paths: Vec<Asked<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    rule: Statement<'a>,
    may: Vec<Permission<'a>>,
    may_not: Option<Vec<Permission<'a>>>,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Permission<'a> {
    agent: &'a str,
    #[serde(flatten)]
    reason: Statement<'a>,
}

#[derive(Serialize)]
struct Statement<'a> {
    text: &'a str,
    line: Option<usize>,
    column: Option<usize>,
}

#[derive(Serialize)]
struct Line<'a> {
    key: &'static str,
    agent: Option<&'a str>,
    except: bool,
    pattern: &'a str,
    #[serde(flatten)]
    place: Place,
    decides: bool,
    taken_out_by: Option<Place>,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
}

impl<'a> Who<'a> {
    pub(super) fn new(outcome: &'a WhoOutcome) -> Self {
        let places = Places::new(&outcome.basis.manifest);
        let path = |who: &'a engine::WhoPath| Asked {
            path: text(&who.path),
            path_bytes: raw(&who.path),
            rule: Statement::new(&who.rule, &places),
            may: permissions(&who.may, &places),
            may_not: (!outcome.short).then(|| permissions(&who.may_not, &places)),
            lines: who
                .lines
                .iter()
                .map(|line| Line::new(line, &places))
                .collect(),
        };
        Self {
            basis: BasisBody::new(&outcome.basis),
            paths: outcome.paths.iter().map(path).collect(),
        }
    }
}

fn permissions<'a>(
    agents: &'a [(String, engine::Statement)],
    places: &Places<'_>,
) -> Vec<Permission<'a>> {
    let permission = |(agent, reason): &'a (String, engine::Statement)| Permission {
        agent,
        reason: Statement::new(reason, places),
    };
    agents.iter().map(permission).collect()
}

impl<'a> Statement<'a> {
    fn new(statement: &'a engine::Statement, places: &Places<'_>) -> Self {
        let place = statement.span.map(|span| Place::new(span, places));
        Self {
            text: &statement.text,
            line: place.as_ref().map(|place| place.line),
            column: place.map(|place| place.column),
        }
    }
}

impl<'a> Line<'a> {
    fn new(line: &'a WhoLine, places: &Places<'a>) -> Self {
        Self {
            key: line.key,
            agent: line.agent.as_deref(),
            except: line.exception,
            pattern: places.text(line.span),
            place: Place::new(line.span, places),
            decides: line.decides,
            taken_out_by: line.excepted_by.map(|span| Place::new(span, places)),
        }
    }
}

impl Place {
    fn new(span: Span, places: &Places<'_>) -> Self {
        let place = places.at(span.offset);
        Self {
            line: place.line,
            column: place.column,
        }
    }
}
