//! Binding and listening.

use super::state::State;
use super::{Endpoint, Socket};
use crate::os;
use crate::ssl::error::{Error, Result};

impl Socket {
    /// Python: `bind((host, port))`. No host means all addresses.
    pub fn bind_host(&self, host: Option<&str>, port: u16) -> Result<()> {
        match host {
            Some(host) => self.bind(&self.own_family(host, port)?),
            None => {
                let family = os::local_address(os::lend(&*self.fd()?)).map_err(Error::os)?.family;
                let address = Endpoint::any_address(family, port);
                self.bind(&address.ok_or_else(|| Error::value("host is needed: this is no internet socket"))?)
            }
        }
    }

    /// Python: `bind(address)`
    pub fn bind(&self, address: &Endpoint) -> Result<()> {
        os::bind(os::lend(&*self.fd()?), address).map_err(Error::os)
    }

    /// Python: `listen(backlog)`; 0 lets the system choose.
    pub fn listen(&self, backlog: u32) -> Result<()> {
        let fd = self.fd()?;
        os::start_listening(os::lend(&fd), backlog).map_err(Error::os)?;
        self.change(State::once_listening);
        Ok(())
    }
}
