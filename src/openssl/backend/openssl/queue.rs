//! An entry of the error queue, taken out and put back.

use super::reasons;
use crate::openssl::{sys, text_at};
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_ulong};
use std::ptr::null;

/// The size of the queue: one more than the entries that OpenSSL keeps.
pub const SIZE: usize = 16;
const TEXT: c_int = 0x02;

/// An error with all its details. If there is no memory for a text, the text is left out, never the error.
pub struct RawEntry {
    packed: c_ulong,
    line: c_int,
    file: Option<CString>,
    function: Option<CString>,
    data: Option<CString>,
}

impl RawEntry {
    pub fn take_oldest() -> Option<RawEntry> {
        let (mut file, mut function, mut data) = (null(), null(), null());
        let (mut line, mut flags) = (0, 0);
        // SAFETY: all are places of ours; the texts belong to the queue until the next call.
        let packed =
            unsafe { sys::ERR_get_error_all(&mut file, &mut line, &mut function, &mut data, &mut flags) };
        let data = if flags & TEXT != 0 { data } else { null() };
        // SAFETY: NULL or text of the queue, for these three.
        let [file, function, data] = [file, function, data].map(|text| unsafe { copy(text) });
        (packed != 0).then_some(RawEntry { packed, line, file, function, data })
    }

    pub fn put_back(&self) {
        let (library, reason) = reasons::numbers(self.packed);
        // SAFETY: no preconditions; the queue belongs to this thread.
        unsafe { sys::ERR_new() };
        // SAFETY: NULL or texts that end in NUL, which OpenSSL copies.
        unsafe { sys::ERR_set_debug(pointer(&self.file), self.line, pointer(&self.function)) };
        // SAFETY: without a format there are no further arguments.
        unsafe { sys::ERR_set_error(library, reason, null()) };
        if let Some(data) = &self.data {
            // SAFETY: one text that ends in NUL, which OpenSSL copies.
            unsafe { sys::ERR_add_error_data(1, data.as_ptr()) };
        }
    }
}

fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_deref().map_or(null(), CStr::as_ptr)
}

/// Copies text of OpenSSL; None for NULL, for an empty text, and if there is no memory.
unsafe fn copy(text: *const c_char) -> Option<CString> {
    // SAFETY: the caller promises NULL or text that ends in NUL.
    let bytes = unsafe { text_at(text) }?.to_bytes_with_nul();
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len()).ok()?;
    copy.extend_from_slice(bytes);
    CString::from_vec_with_nul(copy).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl::queue::{clear, in_a_row, is_empty, preserving};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    type Told = (c_ulong, c_int, Option<CString>, Option<CString>, Option<CString>);

    /// Empties the queue and gives its entries.
    fn drain() -> Vec<Told> {
        let entries = std::iter::from_fn(RawEntry::take_oldest);
        entries.map(|entry| (entry.packed, entry.line, entry.file, entry.function, entry.data)).collect()
    }

    fn put(library: c_int, reason: c_int, data: Option<&CStr>) {
        RawEntry {
            packed: if library == 2 {
                0x8000_0000 | reason as c_ulong
            } else {
                (library as c_ulong) << 23 | reason as c_ulong
            },
            line: reason + 1,
            file: Some(c"some/file.c".to_owned()),
            function: Some(c"some_function".to_owned()),
            data: data.map(ToOwned::to_owned),
        }
        .put_back();
    }

    fn fill() {
        clear();
        put(20, 134, None);
        put(2, 111, Some(c"connect"));
        // A flag in the reason, and more data than OpenSSL would format.
        put(11, 5 | 0x2 << 18, Some(&CString::new("x".repeat(5000)).unwrap()));
    }

    fn expected() -> Vec<Told> {
        fill();
        drain()
    }

    #[test]
    fn the_queue_is_afterwards_what_it_was() {
        let expected = expected();
        assert_eq!(expected.len(), 3);
        assert_eq!(expected[1].4.as_deref(), Some(c"connect"));
        assert_eq!(expected[2].4.as_ref().map(|data| data.as_bytes().len()), Some(5000));
        assert_eq!(expected[2].1, (5 | 0x2 << 18) + 1);
        let place = (expected[0].2.as_deref(), expected[0].3.as_deref());
        assert_eq!(place, (Some(c"some/file.c"), Some(c"some_function")));
        for disturb in [clear as fn(), || put(13, 1, None), || (0..40).for_each(|_| put(13, 1, None)), || ()]
        {
            fill();
            preserving(|| {
                assert!(is_empty(), "the work begins with an empty queue");
                disturb();
            });
            assert_eq!(drain(), expected);
        }
    }

    #[test]
    fn a_full_queue_comes_back() {
        clear();
        (0..40).for_each(|reason| put(20, 100 + reason, Some(c"data")));
        let entries = drain();
        assert!(entries.len() >= 15, "{}", entries.len());
        (0..40).for_each(|reason| put(20, 100 + reason, Some(c"data")));
        preserving(|| put(13, 1, None));
        assert_eq!(drain(), entries);
    }

    #[test]
    fn an_empty_queue_stays_empty() {
        clear();
        preserving(|| put(13, 1, None));
        assert!(is_empty());
    }

    #[test]
    fn a_panic_changes_nothing() {
        let expected = expected();
        fill();
        let panicking = || preserving(|| panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(panicking)).is_err());
        assert_eq!(drain(), expected);
    }

    /// A call that succeeds where it begins with an empty queue, and leaves an entry.
    fn leaving() -> crate::openssl::Result<bool> {
        let call = || {
            let empty = is_empty();
            put(13, 1, None);
            empty
        };
        crate::openssl::attempt(call, |empty| empty)
    }

    #[test]
    fn calls_in_a_row_begin_with_nothing_and_leave_nothing() {
        fill();
        in_a_row(|| {
            assert!(leaving().is_ok());
            in_a_row(|| assert!(leaving().is_ok()));
            assert!(leaving().is_ok());
            let failing = || {
                put(20, 134, None);
                false
            };
            let told = crate::openssl::attempt(failing, |good| good).err();
            assert!(told.is_some_and(|cause| cause.entry().is_some_and(|entry| entry.is(20, 134))));
            assert!(is_empty());
            assert!(leaving().is_ok());
        });
        assert!(is_empty());
        assert!(leaving().is_ok() && is_empty());
        let panicking = || in_a_row(|| leaving().map(|_| panic!("on purpose")));
        assert!(catch_unwind(AssertUnwindSafe(panicking)).is_err());
        assert!(leaving().is_ok() && is_empty());
    }

    #[test]
    fn it_can_be_nested() {
        let expected = expected();
        fill();
        preserving(|| {
            put(13, 1, None);
            let inner = drain();
            put(13, 1, None);
            preserving(clear);
            assert_eq!(drain(), inner);
        });
        assert_eq!(drain(), expected);
    }
}
