//! Pushes of what `gate verify` publishes.

use super::{FILES, MANIFEST, Server, flat, two_branches};
use crate::support::TestRepo;

/// A server with two branches, and a clone in which the whole has passed; and the ref that says so.
fn server() -> (Server, String) {
    let manifest = format!("{MANIFEST}verify: [\"true\"]\n");
    let mut server = Server::of(TestRepo::new(&manifest, FILES));
    two_branches(&mut server.clone);
    server.clone.gate(&["verify", "whole"]).expect(0);
    let format = "--format=%(refname)";
    let reference = (server.clone).git(&["for-each-ref", format, "refs/gate/passes/"]);
    (server, reference)
}

#[test]
fn a_pass_is_accepted_from_anybody_and_may_be_deleted() {
    let (server, reference) = server();
    server.accepts(&[&reference]);
    assert!(server.refs().contains(&reference));
    server.accepts(&[&format!(":{reference}")]);
    assert!(!server.refs().contains(&reference));
}

#[test]
fn what_is_no_pass_is_refused_by_the_name_of_its_ref() {
    let (server, reference) = server();
    let (folder, id) = reference.rsplit_once('/').unwrap();
    let (above, tree) = folder.rsplit_once('/').unwrap();
    let blob = |text: &[u8]| {
        let hash = ["hash-object", "-w", "--stdin", "--no-filters"];
        server.clone.git_with_input(&hash, text)
    };
    let garbage = blob(b"garbage");
    let document = server.clone.git(&["cat-file", "blob", &reference]);
    let huge = blob(&[document.as_bytes(), &vec![b'\n'; 5 << 20]].concat());
    let commit = server.clone.id("main");
    for (pushed, to) in [
        // Another document under its name.
        (garbage.as_str(), reference.clone()),
        // One that is about another tree, or about none, or too large, or nothing of the kind.
        (id, format!("{above}/{commit}/{id}")),
        (&garbage, format!("{folder}/{garbage}")),
        (&huge, format!("{above}/{tree}/{huge}")),
        (&commit, format!("{folder}/{commit}")),
    ] {
        let said = server.refuses(&[&format!("{pushed}:{to}")], "refused[reserved-ref]");
        assert!(flat(&said).contains("is no pass"), "{said}");
    }
    for name in [
        format!("{reference}/x"),
        format!("{above}/x"),
        reference
            .to_uppercase()
            .replacen("REFS/GATE", "refs/gate", 1),
        reference.replacen("passes", "Passes", 1),
    ] {
        server.refuses(&[&format!("{id}:{name}")], "refused[reserved-ref]");
    }
}
