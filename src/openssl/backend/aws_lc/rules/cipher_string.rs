//! Cipher strings, read as OpenSSL reads them (ciphers(1)). AWS-LC passes over words that it does not know, takes a string that
//! chooses nothing, and refuses `@SECLEVEL`: so it is given the names that a string comes to.

use super::level::Level;
use super::suite::{SUITES, Suite};
use std::cmp::Reverse;

/// What a cipher string comes to.
#[derive(Debug, PartialEq, Eq)]
pub struct CipherChoice {
    /// The ciphers that are chosen, the preferred one first: never empty.
    pub suites: Vec<&'static Suite>,
    /// The security level, if the string sets one. The last one counts.
    pub level: Option<Level>,
}

/// What is done with the ciphers that a word chooses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CipherOperation {
    Add,
    /// `-`: takes them away for now.
    Remove,
    /// `+`: puts them last.
    Demote,
    /// `!`: takes them away for good.
    Ban,
}

/// The ciphers in their present order.
struct Ranking(Vec<Rank>);

struct Rank {
    suite: &'static Suite,
    is_chosen: bool,
}

impl Ranking {
    fn new() -> Ranking {
        Ranking(SUITES.iter().map(|suite| Rank { suite, is_chosen: false }).collect())
    }

    fn apply(&mut self, operation: CipherOperation, is_meant: impl Fn(&Suite) -> bool) {
        let meant = |rank: &Rank| match operation {
            CipherOperation::Add => !rank.is_chosen && is_meant(rank.suite),
            CipherOperation::Remove | CipherOperation::Demote => rank.is_chosen && is_meant(rank.suite),
            CipherOperation::Ban => is_meant(rank.suite),
        };
        let (mut moved, mut rest): (Vec<Rank>, Vec<Rank>) = self.0.drain(..).partition(meant);
        match operation {
            CipherOperation::Add | CipherOperation::Demote => {
                moved.iter_mut().for_each(|rank| rank.is_chosen = true);
                rest.extend(moved);
                self.0 = rest;
            }
            // First in line for when they are added again.
            CipherOperation::Remove => {
                moved.iter_mut().for_each(|rank| rank.is_chosen = false);
                moved.extend(rest);
                self.0 = moved;
            }
            CipherOperation::Ban => self.0 = rest,
        }
    }

    /// `@STRENGTH`
    fn sort(&mut self) {
        let (mut chosen, rest): (Vec<Rank>, Vec<Rank>) = self.0.drain(..).partition(|rank| rank.is_chosen);
        chosen.sort_by_key(|rank| Reverse(rank.suite.bits));
        self.0 = rest;
        self.0.extend(chosen);
    }
}

/// What OpenSSL has in the place of `DEFAULT`, which counts at the beginning of a string only.
const DEFAULT: &str = "DEFAULT";
const DEFAULT_CIPHERS: &str = "ALL:!COMPLEMENTOFDEFAULT:!eNULL";
/// These also restrict groups and signatures (RFC 6460), which AWS-LC cannot do.
const SUITE_B: [&str; 2] = ["SUITEB128", "SUITEB192"];

/// A string that OpenSSL refuses: `NO_CIPHER_MATCH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCipherMatch;

impl CipherChoice {
    /// Reads a cipher string.
    pub fn of(string: &str) -> Result<CipherChoice, NoCipherMatch> {
        if SUITE_B.iter().any(|word| string.starts_with(word)) {
            return Err(NoCipherMatch);
        }
        let mut reader = CipherReader { order: Ranking::new(), level: None };
        match string.strip_prefix(DEFAULT) {
            Some(rest) => {
                reader.read(DEFAULT_CIPHERS)?;
                reader.read(rest)?;
            }
            None => reader.read(string)?,
        }
        let chosen = reader.order.0.iter().filter(|rank| rank.is_chosen);
        let suites: Vec<_> = chosen.map(|rank| rank.suite).collect();
        if suites.is_empty() { Err(NoCipherMatch) } else { Ok(CipherChoice { suites, level: reader.level }) }
    }
}

struct CipherReader {
    order: Ranking,
    level: Option<Level>,
}

impl CipherReader {
    fn read(&mut self, string: &str) -> Result<(), NoCipherMatch> {
        let mut rest = string.trim_start_matches(separates);
        while let Some(sign) = rest.chars().next() {
            rest = match sign {
                '@' => self.command(&rest[1..])?,
                '-' => self.words(CipherOperation::Remove, &rest[1..])?,
                '+' => self.words(CipherOperation::Demote, &rest[1..])?,
                '!' => self.words(CipherOperation::Ban, &rest[1..])?,
                _ => self.words(CipherOperation::Add, rest)?,
            };
            rest = rest.trim_start_matches(separates);
        }
        Ok(())
    }

    /// Words with `+` between them choose what all of them choose. An entry with a word that chooses nothing is passed over:
    /// OpenSSL does that with words that it does not know, or whose ciphers were not compiled in.
    fn words<'a>(&mut self, operation: CipherOperation, string: &'a str) -> Result<&'a str, NoCipherMatch> {
        let mut rest = string;
        let mut words = Vec::new();
        loop {
            let (word, behind) = word(rest)?;
            words.push(word);
            rest = behind;
            if !SUITES.iter().any(|suite| suite.is_chosen_by(word)) {
                return Ok(after_entry(rest));
            }
            match rest.strip_prefix('+') {
                Some(more) => rest = more,
                None => break,
            }
        }
        self.order.apply(operation, |suite| words.iter().all(|word| suite.is_chosen_by(word)));
        Ok(rest)
    }

    /// What follows a command up to the next separator is passed over.
    fn command<'a>(&mut self, string: &'a str) -> Result<&'a str, NoCipherMatch> {
        const LEVEL: &str = "SECLEVEL=";
        let (command, rest) = word(string)?;
        match command.strip_prefix(LEVEL).map(str::as_bytes) {
            Some([digit @ b'0'..=b'5']) => self.level = Some(Level::new(i32::from(digit - b'0'))),
            None if command == "STRENGTH" => self.order.sort(),
            _ => return Err(NoCipherMatch),
        }
        Ok(after_entry(rest))
    }
}

fn separates(sign: char) -> bool {
    matches!(sign, ':' | ' ' | ';' | ',')
}

fn after_entry(string: &str) -> &str {
    string.trim_start_matches(|sign| !separates(sign))
}

/// The word that a string begins with, and what is behind it. It is an error if there is no word.
fn word(string: &str) -> Result<(&str, &str), NoCipherMatch> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.' | '_' | '=');
    let end = string.find(|sign| !is_part(sign)).unwrap_or(string.len());
    if end == 0 { Err(NoCipherMatch) } else { Ok(string.split_at(end)) }
}
