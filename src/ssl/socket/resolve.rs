//! Looking up a host.

use crate::os::{self, Deadline};
use crate::ssl::error::{Error, Phase, Result};
use crate::ssl::hostname;
use crate::ssl::text::cut;
use std::net::SocketAddr;

/// The addresses of a host, within the deadline.
pub(crate) fn resolve(host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>> {
    let name = hostname::to_look_up(host)?;
    let found = os::resolve(&name, port, deadline).ok_or_else(|| {
        Error::timeout(format_args!("looking up {} timed out", cut(host))).in_phase(Phase::Resolve)
    })?;
    found.map_err(|error| {
        let words = format!("cannot look up {}: {}", cut(host), os::look_up_text(&error));
        Error::os_with(error.raw_os_error().unwrap_or(0), words).in_phase(Phase::Resolve)
    })
}
