//! An entry of the error queue, taken out and put back.

use crate::openssl::{sys, text_at};
use std::ffi::CString;
use std::os::raw::{c_char, c_int};
use std::ptr::null;

/// The size of the queue: one more than the entries that AWS-LC keeps.
pub const SIZE: usize = 16;

/// An error with its details.
pub struct RawEntry {
    library: c_int,
    reason: c_int,
    line: c_int,
    /// Static text.
    file: *const c_char,
    /// Left out if there is no memory for it.
    data: Option<CString>,
}

impl RawEntry {
    pub fn take_oldest() -> Option<RawEntry> {
        let (mut file, mut data, mut line, mut flags) = (null(), null(), 0, 0);
        // SAFETY: all are places of ours; the data belongs to the queue until the next call.
        let queued = unsafe { sys::ERR_get_error_line_data(&mut file, &mut line, &mut data, &mut flags) };
        if queued == 0 {
            return None;
        }
        // SAFETY: NULL, or text of the queue.
        let data =
            unsafe { text_at(data) }.filter(|text| flags & sys::ERR_FLAG_STRING != 0 && !text.is_empty());
        let mut copy = Vec::new();
        let data = data.and_then(|text| {
            let bytes = text.to_bytes_with_nul();
            copy.try_reserve_exact(bytes.len()).ok()?;
            copy.extend_from_slice(bytes);
            CString::from_vec_with_nul(copy).ok()
        });
        let (library, reason) = (sys::ERR_GET_LIB(queued), sys::ERR_GET_REASON(queued));
        Some(RawEntry { library, reason, line, file, data })
    }

    pub fn put_back(&self) {
        let line = self.line.max(0) as u32;
        // SAFETY: the name of the file is static text, or NULL.
        unsafe { sys::ERR_put_error(self.library, 0, self.reason, self.file, line) };
        if let Some(data) = &self.data {
            // SAFETY: one text that ends in NUL, which AWS-LC copies.
            unsafe { sys::ERR_add_error_data(1, data.as_ptr()) };
        }
    }
}
