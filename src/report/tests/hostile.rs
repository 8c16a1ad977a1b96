//! Outcomes full of what an attacker would put into names, messages and manifests.

use super::samples;
use super::*;
use crate::engine::{CheckOutcome, Standing};
use crate::words::{Code, Finding, RepoPath, Source, Span};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[a-z ü日\t]{1,12}",
        prop::sample::select(vec![
            "::",
            "##[",
            "\n",
            "\r\n",
            "\r",
            ",",
            "%0A",
            "\x1b[2J",
            "\u{202e}",
            "\u{2028}",
            "\u{e0041}",
            "\u{feff}",
            "error ",
            "accepted",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn path() -> impl Strategy<Value = Option<RepoPath>> {
    prop::collection::vec(any::<u8>(), 1..12).prop_map(|bytes| RepoPath::new(bytes).ok())
}

prop_compose! {
    fn finding()(
        code in prop::sample::select(Code::ALL),
        message in text(),
        path in path(),
        labels in prop::collection::vec((0_usize..120, 0_usize..40, text()), 0..4),
        note in text(),
        hint in text(),
    ) -> Finding {
        let mut finding = Finding::new(code, message).note(note).hint(hint);
        finding.path = path;
        for (offset, length, text) in labels {
            finding = finding.label(Span::new(offset, length), text);
        }
        finding
    }
}

prop_compose! {
    fn outcome()(
        manifest in text(),
        name in text(),
        findings in prop::collection::vec(finding(), 0..4),
        remarks in prop::collection::vec(finding(), 0..2),
    ) -> CheckOutcome {
        let mut outcome = samples::check();
        let mut branch = samples::branch("core", Standing::Refused, findings);
        branch.branch = name.clone();
        branch.agent = Some(name.clone());
        outcome.basis.target = name;
        outcome.basis.manifest = Source { name: "main:ownership.yaml".into(), text: manifest };
        outcome.branches = vec![branch];
        outcome.remarks = remarks;
        outcome
    }
}

fn findings(outcome: &CheckOutcome) -> usize {
    outcome.branches[0].findings.len() + outcome.remarks.len()
}

proptest! {
    #[test]
    fn full_draws_anything_and_shows_nothing_raw(outcome in outcome(), unicode in any::<bool>()) {
        let style = Style { unicode, ..PLAIN };
        let text = show(&Report::Check(&outcome), Format::Full, style);
        let raw = |c: char| c != '\n' && crate::report::escape::deceives(c);
        prop_assert!(!text.chars().any(raw), "{text:?}");
        for finding in &outcome.remarks {
            prop_assert!(text.contains(finding.code.name()));
        }
    }

    #[test]
    fn concise_is_one_line_each(outcome in outcome()) {
        let text = show(&Report::Check(&outcome), Format::Concise, PLAIN);
        prop_assert_eq!(text.lines().count(), findings(&outcome) + 2);
        prop_assert_eq!(text.split(['\n', '\r', '\u{2028}', '\u{85}']).count(), findings(&outcome) + 3);
    }

    #[test]
    fn json_is_one_document_and_loses_nothing(outcome in outcome()) {
        let text = show(&Report::Check(&outcome), Format::Json, PLAIN);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let branch = &value["branches"][0];
        prop_assert_eq!(&branch["branch"], outcome.branches[0].branch.as_str());
        for (finding, written) in outcome.branches[0].findings.iter()
            .zip(branch["findings"].as_array().unwrap())
        {
            prop_assert_eq!(&written["message"], finding.message.as_str());
            if let Some(path) = &finding.path {
                let bytes = match written["path_bytes"].as_str() {
                    Some(hex) => unhex(hex),
                    None => written["path"].as_str().unwrap().as_bytes().to_vec(),
                };
                prop_assert_eq!(bytes, path.as_bytes());
            }
        }
    }

    #[test]
    fn github_sees_one_command_for_each_finding(outcome in outcome()) {
        let text = show(&Report::Check(&outcome), Format::Github, PLAIN);
        let (commands, plain): (Vec<_>, Vec<_>) =
            text.lines().partition(|line| line.trim_start().starts_with("::"));
        prop_assert_eq!(commands.len(), findings(&outcome));
        prop_assert_eq!(plain.len(), 2);
        prop_assert!(!text.contains("##[") && !text.contains('\r'));
        for command in commands {
            let rest = command.strip_prefix("::").unwrap();
            let (head, _) = rest.split_once("::").unwrap();
            let (name, properties) = head.split_once(' ').unwrap();
            prop_assert!(["error", "warning", "notice"].contains(&name));
            for property in properties.split(',') {
                let (key, _) = property.split_once('=').unwrap();
                let keys = ["file", "line", "endLine", "col", "endColumn", "title"];
                prop_assert!(keys.contains(&key), "{key}");
            }
        }
    }

    #[test]
    fn sarif_is_one_log_without_links_or_gaps(outcome in outcome()) {
        let text = show(&Report::Check(&outcome), Format::Sarif, PLAIN);
        prop_assert!(!text.contains("##["));
        let log: serde_json::Value = serde_json::from_str(&text).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        prop_assert_eq!(results.len(), findings(&outcome));
        let all = outcome.remarks.iter().chain(&outcome.branches[0].findings);
        for (result, finding) in results.iter().zip(all) {
            let shown = result["message"]["text"].as_str().unwrap();
            prop_assert!(!shown.chars().any(|c| c != '\n' && crate::report::escape::deceives(c)));
            let plain = shown.replace("\\\\", "").replace("\\[", "").replace("\\]", "");
            let plain = plain.replace("{{", "").replace("}}", "");
            prop_assert!(!plain.contains(['[', ']', '{', '}']), "{shown}");
            if let Some(path) = &finding.path {
                let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
                let bytes: Vec<u8> = percent_encoding::percent_decode_str(uri.as_str().unwrap()).collect();
                prop_assert_eq!(bytes, path.as_bytes());
            }
        }
    }

    #[test]
    fn markdown_is_one_heading_and_one_block(outcome in outcome()) {
        let text = show(&Report::Check(&outcome), Format::Markdown, PLAIN);
        let body = text.strip_prefix("### gate: exit code 1\n\n<pre>\n");
        let body = body.or_else(|| text.split_once("<pre>\n").map(|(_, body)| body)).unwrap();
        let body = body.strip_suffix("</pre>\n").unwrap();
        prop_assert!(!body.contains(['<', '>', '"', '\'']), "{body}");
        prop_assert!(!body.chars().any(|c| c != '\n' && crate::report::escape::deceives(c)));
        let entities = ["lt;", "gt;", "amp;", "quot;", "#39;"];
        let rest = body.split('&').skip(1);
        for piece in rest {
            prop_assert!(entities.iter().any(|entity| piece.starts_with(entity)), "{piece}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_branch_is_called_its_agent_has_its_lines(name in text(), note in text()) {
        let mut outcome = samples::status();
        let agent = &mut outcome.agents[0];
        agent.pieces[0].outcome.branch = name;
        agent.notes = vec![note];
        let report = Report::Status(&outcome);
        let raw = |c: char| c != '\n' && crate::report::escape::deceives(c);
        let full = show(&report, Format::Full, PLAIN);
        prop_assert!(!full.chars().any(raw), "{full:?}");
        for format in [Format::Concise, Format::Github] {
            let text = show(&report, format, PLAIN);
            prop_assert_eq!(text.lines().count(), 2, "{}", text);
            prop_assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
        }
        let line = show(&report, Format::Json, PLAIN);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let agent = &outcome.agents[0];
        let written = &value["agents"][0];
        prop_assert_eq!(&written["branches"][0]["branch"], agent.pieces[0].outcome.branch.as_str());
        prop_assert_eq!(&written["notes"][0], agent.notes[0].as_str());
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// The sentence, label and manifest of one finding in full.
fn excerpt(text: &str, span: Span) -> String {
    let mut failure = samples::failure();
    failure.findings = vec![Finding::new(Code::InvalidValue, "no").label(span, "here")];
    failure.source = Some(Source {
        name: "main:ownership.yaml".into(),
        text: text.into(),
    });
    show(&Report::Failure(&failure), Format::Full, PLAIN)
}

#[test]
fn an_empty_span_past_the_end_is_drawn_at_the_end() {
    for text in ["", "\n", "a: b", "a: b\n", "a: b\n\n\n", "\r\n", "ü"] {
        for offset in 0..12 {
            let drawn = excerpt(text, Span::new(offset, 0));
            assert!(drawn.contains("error[invalid-value]"), "{text:?} {offset}");
        }
        excerpt(text, Span::new(usize::MAX, usize::MAX));
    }
}

#[test]
fn odd_bytes_before_a_span_do_not_move_it() {
    let text = "a: \u{202e}\x1b[2J\u{200b} [x]\r\nb: y\r\n";
    let drawn = excerpt(text, Span::new(text.find("[x]").unwrap(), 3));
    insta::assert_snapshot!(drawn, @r"
    error[invalid-value]
      × no
       ╭─[main:ownership.yaml:1:11]
     1 │ a: \u{202e}\x1b[2J\u{200b} [x]
       ·                            ─┬─
       ·                             ╰── here
     2 │ b: y
       ╰────

    `gate explain invalid-value` says more
    ");
}

#[test]
fn labels_far_apart_do_not_print_what_is_between_them() {
    let lines: Vec<_> = (1..=90).map(|n| format!("line{n}: x\n")).collect();
    let text = lines.concat();
    let mut failure = samples::failure();
    let at = |what: &str| Span::new(text.find(what).unwrap(), what.len());
    failure.findings = vec![
        Finding::new(Code::Overlap, "two patterns meet")
            .label(at("line80"), "this")
            .label(at("line50"), "and that"),
    ];
    failure.source = Some(Source {
        name: "main:ownership.yaml".into(),
        text: text.clone(),
    });
    insta::assert_snapshot!(show(&Report::Failure(&failure), Format::Full, PLAIN), @r"
    error[overlap]
      × two patterns meet
        ╭─[main:ownership.yaml:50:1]
     49 │ line49: x
     50 │ line50: x
        · ───┬──
        ·    ╰── and that
     51 │ line51: x
        ╰────
        ╭─[main:ownership.yaml:80:1]
     79 │ line79: x
     80 │ line80: x
        · ───┬──
        ·    ╰── this
     81 │ line81: x
        ╰────

    `gate explain overlap` says more
    ");
}

proptest! {
    #[test]
    fn whatever_a_branch_is_called_that_holds_what_is_undone_it_has_no_line_of_its_own(name in text()) {
        let mut outcome = samples::undo();
        outcome.carriers[0].branch = name;
        let report = Report::Undo(&outcome);
        let raw = |c: char| c != '\n' && crate::report::escape::deceives(c);
        let full = show(&report, Format::Full, PLAIN);
        prop_assert!(!full.chars().any(raw), "{full:?}");
        for format in [Format::Concise, Format::Github] {
            let text = show(&report, format, PLAIN);
            prop_assert_eq!(text.lines().count(), 1, "{}", text);
            prop_assert!(!text.starts_with("::"));
        }
        let line = show(&report, Format::Json, PLAIN);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(&value["carriers"][0]["branch"], outcome.carriers[0].branch.as_str());
    }
}
