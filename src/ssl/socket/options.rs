//! Options of the system's sockets.

use super::Socket;
use crate::os;
use crate::ssl::error::{Error, Result};

impl Socket {
    /// Python: `getsockopt(level, optname, buflen)`. Returns the length of the value in bytes.
    pub fn getsockopt(&self, level: i32, name: i32, value: &mut [u8]) -> Result<usize> {
        os::get_option(os::lend(&*self.fd()?), level, name, value).map_err(Error::os)
    }

    /// Python: `setsockopt(level, optname, value)`
    pub fn setsockopt(&self, level: i32, name: i32, value: &[u8]) -> Result<()> {
        os::set_option(os::lend(&*self.fd()?), level, name, value).map_err(Error::os)
    }
}
