//! Files by hand, and what becomes of them.

use super::*;
use insta::assert_snapshot;

#[test]
fn patterns_of_github_are_said_as_patterns_of_a_manifest() {
    for (pattern, said) in [
        ("*", "**"),
        ("**", "**"),
        ("/*", "*"),
        ("*.md", "**/*.md{,/}"),
        ("docs", "**/docs{,/}"),
        ("docs/", "**/docs/"),
        ("/docs", "docs{,/}"),
        ("/docs/", "docs/"),
        ("docs/*", "docs/*"),
        ("docs/**", "docs/"),
        ("docs/**/*", "docs/"),
        ("docs/**/", "docs/**/*/"),
        ("**/logs", "**/logs{,/}"),
        ("/a/**/b", "a/**/b{,/}"),
        ("a**b", "**/a*b{,/}"),
        ("/a?b", "a?b{,/}"),
        ("/a\\ b/", "a b/"),
        ("/a\\*b/", "a[*]b/"),
        ("/{a,b}/", "[{]a,b[}]/"),
        ("/ü/", "ü/"),
    ] {
        let shape = dialect::github(pattern).expect(pattern);
        assert_eq!(shape.text().as_deref(), Some(said), "{pattern}");
    }
}

#[test]
fn patterns_of_gitlab_are_said_as_patterns_of_a_manifest() {
    for (pattern, said) in [
        ("*", "**"),
        ("/*", "*"),
        ("*.md", "**/*.md"),
        ("docs", "**/docs"),
        ("docs/", "**/docs/"),
        ("/docs", "docs"),
        ("/docs/", "docs/"),
        ("/docs/*", "docs/*"),
        ("/docs/**", "docs/*"),
        ("/docs/**/*", "docs/"),
        ("/docs/**/*.md", "docs/**/*.md"),
        ("path\\ with\\ spaces/", "**/path with spaces/"),
        ("\\#file", "**/#file"),
        ("/[a-c]x", "[a-c]x"),
        ("/[^a]", "[^a]"),
        ("/{a,b}", "[{]a,b[}]"),
    ] {
        let shape = dialect::gitlab(pattern).expect(pattern);
        assert_eq!(shape.text().as_deref(), Some(said), "{pattern}");
    }
}

#[test]
fn the_dialect_is_that_of_the_directory_or_of_the_sections() {
    for (path, text, expected) in [
        ("/r/.github/CODEOWNERS", "[A]\n", Dialect::Github),
        ("/r/.gitlab/CODEOWNERS", "* @a\n", Dialect::Gitlab),
        ("/r/CODEOWNERS", "* @a\n", Dialect::Github),
        (
            "/r/docs/CODEOWNERS",
            "* @a\n^[Docs][2] @b\n",
            Dialect::Gitlab,
        ),
        (".github", "* @a\n", Dialect::Github),
    ] {
        assert_eq!(Dialect::recognise(path, text), expected, "{path}");
    }
}

#[test]
fn nothing_is_dropped() {
    let text = "\
* @org/all
!a @org/x
[ab]c @org/x
\\#d @org/x
/e @org/x nobody
/f//g @org/x
/h
/i/ @org/x @org/y # both
/j/ someone@example.org
/k/./l @org/x
/m?/ @org/x
/n/ @org/x
/n/ @org/y
/.git/ @org/x
/o\\\\p @org/x
";
    let translated = translate(text, Dialect::Github, &["z"]);
    translated.holds();
    assert_snapshot!(translated.remarks().join("\n"), @r#"
    line 2: `!a`: GitHub does not support `!` in a pattern and skips the line
    line 3: `[ab]c`: GitHub does not support `[ ]` in a pattern and skips the line
    line 4: `\#d`: GitHub does not support a `\` before `#` and skips the line
    line 5: `nobody` is no owner, so GitHub skips the line: it has no effect
    line 6: `/f//g`: no file of git is like that: a segment is empty (`//`)
    line 7: it names no owner: what it matches belongs to nobody
    line 8: it has several owners: any of them may change what it matches, which is a `shared` entry
    line 9: `someone@example.org` is a person, and has an agent `someone` now
    line 10: `/k/./l`: no file of git is like that: a segment is `.` or `..`
    line 11: `?` stands for one byte in a manifest; letters outside ASCII have several
    line 12: line 13 covers all that it matches: it has no effect
    line 14: `/.git/`: no file of git is like that: a segment is `.git`
    line 15: `/o\\p`: a manifest cannot say it: a backslash means nothing here
    "#);
}

// Long for the manifest that it shows.
#[test]
fn what_an_owner_wins_back_is_shared_with_itself_alone() {
    let text = "* @org/core\n/src/ @org/Web @dev\n/src/core/ @org/core\n/docs @org/web\n/docs/api/\n/.github/ @dev\n";
    let paths = [
        "a",
        "src/a",
        "src/core/a",
        "docs",
        "docs/a",
        "docs/api/a",
        ".github/workflows/a.yml",
        ".github/x",
    ];
    let translated = translate(text, Dialect::Github, &paths);
    translated.holds();
    assert_snapshot!(translated.translation.text, @r#"
    # yaml-language-server: $schema=./ownership.schema.json
    #
    # What CODEOWNERS says (GitHub), as claims of which no two meet. Each comment names its line there.
    #
    # An agent stands for each owner; it works on the branch agent/NAME:
    #   @org/core: core
    #   @org/Web: web
    #   @dev: dev
    #
    # What it does not say as it stands there:
    #   line 2: it has several owners: any of them may change what it matches, which is a `shared` entry
    #   line 5: it names no owner: what it matches belongs to nobody
    version: 1
    target: "main"
    unowned: warn                        # what has no owner there, anybody may change
    agents:
      core:
        name: "@org/core"
        branch: "agent/core"
        owns:
          paths:
            - "**"  # 1
          except:
            - "src/"  # 2
            - "docs{,/}"  # 4
            - ".github/"  # 6
      dev:
        name: "@dev"
        branch: "agent/dev"
        owns:
          paths:
            - ".github/"  # 6
        trusted_with:
          - ".github/workflows/"
      web:
        name: "@org/Web"
        branch: "agent/web"
        owns:
          paths:
            - "docs{,/}"  # 4
          except:
            - "docs/api/"  # 5
    shared:
      - paths:
          - "src/core/"  # 3
        agents: [core]
      - paths:
          - "src/"  # 2
        except:
          - "src/core/"  # 3
        agents: [dev, web]
    "#);
}

#[test]
fn every_section_of_gitlab_has_its_say() {
    let text = "\
* @admin
README.md @docs
^[Docs][2] @docs-team @docs
docs/
*.md @writers
!docs/generated/
[docs]
docs/index.md @docs
[Ops]
/docs/ops/ @@maintainer @ops
";
    let paths = [
        "a",
        "README.md",
        "docs/a",
        "docs/a.md",
        "docs/index.md",
        "docs/generated/a.md",
        "x/docs/b",
        "docs/ops/a",
        "docs/ops/README.md",
    ];
    let translated = translate(text, Dialect::Gitlab, &paths);
    translated.holds();
    let owned: Vec<String> = translated
        .tracked
        .iter()
        .map(|file| {
            let names: Vec<_> = translated.may_change(&file.path).into_iter().collect();
            format!("{}: {}", file.path, names.join(" "))
        })
        .collect();
    assert_snapshot!(owned.join("\n"), @r#"
    a: admin
    README.md: docs writers
    docs/a: admin docs docs-team
    docs/a.md: admin writers
    docs/index.md: admin docs
    docs/generated/a.md: admin
    x/docs/b: admin docs docs-team
    docs/ops/a: admin docs docs-team maintainer ops
    docs/ops/README.md: docs maintainer ops writers
    "#);
    assert_snapshot!(translated.remarks().join("\n"), @r"
    line 3: the section is optional on GitLab; here its owners are owners like all others
    line 3: GitLab asks for several approvals; a manifest says who may change a path, and counts no approvals
    lines 4, 10: it has several owners: any of them may change what it matches, which is a `shared` entry
    line 6: `!` takes paths out of its section (GitLab 17.10 or newer), wherever it stands; here they are left to the other sections
    ");
}

#[test]
fn agents_are_called_after_their_teams() {
    let mut owners = owners::Owners::default();
    for name in [
        "@Org/Core",
        "@org/web",
        "@else/web",
        "@web-2",
        "@org/.hidden.lock",
        "a.b@example.org",
        "@org/CORE",
        "@dev",
        "@a/dev",
        "@org/dev.",
    ] {
        owners.github(name).expect(name);
    }
    owners.gitlab("@@maintainer").expect("a role");
    owners.gitlab("@group/sub/team").expect("a group");
    assert_eq!(
        owners.agents(),
        [
            "core",
            "org-web",
            "else-web",
            "web-2",
            "hidden",
            "a.b",
            "dev",
            "a-dev",
            "org-dev",
            "maintainer",
            "team"
        ]
    );
    for word in ["core", "@", "@a/b/c", "@a b", "a@", "@a,b"] {
        assert_eq!(owners.github(word), None, "{word}");
    }
}
