//! Parses the times in a certificate.

use crate::ssl::error::{Error, Result};
use crate::ssl::text::{is_space, repr};
use std::ops::RangeInclusive;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FORMAT: &str = " %d %H:%M:%S %Y GMT";
const DAY: i64 = 24 * 60 * 60;

/// Reads a certificate's time, such as "Jan  5 09:34:43 2018 GMT", as seconds since 1970.
/// Python: `cert_time_to_seconds(cert_time)`
pub fn cert_time_to_seconds(cert_time: &str) -> Result<i64> {
    let cut = cert_time.char_indices().nth(3).map_or(cert_time.len(), |(cut, _)| cut);
    let (name, rest) = cert_time.split_at(cut);
    let Some(month) = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name)) else {
        return Err(mismatch(cert_time, &format!("\"%b{FORMAT}\"")));
    };
    let mut scan = Scan(rest);
    let time = scan.time().ok_or_else(|| mismatch(rest, &format!("'{FORMAT}'")))?;
    if !scan.0.is_empty() {
        return Err(Error::value(format_args!("unconverted data remains: {}", scan.0)));
    }
    if time.year == 0 {
        return Err(Error::value("year 0 is out of range"));
    }
    // As in Python the day is not checked against the month: 30 February becomes a day in March.
    let days = days_before(time.year, month as i64 + 1) + time.day - 1;
    Ok(days * DAY + (time.hour * 60 + time.minute) * 60 + time.second)
}

fn mismatch(text: &str, format: &str) -> Error {
    Error::value(format_args!("time data {} does not match format {format}", repr(text)))
}

/// Days from 1970 to the first of a month, by the Gregorian calendar, which is used for all years.
fn days_before(year: i64, month: i64) -> i64 {
    // Counting years from March puts the leap day at their end.
    let (year, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_of_months = (153 * months + 2) / 5;
    year * 365 + leap_days + days_of_months - 719_468
}

struct Time {
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    year: i64,
}

/// The rest of the text, still to be parsed.
struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn time(&mut self) -> Option<Time> {
        self.space()?;
        let day = self.number(1..=31)?;
        self.space()?;
        let hour = self.number(0..=23)?;
        self.word(":")?;
        let minute = self.number(0..=59)?;
        self.word(":")?;
        let second = self.number(0..=61)?;
        self.space()?;
        let year = self.digits(4).filter(|year| year.len() == 4)?.parse().ok()?;
        self.space()?;
        self.word("GMT")?;
        Some(Time { day, hour, minute, second, year })
    }

    fn space(&mut self) -> Option<()> {
        let rest = self.0.trim_start_matches(is_space);
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found.then_some(())
    }

    fn number(&mut self, range: RangeInclusive<i64>) -> Option<i64> {
        self.digits(2)?.parse().ok().filter(|number| range.contains(number))
    }

    fn digits(&mut self, most: usize) -> Option<&str> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        (count > 0).then_some(digits)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let found = self.0.get(..word.len())?;
        let rest = &self.0[word.len()..];
        found.eq_ignore_ascii_case(word).then(|| self.0 = rest)
    }
}
