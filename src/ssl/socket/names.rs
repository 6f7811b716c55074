//! The names of a server: which one is sent, and of which its certificate must be for one.

use super::Socket;
use super::state::State;
use crate::ssl::engine::Engine;
use crate::ssl::error::{Error, Result};
use std::ffi::CStr;
use std::sync::Arc;

impl Socket {
    /// Has the certificate be for one of these instead of for the `server_hostname`. Before the handshake, once connected.
    pub fn set_expected_names(&self, names: &[&str]) -> Result<()> {
        self.named()?.set_expected_names(names)
    }

    /// Has the client ask for this name (SNI) instead of its `server_hostname`; None asks for none. Before the handshake,
    /// once connected.
    pub fn set_server_name(&self, name: Option<&str>) -> Result<()> {
        self.named()?.set_server_name(name)
    }

    /// The name of the server by which the client has asked for it; on both ends.
    pub fn server_name(&self) -> Option<&CStr> {
        let engine = self.engine()?;
        let name = engine.server_name()?;
        Some(self.server_name.get_or_init(|| name.to_owned()))
    }

    /// A connection that is not connected yet may have to begin anew, and would have forgotten by then.
    fn named(&self) -> Result<Arc<Engine>> {
        let engine = self.connection()?;
        match &**self.state.load() {
            State::Connecting(_) | State::Tried(_) => {
                Err(Error::value("names are set once the socket is connected"))
            }
            _ => Ok(engine),
        }
    }
}
