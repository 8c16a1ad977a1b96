//! What a tool runs without being told which file: by convention only, and by the directory it runs in.

/// The files in which these tools look for what they are to do, in the directory where they run. Only
/// those whose files are there for nothing else; what also declares dependencies is its owner's to edit.
const RECIPES: [(&[&str], &[&str]); 2] = [
    (&["make", "gmake"], &["GNUmakefile", "makefile", "Makefile"]),
    // It takes any case; but where one is there, any other would be its twin.
    (
        &["just"],
        &["justfile", "Justfile", "JUSTFILE", ".justfile"],
    ),
];

/// Tools that run what [`PACKAGE`] says.
const OF_PACKAGES: [&str; 3] = ["npm", "yarn", "pnpm"];

/// Where such a tool reads which scripts there are; dependencies are in it as well.
pub(super) const PACKAGE: &str = "package.json";

/// The files that `program`, a word of a command, looks for where it runs.
pub(super) fn recipes(program: &str) -> &'static [&'static str] {
    let name = base_name(program);
    let known = RECIPES.iter().find(|(tools, _)| tools.contains(&name));
    known.map_or(&[], |(_, files)| files)
}

/// Whether `program` runs what a [`PACKAGE`] says.
pub(super) fn runs_packages(program: &str) -> bool {
    OF_PACKAGES.contains(&base_name(program))
}

/// The files that `python -m MODULE` would run if they are where it runs, before any that is installed.
pub(super) fn of_module(module: &str) -> Vec<String> {
    let mut files = Vec::new();
    let path = module.replace('.', "/");
    let ends = path.match_indices('/').map(|(end, _)| end);
    for end in ends.chain([path.len()]) {
        files.push(format!("{}/__init__.py", &path[..end]));
    }
    files.push(format!("{path}/__main__.py"));
    files.push(format!("{path}.py"));
    files
}

/// Whether `program` is a Python: `python`, `python3.12`.
pub(super) fn is_python(program: &str) -> bool {
    let version = base_name(program).strip_prefix("python");
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}
