//! The words of a shell's command line, as far as they can be told without running it.

/// Other ways to say where the line itself is run.
const HERE: [&str; 5] = ["${PWD}", "$PWD", "$(pwd)", "$( pwd )", "`pwd`"];

/// What ends a word wherever it is not quoted.
const ENDS: &str = ";|&()<>";
/// What may stand before or after a path within one word of the shell.
const JOINTS: &str = "=,:$`";

/// The words of `line` in their order. Where a word could be read in several ways, as one that is
/// quoted and holds a line of its own, each of them is in it.
pub(super) fn words(line: &str) -> Vec<String> {
    // Before a slash or alone, this is the directory itself.
    let line = HERE
        .iter()
        .fold(line.to_owned(), |line, here| line.replace(here, "."));
    let mut words = Vec::new();
    add(&line, &mut words);
    words
}

/// What may be the value of an option in `word`, where it follows the letter without a space, each with
/// that letter: for `-ecore/x` `core/x`, and, since there may be more than one letter, `ore/x` and so on.
pub(super) fn glued(word: &str) -> impl Iterator<Item = (char, &str)> {
    let letters = word.strip_prefix('-').unwrap_or_default();
    let options = letters.char_indices();
    let options = options.take_while(|(_, c)| c.is_ascii_alphabetic());
    let values = options.map(|(place, letter)| (letter, &letters[place + 1..]));
    values.filter(|(_, value)| !value.is_empty())
}

fn add(line: &str, words: &mut Vec<String>) {
    for word in split(line) {
        let is_line = word.contains(|c: char| c.is_whitespace() || is_special(c));
        let parts = word.split(|c| JOINTS.contains(c));
        let parts: Vec<_> = parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        // What is written in place of a command's output is a line, too.
        let inner = if word == line {
            word.replace(['`', '(', ')'], " ")
        } else {
            word.clone()
        };
        words.push(word);
        if parts.len() > 1 {
            words.extend(parts);
        }
        if is_line && inner != line {
            add(&inner, words);
        }
    }
}

fn is_special(c: char) -> bool {
    ENDS.contains(c) || matches!(c, '\'' | '"' | '`')
}

/// The words of one line, their quotes removed. What is not closed reaches to the end.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut open = 0;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        // Within `$(…)` and backticks the shell reads another line, which is kept as it is.
        let opens = c == '(' && (open > 0 || word.ends_with('$'));
        match (c, quote) {
            (_, None | Some('"')) if opens => {
                open += 1;
                word.push(c);
            }
            (c, _) if open > 0 => {
                open -= usize::from(c == ')');
                word.push(c);
            }
            ('\\', None | Some('"')) => word.extend(characters.next()),
            (c, Some(end)) if c == end => {
                quote = None;
                word.extend((c == '`').then_some(c));
            }
            ('\'' | '"', None) => quote = Some(c),
            ('`', None) => {
                quote = Some(c);
                word.push(c);
            }
            (c, None) if c.is_whitespace() || ENDS.contains(c) => {
                words.push(std::mem::take(&mut word));
            }
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
