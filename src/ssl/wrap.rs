//! Making connections: the methods of a context that need the modules above it.

use super::bio::MemoryBio;
use super::context::{CERT_NONE, Context};
use super::error::{Error, Phase, Result};
use super::hostname;
use super::interrupt;
use super::object::Object;
use super::session::Session;
use super::socket::{NotWrapped, Socket, Timeout, WrapFlags, resolve};
use super::text::cut;
use crate::os::{self, Deadline, OwnedSocket, Unconnected};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

impl Context {
    /// Python: `SSLContext.wrap_bio(…)`. Without buffers the ciphertext goes through [`Object::pump`]. Ours: a context that
    /// checks host names refuses a client without a name.
    pub fn wrap_bio(
        &self,
        bios: Option<(&MemoryBio, &MemoryBio)>,
        flags: WrapFlags,
        server_hostname: Option<&str>,
        session: Option<&Session>,
    ) -> Result<Object> {
        let server_side = flags.has(WrapFlags::SERVER_SIDE);
        let nameless = server_hostname.is_none() && !server_side && self.check_hostname();
        if nameless && !flags.has(WrapFlags::INSECURE_NO_HOSTNAME) {
            return Err(Error::value("check_hostname requires server_hostname"));
        }
        let reports = flags.has(WrapFlags::REPORT_VERIFICATION);
        if reports && (!server_side || self.verify_mode() != CERT_NONE) {
            return Err(Error::value("only a server whose verify_mode is CERT_NONE reports verification"));
        }
        let object = Object::new(self, server_side, server_hostname, session, bios)?;
        if reports {
            object.report_verification();
        }
        Ok(object)
    }

    /// Python: `SSLContext.wrap_socket(…)`. Ours: the descriptor is taken only on success.
    pub fn wrap_socket(
        &self,
        fd: OwnedSocket,
        flags: WrapFlags,
        server_hostname: Option<&str>,
        session: Option<&Session>,
    ) -> std::result::Result<Socket, NotWrapped> {
        match self.check_wrap(&fd, flags, server_hostname, session) {
            Ok(()) => Socket::wrap(self, fd, flags, server_hostname, session),
            Err(error) => Err(NotWrapped { error, fd }),
        }
    }

    fn check_wrap(
        &self,
        fd: &OwnedSocket,
        flags: WrapFlags,
        server_hostname: Option<&str>,
        session: Option<&Session>,
    ) -> Result<()> {
        if !os::is_stream(os::lend(fd)).map_err(Error::os)? {
            return Err(Error::not_implemented("only stream sockets are supported"));
        }
        if flags.has(WrapFlags::REPORT_VERIFICATION) {
            return Err(Error::value("only objects report verification"));
        }
        let named = server_hostname.is_some_and(|name| !name.is_empty());
        if flags.has(WrapFlags::SERVER_SIDE) {
            if named {
                return Err(Error::value("server_hostname can only be specified in client mode"));
            }
            if session.is_some() {
                return Err(Error::value("session can only be specified in client mode"));
            }
        }
        if self.check_hostname() && !named {
            return Err(Error::value("check_hostname requires server_hostname"));
        }
        Ok(())
    }

    /// Connects to a host and port and does the handshake, within one deadline.
    pub fn create_connection(&self, host: &str, port: u16, timeout: Timeout) -> Result<Socket> {
        let deadline = timeout.deadline().ok_or_else(|| {
            Error::value("timeout 0 is non-blocking, which create_connection cannot be: use connect_ex")
        })?;
        self.check_role(false)?;
        let hostname = hostname::checked("host", host)?;
        let addresses = resolve(host, port, deadline)?;
        let mut ended = None;
        let dialled = os::dial(&addresses, deadline, || {
            ended = interrupt::ask(Phase::Connect).err();
            ended.is_some()
        });
        let fd = dialled.map_err(|lost| ended.unwrap_or_else(|| unconnected(host, &lost)))?;
        Socket::connected(self, fd, hostname, timeout, deadline)
    }

    /// Makes a listener whose `accept` does handshakes as a server.
    pub fn create_server(
        &self,
        host: Option<&str>,
        port: u16,
        backlog: u32,
        flags: WrapFlags,
    ) -> Result<Socket> {
        self.check_role(true)?;
        let addresses = match host {
            Some(host) => resolve(host, port, Deadline::NEVER)?,
            None => {
                vec![SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port), ([0, 0, 0, 0], port).into()]
            }
        };
        let mut failure = None;
        for address in addresses {
            // Without a host the listener serves IPv4 and IPv6; with one, only the address that was named.
            match os::listen(&address, backlog, host.is_none()) {
                Ok(fd) => return Ok(Socket::listener(self, fd, flags)),
                Err(error) => failure = Some(Error::os(error)),
            }
        }
        Err(failure.unwrap_or_else(|| Error::os(os::errno::NOENT)))
    }
}

/// The error when no address could be connected, with the failure of each.
fn unconnected(host: &str, lost: &Unconnected) -> Error {
    const TOLD: usize = 8;
    let told = |(address, errno): &(SocketAddr, Option<i32>)| match errno {
        Some(errno) => format!("{address}: {}", os::error_text(*errno)),
        None => format!("{address} did not answer"),
    };
    let mut attempts: Vec<String> = lost.attempts.iter().take(TOLD).map(told).collect();
    if let Some(more @ 1..) = lost.attempts.len().checked_sub(TOLD) {
        attempts.push(format!("{more} more"));
    }
    let attempts = attempts.join("; ");
    let error = match lost.timed_out {
        true => Error::timeout(format!("connecting to {} timed out: {attempts}", cut(host))),
        false => Error::os_with(most_telling(lost), format!("cannot connect to {}: {attempts}", cut(host))),
    };
    error.in_phase(Phase::Connect)
}

/// The last failure that a host has caused: "no route" says less, because it comes from this machine.
fn most_telling(lost: &Unconnected) -> i32 {
    let failures = || lost.attempts.iter().rev().filter_map(|(_, errno)| *errno);
    failures()
        .find(|errno| !os::is_no_route(*errno))
        .or_else(|| failures().next())
        .unwrap_or(os::errno::NOENT)
}
