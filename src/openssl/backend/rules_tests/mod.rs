//! The rules compared with OpenSSL's verdicts.

mod alert;
mod ciphers;
mod codes;
mod encode;
mod ending;
mod forge;
mod keys;
mod known;
mod level;
mod name;
mod noise;
mod own;
mod path_length;
mod reference;
mod security;
mod strict;
mod trust;
mod variations;

use super::rules::judge::{Demand, Outcome};
use super::rules::level::Level;
use super::rules::strict::RuleEdition;
use forge::Forged;

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn demand(level: i32, strict: bool) -> Demand {
    Demand { level: Level::new(level), strict, edition: RuleEdition::of(reference::major()) }
}

/// What comes of a chain with the rules, where a library has neither levels nor strict rules, and does not look at lengths of paths.
fn judged(chain: &[Forged], level: i32, strict: bool) -> (i32, u32) {
    let (outcome, built) = reference::verify_any_length(chain);
    match demand(level, strict).objection(&built, outcome) {
        Some(failure) => (failure.complaint.code(), failure.depth),
        None => (outcome.code, outcome.depth),
    }
}

/// What OpenSSL says itself.
fn by_openssl(chain: &[Forged], level: i32, strict: bool) -> (i32, u32) {
    let (Outcome { code, depth }, _) = reference::verify(chain, level, strict, 0);
    (code, depth)
}
