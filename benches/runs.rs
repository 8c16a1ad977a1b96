//! How many runs it takes to integrate branches of which some break what all of them have to pass: of
//! the strategy that `gate integrate` follows (`gate::plan::Narrowing`), beside one by one, halving, and
//! what no strategy can be better than. No command is run: the answers are made up.
//!
//! ```text
//! cargo bench --bench runs [-- SEEDS]
//! ```
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use gate::plan::{Narrowing, Next};
use std::error::Error;

/// How many sets of branches there are for each line of the table unless it is said.
const SEEDS: u64 = 2000;

fn main() -> Result<(), Box<dyn Error>> {
    // cargo adds `--bench`.
    let number = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let seeds = number.map_or(Ok(SEEDS), |number| number.parse())?;
    println!(
        "| branches | failing | n·H(p) | gate | of n·H(p) | of one by one | one by one | halving |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    for branches in [16_u32, 64, 256] {
        for percent in [2_u32, 5, 10, 20, 30, 50] {
            row(branches, percent, seeds);
        }
    }
    Ok(())
}

/// The means over all seeds.
fn row(branches: u32, percent: u32, seeds: u64) {
    let rate = f64::from(percent) / 100.0;
    let mut runs = [0_u64; 3];
    for seed in 0..seeds {
        let mut random = Random(seed ^ u64::from(branches) << 40 ^ u64::from(percent) << 50);
        let fates: Vec<bool> = (0..branches).map(|_| random.fraction() >= rate).collect();
        for (sum, strategy) in runs.iter_mut().zip([narrowing, one_by_one, halving]) {
            *sum += strategy(&fates);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of runs, far below 2^52")]
    let [gate, one_by_one, halving] = runs.map(|sum| sum as f64 / seeds as f64);
    let entropy = -rate * rate.log2() - (1.0 - rate) * (1.0 - rate).log2();
    let bound = f64::from(branches) * entropy;
    println!(
        "| {branches} | {percent} % | {bound:.1} | {gate:.1} | {:.2} | {:.2} | {one_by_one:.1} | {halving:.1} |",
        gate / bound,
        gate / one_by_one,
    );
}

/// The strategy of the library; every prefix that it asks about is a run.
fn narrowing(fates: &[bool]) -> u64 {
    let mut line = fates.to_vec();
    let mut narrowing = Narrowing::new(line.len(), 0, 0);
    let mut runs = 0;
    loop {
        match narrowing.next() {
            Next::Verify(prefix) => {
                runs += 1;
                narrowing.note(prefix, line[..prefix].iter().all(|passes| *passes));
            }
            Next::Culprit(prefix) => {
                assert!(!line.remove(prefix - 1), "a good branch was blamed");
                narrowing.eject(line.len());
            }
            Next::Good => {
                assert!(line.iter().all(|passes| *passes), "a bad branch is left");
                return runs;
            }
            Next::Base => unreachable!("the base passes"),
        }
    }
}

/// Each branch on top of those that pass, and the target where there is none of them yet and one fails.
fn one_by_one(fates: &[bool]) -> u64 {
    fates.len() as u64 + u64::from(!fates[0])
}

/// All of it, and, as long as that fails, the culprit between what passes and what fails, by halves.
fn halving(fates: &[bool]) -> u64 {
    let mut line = fates.to_vec();
    let (mut runs, mut good, mut is_target_known) = (0, 0, false);
    while good < line.len() {
        runs += 1;
        if line.iter().all(|passes| *passes) {
            break;
        }
        let mut bad = line.len();
        while bad - good > 1 {
            let middle = usize::midpoint(good, bad);
            runs += 1;
            if line[..middle].iter().all(|passes| *passes) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        if good == 0 && !is_target_known {
            (runs, is_target_known) = (runs + 1, true);
        }
        line.remove(good);
    }
    runs
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    /// A number from 0 up to 1, which it is not.
    #[expect(clippy::cast_precision_loss, reason = "53 bits, which are exact")]
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
