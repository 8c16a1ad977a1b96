//! Texts of any bytes in a report, in every format. Used by a test and by a fuzz target.

use gate::engine::Failure;
use gate::report::{Format, Report, Style, render};
use gate::words::{Code, Finding, RepoPath, Source, Span};

/// Parts between empty lines: a message, a note, a hint, a path, and the manifest that a label
/// points into. Whatever they hold, nothing that deceives is printed, every format stays what it is,
/// and those for programs lose nothing.
pub(crate) fn escaping(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let mut parts = text.split("\n\n").map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let finding = Finding::new(Code::Protected, part());
    let mut finding = finding.note(part()).hint(part());
    finding.path = RepoPath::new(part().into_bytes()).ok();
    let manifest = part();
    let finding = finding.label(Span::new(data.len() % 7, data.len() % 11), part());
    let failure = Failure {
        source: Some(Source {
            name: "main:ownership.yaml".into(),
            text: manifest,
        }),
        ..Failure::new(finding.clone())
    };
    for format in Format::ALL {
        let text = show(&failure, *format);
        assert!(
            !text.contains("##[") && !text.contains("##vso["),
            "{text:?}"
        );
        let deceives = |c: char| c != '\n' && deceives(c);
        assert!(!text.contains(deceives), "{format:?}: {text:?}");
        match format {
            Format::Full => {}
            Format::Mermaid => assert!(text.lines().all(|line| line.starts_with("%% "))),
            Format::Dot => assert!(text.lines().all(|line| line.starts_with("// "))),
            Format::Concise => assert_eq!(text.lines().count(), 1, "{text:?}"),
            Format::Github => {
                assert_eq!(text.lines().count(), 1, "{text:?}");
                assert!(text.starts_with("::error "), "{text:?}");
            }
            Format::Json | Format::GithubMatrix => {
                let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                let written = &json["findings"][0];
                assert_eq!(written["message"], finding.message.as_str());
                assert_eq!(written["notes"][0], finding.notes[0].as_str());
            }
            Format::Sarif => {
                let log: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(1));
            }
            Format::Markdown => {
                let (_, body) = text.split_once("<pre>\n").expect("a block");
                let body = body.strip_suffix("</pre>\n").expect("its end");
                assert!(!body.contains(['<', '>', '"', '\'']), "{body:?}");
            }
        }
    }
}

fn show(failure: &Failure, format: Format) -> String {
    let style = Style {
        color: false,
        width: 80,
        unicode: true,
        token: 7,
    };
    let mut out = Vec::new();
    render(&Report::Failure(failure), format, style, &mut out).expect("a vector");
    String::from_utf8(out).expect("UTF-8")
}

/// What no output may hold: said here once more, apart from the code that sees to it.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
