//! What a program has chosen for a connection.

use std::cell::RefCell;
use std::ffi::CString;

/// What a program has chosen for a connection, before a level takes anything away.
#[derive(Default)]
pub(super) struct Chosen {
    /// The numbers of groups in TLS.
    pub groups: RefCell<Vec<u16>>,
    /// The names of signature algorithms.
    pub sigalgs: RefCell<Option<CString>>,
}
