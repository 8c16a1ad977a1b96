//! Which prefix of a line of merges to verify next, so that few runs find out who breaks what all of
//! them have to pass.
//!
//! It is group testing: whoever is found is taken out, and the rest goes on behind the longest prefix
//! that passes. A question whose two answers are about equally likely tells most; so it is asked of as
//! many merges as pass together in half of all cases, by the failure rate seen so far, and a group that
//! fails is cut where its first culprit stands on either side in half of all cases. With a rate that is
//! known these are the groups and cuts of nested group testing (Sobel and Groll 1959) and of generalised
//! binary splitting (Hwang 1972) up to rounding; above 0.38 they are single merges.

/// What is known of the prefixes of a line of merges. A prefix is named by how many merges it has; that
/// of none is what they are merged onto, the base.
///
/// A prefix that fails is taken to fail with more merged onto it as well, unless a longer one is known to
/// pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// How many merges there are.
    length: usize,
    /// How many of them came in before the last good checkpoint.
    checkpoint: usize,
    /// How many culprits were found before, and taken out.
    culprits: usize,
    /// The longest prefix that passes.
    passes: Option<usize>,
    /// The shortest one that fails among those that are longer.
    fails: Option<usize>,
}

/// How it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The prefix of so many merges is to be verified.
    Verify(usize),
    /// All of it passes.
    Good,
    /// The last merge of the prefix of so many is the culprit: it fails, the one before it passes.
    Culprit(usize),
    /// The base fails by itself.
    Base,
}

impl Narrowing {
    /// That of `length` merges of which nothing is known; the first `checkpoint` of them have passed a
    /// checkpoint before, and `culprits` were found and taken out.
    pub fn new(length: usize, checkpoint: usize, culprits: usize) -> Self {
        Self {
            length,
            checkpoint,
            culprits,
            passes: None,
            fails: None,
        }
    }

    /// Takes note of whether the prefix of so many merges passes.
    pub fn note(&mut self, prefix: usize, passes: bool) {
        if passes {
            self.passes = self.passes.max(Some(prefix));
            self.fails = self.fails.filter(|fails| *fails > prefix);
        } else if self.passes < Some(prefix) && self.fails.is_none_or(|fails| prefix < fails) {
            self.fails = Some(prefix);
        }
    }

    /// Takes the culprit that was found out of the line, which has `length` merges then.
    pub fn eject(&mut self, length: usize) {
        self.length = length;
        self.culprits += 1;
        self.fails = None;
    }

    /// What to do next.
    pub fn next(&self) -> Next {
        let good = self.passes.unwrap_or(0);
        match self.fails {
            _ if good == self.length => Next::Good,
            // Nobody is blamed for anything before all of it together was seen to fail.
            None if self.culprits == 0 => Next::Verify(self.length),
            None => Next::Verify(good + self.group(self.length - good)),
            Some(0) => Next::Base,
            Some(fails) if fails == good + 1 && self.passes.is_some() => Next::Culprit(fails),
            Some(fails) if fails == good + 1 => Next::Verify(0),
            Some(fails) if (good + 1..fails).contains(&self.checkpoint) => {
                Next::Verify(self.checkpoint)
            }
            Some(fails) => Next::Verify(good + self.cut(fails - good)),
        }
    }

    /// Whether nothing passes so far, so that it may be the base that fails.
    pub fn is_base_open(&self) -> bool {
        self.passes.is_none() && self.fails != Some(0)
    }

    /// How likely it is, between 0 and 1, that the prefix of so many merges passes. Where nothing was seen to
    /// fail, all of it together mostly does, however much it is: every branch in it has passed alone.
    pub fn likelihood(&self, prefix: usize) -> f64 {
        if self.culprits == 0 && self.fails.is_none() {
            return self.chance(1);
        }
        let good = self.passes.unwrap_or(0);
        let all = self.fails.map_or(0.0, |fails| self.chance(fails - good));
        (self.chance(prefix.saturating_sub(good)) - all) / (1.0 - all)
    }

    /// How many of the next `most` merges to verify together.
    fn group(&self, most: usize) -> usize {
        most_even(1..=most, |number| self.chance(number))
    }

    /// How many of `number` merges that fail together to verify next.
    fn cut(&self, number: usize) -> usize {
        let all = self.chance(number);
        most_even(1..number, |some| (self.chance(some) - all) / (1.0 - all))
    }

    /// How likely it is that so many merges pass together.
    ///
    /// Made of sums, products and quotients alone, which are the same on every machine: what is asked
    /// must be, too.
    fn chance(&self, merges: usize) -> f64 {
        let seen = self.culprits + self.passes.unwrap_or(0);
        // At first one in 24 is taken to fail, which weighs as much as six that were seen. A failure
        // whose culprit is not found yet counts for half of one.
        let culprits = 4 * self.culprits + 1 + 2 * usize::from(self.fails.is_some());
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let one = 1.0 - number(culprits) / number(4 * (seen + 6));
        (0..merges).fold(1.0, |chance, _| chance * one)
    }
}

/// The number for which `chance`, which falls, is nearest to one half; 1 if there is none.
fn most_even(numbers: impl Iterator<Item = usize>, chance: impl Fn(usize) -> f64) -> usize {
    let mut best = (1, f64::INFINITY);
    for number in numbers {
        let distance = (chance(number) - 0.5).abs();
        // It only grows from here on.
        if distance >= best.1 {
            break;
        }
        best = (number, distance);
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of branches of which `passes` says whether some of them pass together: the culprits in
    /// the order in which they are found, or `None` if the base fails; and every question with its
    /// answer.
    #[expect(clippy::type_complexity, reason = "two lists that are used here only")]
    fn run(
        branches: usize,
        passes: impl Fn(&[usize]) -> bool,
    ) -> (Option<Vec<usize>>, Vec<(Vec<usize>, bool)>) {
        let mut line: Vec<usize> = (0..branches).collect();
        let mut narrowing = Narrowing::new(branches, 0, 0);
        let (mut culprits, mut asked) = (Vec::new(), Vec::new());
        loop {
            match narrowing.next() {
                Next::Verify(prefix) => {
                    let question = line[..prefix].to_vec();
                    let answer = passes(&question);
                    assert!(!asked.contains(&(question.clone(), answer)), "asked twice");
                    asked.push((question, answer));
                    narrowing.note(prefix, answer);
                }
                Next::Culprit(prefix) => {
                    assert!(asked.contains(&(line[..prefix].to_vec(), false)));
                    assert!(asked.contains(&(line[..prefix - 1].to_vec(), true)));
                    culprits.push(line.remove(prefix - 1));
                    narrowing.eject(line.len());
                }
                Next::Good => return (Some(culprits), asked),
                Next::Base => return (None, asked),
            }
        }
    }

    #[test]
    fn the_culprits_are_those_that_one_by_one_finds_in_the_same_order() {
        for branches in 0..=9 {
            for bad in 0..1_u32 << branches {
                let is_bad = |branch: &usize| bad & (1 << branch) != 0;
                let (culprits, asked) = run(branches, |line| !line.iter().any(is_bad));
                let expected: Vec<_> = (0..branches).filter(is_bad).collect();
                assert_eq!(culprits, Some(expected));
                // All of it passes at once, or was seen to fail before anybody is blamed.
                if let Some((first, _)) = asked.first() {
                    assert_eq!(first.len(), branches);
                }
            }
            let (culprits, asked) = run(branches, |_| false);
            assert_eq!(culprits.is_none(), branches > 0);
            assert!(asked.len() <= branches + 1);
        }
    }

    #[test]
    fn a_failure_that_takes_two_is_the_fault_of_the_later_one() {
        let clash = |line: &[usize]| !(line.contains(&3) && line.contains(&11));
        assert_eq!(run(16, clash).0, Some(vec![11]));
    }

    #[test]
    fn what_a_later_one_mends_is_nobodys_fault_unless_something_else_failed_before() {
        let mended = |line: &[usize]| !line.contains(&3) || line.contains(&11);
        assert_eq!(run(16, mended).0, Some(vec![]));
        // The whole has failed here, and what failed then is taken to fail with more on top of it.
        let both = |line: &[usize]| mended(line) && !line.contains(&15);
        assert_eq!(run(16, both).0, Some(vec![3, 15]));
    }

    #[test]
    fn a_target_that_a_branch_mends_is_no_reason_to_blame_nobody_for_another() {
        let red = |line: &[usize]| line.contains(&0) && !line.contains(&11);
        assert_eq!(run(16, red).0, Some(vec![11]));
        // Unless nothing that was asked passes: then the target fails, and that is all that is known.
        let late = |line: &[usize]| line.contains(&11) && !line.contains(&13);
        assert_eq!(run(16, late).0, None);
    }

    #[test]
    fn whatever_is_answered_ends_with_a_line_that_passes() {
        for seed in 0..2000_u64 {
            let answer = |line: &[usize]| {
                let mix = |sum: u64, branch: &usize| {
                    (sum ^ (*branch as u64 + 1))
                        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                        .rotate_left(29)
                };
                line.iter().fold(seed, mix) % 3 > 0
            };
            let (culprits, asked) = run(12, answer);
            let Some(culprits) = culprits else {
                assert!(asked.contains(&(Vec::new(), false)));
                continue;
            };
            let rest: Vec<_> = (0..12)
                .filter(|branch| !culprits.contains(branch))
                .collect();
            assert!(asked.contains(&(rest, true)) || culprits.len() == 12);
        }
    }

    #[test]
    fn the_last_good_checkpoint_is_asked_before_what_lies_on_either_side() {
        let mut narrowing = Narrowing::new(10, 6, 0);
        assert_eq!(narrowing.next(), Next::Verify(10));
        narrowing.note(10, false);
        assert_eq!(narrowing.next(), Next::Verify(6));
        narrowing.note(6, true);
        assert!(matches!(narrowing.next(), Next::Verify(7..=9)));
        // What fails although more passes does not matter.
        narrowing.note(2, false);
        assert!(matches!(narrowing.next(), Next::Verify(7..=9)));
    }

    #[test]
    fn the_more_have_failed_the_fewer_are_verified_together() {
        let groups = [(0, 30), (1, 29), (5, 30), (15, 15), (9, 4)].map(|(culprits, good)| {
            let mut narrowing = Narrowing::new(200, 0, culprits);
            narrowing.note(good, true);
            narrowing.group(200 - good)
        });
        assert_eq!(groups, [99, 20, 5, 1, 1]);
        let mut narrowing = Narrowing::new(200, 0, 0);
        assert!(narrowing.likelihood(200) > 0.95);
        narrowing.note(200, false);
        assert!(narrowing.likelihood(199) < 0.05);
        let mut narrowing = Narrowing::new(200, 0, 5);
        narrowing.note(30, true);
        assert!((narrowing.likelihood(35) - 0.5).abs() < 0.1);
        narrowing.note(35, false);
        assert!((narrowing.likelihood(32) - 0.5).abs() < 0.2);
        assert!(narrowing.likelihood(35) < 0.01 && narrowing.likelihood(30) > 0.99);
    }
}
