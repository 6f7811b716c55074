//! Python's keyword arguments for wrapping.

use crate::ssl::error::{Error, Result};

/// Python's keyword arguments of wrap_socket and wrap_bio; the default is Python's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WrapFlags(u32);

impl WrapFlags {
    /// Python: `server_side=True`
    pub const SERVER_SIDE: WrapFlags = WrapFlags(1 << 0);
    /// Python: `do_handshake_on_connect=False`
    pub const NO_HANDSHAKE: WrapFlags = WrapFlags(1 << 1);
    /// Python: `suppress_ragged_eofs=False`
    pub const REPORT_RAGGED_EOFS: WrapFlags = WrapFlags(1 << 2);
    /// The peer is not checked.
    pub const INSECURE_NO_HOSTNAME: WrapFlags = WrapFlags(1 << 3);
    /// A server requests a certificate, but goes on if it does not verify.
    pub const REPORT_VERIFICATION: WrapFlags = WrapFlags(1 << 4);
    const ALL: u32 = 0b1_1111;

    /// Checks a number that comes from outside.
    pub fn from_bits(bits: u32) -> Result<WrapFlags> {
        match bits & !WrapFlags::ALL {
            0 => Ok(WrapFlags(bits)),
            unknown => Err(Error::value(format_args!("flags has unknown bits {unknown:#x}"))),
        }
    }

    /// Tells whether all of these are set.
    pub fn has(self, flags: WrapFlags) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl std::ops::BitOr for WrapFlags {
    type Output = WrapFlags;
    fn bitor(self, other: WrapFlags) -> WrapFlags {
        WrapFlags(self.0 | other.0)
    }
}
