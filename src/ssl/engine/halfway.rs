//! A write that libssl has begun and not finished: there was no memory for one of its records. libssl goes on at its place within
//! the data, whatever data comes next, so what comes next has to begin with the same bytes.

use crate::ssl::error::{Error, Result};
use std::cell::Cell;
use std::hash::{DefaultHasher, Hasher};

/// The data in the middle of which libssl is, if it is.
#[derive(Default)]
pub(super) struct Halfway(Cell<Option<Begun>>);

#[derive(Clone, Copy)]
struct Begun {
    len: usize,
    /// Of all the bytes, as nobody knows where in them libssl is.
    mark: u64,
}

impl Begun {
    fn of(data: &[u8]) -> Begun {
        let mut hasher = DefaultHasher::new();
        hasher.write(data);
        Begun { len: data.len(), mark: hasher.finish() }
    }

    fn is_front_of(&self, data: &[u8]) -> bool {
        data.get(..self.len).is_some_and(|front| Begun::of(front).mark == self.mark)
    }
}

impl Halfway {
    /// How many bytes the next write has to begin with.
    pub fn len(&self) -> usize {
        self.0.get().map_or(0, |begun| begun.len)
    }

    /// Refuses data that does not go on with what was begun.
    #[inline]
    pub fn check_goes_on(&self, data: &[u8]) -> Result<()> {
        match self.0.get() {
            Some(begun) if !begun.is_front_of(data) => Err(Error::value(
                "bad write retry: a write that returned NO_MEMORY must be repeated with the same bytes in front",
            )),
            _ => Ok(()),
        }
    }

    /// Refuses what would send in the middle of what was begun.
    pub fn check_whole(&self) -> Result<()> {
        match self.0.get() {
            None => Ok(()),
            Some(_) => {
                Err(Error::value("bad write retry: a write that returned NO_MEMORY must be repeated first"))
            }
        }
    }

    /// libssl has stopped within this data.
    #[cold]
    pub fn begin(&self, data: &[u8]) {
        self.0.set(Some(Begun::of(data)));
    }

    /// libssl has taken all of the data.
    #[inline]
    pub fn end(&self) {
        self.0.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_goes_on_with_the_same_bytes_alone() {
        let halfway = Halfway::default();
        assert!(halfway.check_goes_on(b"").is_ok() && halfway.check_whole().is_ok());
        halfway.begin(b"abc");
        assert_eq!(halfway.len(), 3);
        assert!(halfway.check_whole().is_err());
        for (data, goes_on) in
            [("abc", true), ("abcd", true), ("ab", false), ("", false), ("xbc", false), ("abx", false)]
        {
            assert_eq!(halfway.check_goes_on(data.as_bytes()).is_ok(), goes_on, "{data}");
        }
        halfway.end();
        assert!(halfway.check_goes_on(b"xyz").is_ok() && halfway.check_whole().is_ok());
        assert_eq!(halfway.len(), 0);
    }
}
