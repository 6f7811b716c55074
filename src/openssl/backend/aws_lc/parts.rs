//! Reads bytes from their start on.

/// What is left to be read.
pub(super) struct Parts<'a>(pub(super) &'a [u8]);

impl<'a> Parts<'a> {
    /// The next bytes, of this count.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next number, which takes this many bytes.
    pub(super) fn number(&mut self, size: usize) -> Option<usize> {
        Some(self.take(size)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// The next bytes behind their count, which takes this many bytes itself.
    pub(super) fn counted(&mut self, size: usize) -> Option<&'a [u8]> {
        let count = self.number(size)?;
        self.take(count)
    }

    /// Tells whether everything was read.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
