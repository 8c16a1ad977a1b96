//! Files whose rules cross each other, and how much is made of them.

use super::*;
use insta::assert_snapshot;

/// A line for each number; the owners take turns.
fn numbered(count: usize, owners: usize, pattern: impl Fn(usize) -> String) -> String {
    let line = |n| format!("{} @o{}\n", pattern(n), n % owners);
    (0..count).map(line).collect()
}

fn patterns(text: &str) -> usize {
    text.matches("  - ").count()
}

#[test]
fn rules_at_any_depth_are_written_together_where_they_are_exceptions() {
    // Each meets each: without that they would need 44,850 exceptions.
    type Kind = fn(usize) -> String;
    let kinds: [(Kind, &[&str]); 3] = [
        (
            |n| format!("svc{n}/"),
            &["svc7/svc9/x", "svc9/svc7/x", "svc3/y"],
        ),
        (|n| format!("f{n}.*"), &["f7.a/f9.b", "f9.a/f7.b", "a/f3.c"]),
        (
            |n| format!("*.ext{n}"),
            &["a.ext7/b.ext9", "a.ext9/b.ext7", "c.ext3"],
        ),
    ];
    for (kind, paths) in kinds {
        let translated = translate(&numbered(300, 300, kind), Dialect::Github, paths);
        translated.holds();
        let count = patterns(&translated.translation.text);
        assert!(count < 2_400, "{count} patterns");
    }
    let text = numbered(5, 5, |n| format!("svc{n}/"));
    let translated = translate(&text, Dialect::Github, &["svc1/svc3/a"]);
    let owned: Vec<&str> = translated.translation.text.lines().collect();
    let owned = owned.iter().filter(|line| line.contains("    - "));
    let owned: Vec<&str> = owned.map(|line| line.trim()).collect();
    assert_snapshot!(owned.join("\n"), @r#"
    - "**/svc0/"  # 1
    - "**/{svc1,svc2,svc3,svc4}/"  # 2-5
    - "**/svc1/"  # 2
    - "**/{svc2,svc3,svc4}/"  # 3-5
    - "**/svc2/"  # 3
    - "**/svc3/"  # 4
    - "**/svc4/"  # 5
    - "**/svc3/"  # 4
    - "**/svc4/"  # 5
    - "**/svc4/"  # 5
    "#);
}

#[test]
fn directories_are_written_together_where_they_are_repeated() {
    let rules = (0..20).map(|n| format!("*.ext{n} @ext{n}\n"));
    let directories = (0..40).map(|n| format!("/src/mod{n}/ @mod{n}\n"));
    let text: String = rules.chain(directories).collect();
    let paths = ["src/mod3/a.ext7", "a.ext7", "src/a.ext3"];
    let translated = translate(&text, Dialect::Github, &paths);
    translated.holds();
    let count = patterns(&translated.translation.text);
    assert!(count < 140, "{count} patterns");
}

#[test]
fn what_sections_have_in_common_needs_no_exceptions_of_its_own() {
    let text = "\
* @admin
docs/ @docs
*.md @writers
[Back]
*.rb @back
lib/ @libs
spec/ @qa
config/ @ops
[Front]
*.js @front
*.vue @front @vue
assets/ @design
spec/ @front
[Data]
db/ @dba
*.sql @dba
migrations/ @dba @ops
";
    let paths = [
        "a",
        "docs/lib/a.md",
        "lib/docs/a.rb",
        "spec/assets/a.js",
        "db/migrations/spec/a.sql",
        "migrations/db/lib/docs/a.vue",
        "assets/config/docs/db/x",
    ];
    let translated = translate(text, Dialect::Gitlab, &paths);
    translated.holds();
    let count = patterns(&translated.translation.text);
    assert!(count < 900, "{count} patterns");
}

/// The refusal of a file.
fn refused(text: String, dialect: Dialect) -> Finding {
    let source = Source {
        name: "CODEOWNERS".into(),
        text,
    };
    let codeowners = Codeowners::parse(source, dialect);
    let error = codeowners.translate("main", &[]).expect_err("too many");
    assert_eq!(error.code, Code::CodeownersUnsaid);
    *error
}

#[test]
fn patterns_with_many_possibilities_are_matched_in_time() {
    // They take a matcher ages which tries one possibility after the other.
    let pattern = format!("/{}x", "**/a*a*a*a/".repeat(40));
    let text = format!("{pattern} @o\n");
    let path = format!("{}b", "aaaaaa/".repeat(60));
    translate(&text, Dialect::Gitlab, &[&path]).holds();
}

#[test]
#[ignore = "too much for a build without optimisation: .ci/proof runs it"]
fn rules_that_all_cross_each_other_are_refused_with_their_lines() {
    let error = refused(
        numbered(1_500, 1_500, |n| format!("a{n}/")),
        Dialect::Github,
    );
    assert_eq!(error.labels.len(), 3);
    let note = "lines 1-1415: each can match what 707 or more of the others match";
    assert_eq!(error.notes, [note]);
    refused(numbered(16_000, 9, |n| format!("f{n}.*")), Dialect::Github);
    refused(numbered(3_000, 3, |n| format!("*.ext{n}")), Dialect::Github);
    // Sections of which each rule meets each of the others.
    let sections =
        (0..6).map(|s| format!("[S{s}]\n") + &numbered(12, 12, |n| format!("d{s}x{n}/")));
    let error = refused(sections.collect(), Dialect::Gitlab);
    let note = "lines 2-13, 15-26, 28-39, 41-52, 54-65, 67-78: each can match what 30 or more of the \
                others match";
    assert_eq!(error.notes, [note]);
}
