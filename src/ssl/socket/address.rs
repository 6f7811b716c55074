//! The descriptor of a socket, and the addresses of both ends.

use super::Socket;
use crate::os::{self, Address, RawSocket};
use crate::ssl::error::{Error, Result};

impl Socket {
    /// Python: `fileno()`
    pub fn fileno(&self) -> Option<RawSocket> {
        self.descriptor.load().as_ref().map(|fd| os::number(fd))
    }

    /// Python: `getpeername()`
    pub fn getpeername(&self) -> Result<Address> {
        os::peer_address(os::lend(&*self.fd()?)).map_err(Error::os)
    }

    /// Python: `getsockname()`
    pub fn getsockname(&self) -> Result<Address> {
        os::local_address(os::lend(&*self.fd()?)).map_err(Error::os)
    }
}
