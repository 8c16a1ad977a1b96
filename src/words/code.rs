//! The codes of findings: one per reason, each with a fixed severity.

/// How much a finding weighs. Decides the exit code, see [`Severity::exit_code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A remark; never fails anything.
    Lint,
    /// Not yet its turn; no failure.
    Waiting,
    /// A violation, a failed verification, a conflict: proven.
    Refusal,
    /// It could not be read or trusted.
    Undecided,
    /// The target moved while it was being worked on.
    Moved,
    /// The command line or the manifest is wrong.
    Usage,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident;)+) => {
        /// The kinds of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as people and programs see it; never changes its meaning.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Whether it is about files or the disk: no branch is to blame for that.
            pub fn is_about_files(self) -> bool {
                matches!(self, Self::InputOutput | Self::DiskFull)
            }

            /// How much a finding of this kind weighs.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    // The verdict on a path.
    /// A protected path was changed by an agent that is not trusted with it.
    Protected = "protected", Refusal;
    /// A path was changed that the agent's own entry forbids.
    Forbidden = "forbidden", Refusal;
    /// A shared path was changed by an agent that is not among those who share it.
    SharedByOthers = "shared-by-others", Refusal;
    /// A path was changed that another agent owns.
    OwnedByAnother = "owned-by-another", Refusal;
    /// A path was changed that nobody owns, and the manifest denies that.
    Unowned = "unowned", Refusal;
    /// A path was changed that nobody owns, and the manifest wants a warning.
    UnownedWarning = "unowned-warning", Lint;
    /// A submodule was added, moved or removed by an agent that is not trusted with it.
    Submodule = "submodule", Refusal;
    /// A path that only lines may be added to was changed in another way.
    AppendOnly = "append-only", Refusal;
    /// A link leads out of what the agent may change.
    LinkLeaves = "link-leaves", Refusal;
    /// A name was added that cannot be checked out on some system.
    UnportableName = "unportable-name", Refusal;
    /// A name was added that some system takes for another one.
    NameCollision = "name-collision", Refusal;
    /// The branch shares no commit with what it is to be merged into.
    UnrelatedHistory = "unrelated-history", Refusal;
    /// An older commit of the branch under `check staged` changed what it must not.
    OlderCommit = "older-commit", Lint;

    // The verdict on a branch.
    /// The branch carries the work of a dependency that is refused.
    DependencyRefused = "dependency-refused", Refusal;
    /// The branch carries work of a dependency that the dependency no longer holds.
    DependencyRewritten = "dependency-rewritten", Refusal;
    /// The branch belongs to no agent, and the manifest denies that.
    OthersDenied = "others-denied", Refusal;
    /// The branch belongs to no agent, so there is no claim to judge it by.
    BranchOfNobody = "branch-of-nobody", Undecided;
    /// The branch belongs to no agent, which the caller said is fine.
    NothingToJudge = "nothing-to-judge", Lint;
    /// Head is detached, so the work belongs to no branch.
    DetachedHead = "detached-head", Undecided;
    /// The branch is a symbolic ref.
    SymbolicBranch = "symbolic-branch", Undecided;
    /// The branch does not point at a commit.
    NotACommit = "not-a-commit", Undecided;
    /// The manifest that the branch brings would not be valid.
    ManifestRefused = "manifest-refused", Refusal;

    // What is published.
    /// A commit is published that no branch of its agent holds.
    CommitElsewhere = "commit-elsewhere", Refusal;
    /// What was published would be taken back: another commit that is not on top of it, or none.
    TakenBack = "taken-back", Refusal;

    // A push, on the server.
    /// A ref was pushed that nobody may push.
    ReservedRef = "reserved-ref", Refusal;
    /// The target was pushed to something else than merges that gate makes.
    TargetPushed = "target-pushed", Refusal;
    /// The branch of an agent was to be deleted, and its work is not in the target.
    UnmergedDeletion = "unmerged-deletion", Refusal;
    /// A ref is not where the push takes it to be.
    StalePush = "stale-push", Undecided;

    // What cannot be read.
    /// An object is missing: the clone is shallow, partial or damaged.
    MissingObject = "missing-object", Undecided;
    /// An object cannot be parsed.
    BrokenObject = "broken-object", Undecided;
    /// A tree holds an entry that git would never write.
    BadTree = "bad-tree", Undecided;
    /// More was changed than gate is prepared to look at.
    TooLarge = "too-large", Undecided;
    /// The repository belongs to somebody else.
    ForeignRepository = "foreign-repository", Undecided;
    /// The index holds something that cannot be judged: conflicts, for example.
    UnreadableIndex = "unreadable-index", Undecided;
    /// Verify commands must run in a sandbox, and there is none.
    NoSandbox = "no-sandbox", Undecided;
    /// The git program is missing, too old, or failed.
    Git = "git", Undecided;
    /// A manifest made of CODEOWNERS would not mean the same for every tracked file.
    CodeownersDiffers = "codeowners-differs", Undecided;
    /// There is no space left on the disk.
    DiskFull = "disk-full", Undecided;
    /// A file could not be read or written.
    InputOutput = "input-output", Undecided;
    /// The record of a run cannot be read, or does not say what a replay needs.
    BadRecord = "bad-record", Undecided;

    // Integration.
    /// A dependency has not delivered yet.
    Waiting = "waiting", Waiting;
    /// There is no such branch yet, or nothing in it.
    NothingDelivered = "nothing-delivered", Waiting;
    /// A dependency was ejected.
    Held = "held", Refusal;
    /// The branch cannot be merged with what came before it.
    Conflict = "conflict", Refusal;
    /// Two branches change lines of a shared path that overlap or touch, and the manifest wants them apart.
    DisjointLines = "disjoint-lines", Refusal;
    /// The merge would change paths that the branch did not change.
    StrayMerge = "stray-merge", Refusal;
    /// Something that a branch brought is not in the result, through one that was merged after it.
    WorkDropped = "work-dropped", Lint;
    /// A verify command ended with a failure.
    VerifyFailed = "verify-failed", Refusal;
    /// A verify command did not end in time.
    VerifyTimeout = "verify-timeout", Refusal;
    /// A verify command left processes behind.
    VerifyLeftProcesses = "verify-left-processes", Refusal;
    /// A verify command did not print what it is expected to print.
    VerifyExpectation = "verify-expectation", Refusal;
    /// A verify command passed only when it was tried again.
    VerifyFlaky = "verify-flaky", Lint;
    /// A verify command cannot be started, with the branch or without it: nobody is to blame.
    VerifyNotStarted = "verify-not-started", Undecided;
    /// The verification of the whole fails on the target as it is: nobody is to blame.
    TargetFails = "target-fails", Undecided;
    /// A branch failed, and the manifest says that a failure stops everybody.
    Stopped = "stopped", Refusal;
    /// Nothing that gate has merged of the agent is in the target and could be taken back.
    NothingToUndo = "nothing-to-undo", Refusal;
    /// The branch that is to be made is there already, and is another one.
    BranchExists = "branch-exists", Undecided;
    /// Somebody is left out, and only a full house was to land.
    NotEverybody = "not-everybody", Refusal;
    /// The target has landed without its tag, because somebody is out.
    NotTagged = "not-tagged", Lint;
    /// The tag is there already, and points at something else.
    TagExists = "tag-exists", Undecided;
    /// The remote does not take what is pushed.
    PushRefused = "push-refused", Undecided;
    /// A ref of the remote is not where the same ref here was.
    RemoteMoved = "remote-moved", Moved;
    /// The target is checked out with uncommitted changes.
    WorkTreeDirty = "work-tree-dirty", Undecided;
    /// The target has landed, but a work tree could not be brought along.
    WorkTreeBehind = "work-tree-behind", Lint;
    /// Gate was asked to end before it was through.
    Interrupted = "interrupted", Undecided;
    /// The target moved while gate was at work.
    TargetMoved = "target-moved", Moved;
    /// A replay comes to something else than the record of the run says.
    ReplayDiffers = "replay-differs", Refusal;

    // The command line and where it is run.
    /// The command line is wrong.
    Usage = "usage", Usage;
    /// What was asked for is planned, but does not exist yet.
    NotSupportedYet = "not-supported-yet", Usage;
    /// There is no repository here.
    NoRepository = "no-repository", Usage;
    /// There is no such branch.
    UnknownBranch = "unknown-branch", Usage;
    /// The target does not exist.
    NoTarget = "no-target", Usage;
    /// History was read commit by commit, where a commit-graph would have told.
    NoCommitGraph = "no-commit-graph", Lint;

    // The manifest as a whole.
    /// The target has no manifest.
    NoManifest = "no-manifest", Usage;
    /// The manifest is read from the work tree, because the target has none yet.
    ManifestPreview = "manifest-preview", Lint;
    /// The manifest names another target.
    OtherTarget = "other-target", Usage;
    /// The manifest is not YAML, or not the plain kind that gate reads.
    ManifestSyntax = "manifest-syntax", Usage;
    /// The manifest is larger than it may be.
    ManifestSize = "manifest-size", Usage;
    /// A key that the manifest does not have.
    UnknownKey = "unknown-key", Usage;
    /// A key that stands twice.
    DuplicateKey = "duplicate-key", Usage;
    /// A key that must be there is not.
    MissingKey = "missing-key", Usage;
    /// A value of the wrong type, or outside what is allowed.
    InvalidValue = "invalid-value", Usage;
    /// A name of an agent that is not in the manifest.
    UnknownAgent = "unknown-agent", Usage;
    /// Agents that depend on each other in a circle.
    DependencyCycle = "dependency-cycle", Usage;
    /// A pattern outside the dialect.
    InvalidPattern = "invalid-pattern", Usage;
    /// Two agents could own the same path.
    Overlap = "overlap", Usage;
    /// Whether two agents could own the same path was not found out within the budget.
    Unproven = "unproven", Usage;
    /// Rules of CODEOWNERS that no manifest of a bearable size can say.
    CodeownersUnsaid = "codeowners-unsaid", Usage;
    /// Two agents could own the same branch.
    BranchOverlap = "branch-overlap", Usage;

    // Remarks on the manifest against the tree of the target.
    /// A pattern that matches nothing in the target.
    MatchesNothing = "matches-nothing", Lint;
    /// A pattern that names a directory without the slash at its end.
    MissingSlash = "missing-slash", Lint;
    /// A pattern at the root that would match more with `**/` in front.
    RootOnly = "root-only", Lint;
    /// Files of the target that nobody claims.
    Unclaimed = "unclaimed", Lint;
    /// Less of the target is claimed than was asked for.
    LowCoverage = "low-coverage", Refusal;
    /// A verify command of which it cannot be told which files it runs.
    UnclearCommand = "unclear-command", Lint;
    /// Agents of which one says that it works beside the other, and the other that it does not.
    PlanContradiction = "plan-contradiction", Lint;
    /// A claim that another claim of the same agent covers.
    CoveredClaim = "covered-claim", Lint;
    /// A line of CODEOWNERS that a manifest does not say as it stands there.
    CodeownersLine = "codeowners-line", Lint;
    /// A claim on what is always protected, which has no effect.
    ClaimWithoutEffect = "claim-without-effect", Lint;
}

impl Severity {
    /// The exit code of a run whose worst finding has this severity.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Lint | Self::Waiting => 0,
            Self::Refusal => 1,
            Self::Usage => 2,
            Self::Undecided => 3,
            Self::Moved => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(names.iter().all(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        }));
    }
}
