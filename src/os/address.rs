//! Addresses of sockets and of hosts.

use super::{Deadline, LentSocket, Result, retried, system};
use rustix::net;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;

/// A socket address of any family.
#[derive(Clone, Debug)]
pub struct Endpoint(net::SocketAddrAny);

impl Endpoint {
    const LARGEST: usize = size_of::<net::addr::SocketAddrStorage>();

    /// Reads a struct sockaddr; None if its length is impossible.
    pub fn read(bytes: &[u8]) -> Option<Endpoint> {
        let fits = (2..=Endpoint::LARGEST).contains(&bytes.len());
        let len = u32::try_from(bytes.len()).ok().filter(|_| fits)?;
        // SAFETY: copies that many bytes, which is no more than the result has room for.
        Some(Endpoint(unsafe { net::SocketAddrAny::read(bytes.as_ptr().cast(), len) }))
    }

    /// The address for a system call.
    pub(super) fn as_any(&self) -> &net::SocketAddrAny {
        &self.0
    }

    /// The system's number of the address family.
    pub fn family(&self) -> i32 {
        i32::from(self.0.address_family().as_raw())
    }

    /// The address that stands for all addresses of this machine; None unless the family is IPv4 or IPv6.
    pub fn any_address(family: i32, port: u16) -> Option<Endpoint> {
        let v4 = SocketAddr::from(([0, 0, 0, 0], port));
        let v6 = SocketAddr::from(([0_u16; 8], port));
        [v4, v6].into_iter().map(Endpoint::from).find(|address| address.family() == family)
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Endpoint {
        Endpoint(net::SocketAddrAny::from(address))
    }
}

/// An address as text: a numeric host, or the path of a local socket, with port -1. Linux's abstract names, which are not
/// paths, begin with `@`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The host or path.
    pub host: String,
    /// The port.
    pub port: i32,
    /// The system's number of the address family.
    pub family: i32,
    /// The flow label of an IPv6 address.
    pub flowinfo: u32,
    /// The interface of an IPv6 address.
    pub scope_id: u32,
}

/// The address of this side.
pub fn local_address(fd: LentSocket<'_>) -> Result<Address> {
    retried(|| net::getsockname(fd)).map(|address| describe(&address))
}

/// The address of the peer.
pub fn peer_address(fd: LentSocket<'_>) -> Result<Address> {
    let address = retried(|| net::getpeername(fd))?;
    Ok(address.map_or_else(Address::default, |address| describe(&address)))
}

fn describe(address: &net::SocketAddrAny) -> Address {
    let family = i32::from(address.address_family().as_raw());
    if let Ok(known) = SocketAddr::try_from(address.clone()) {
        let (flowinfo, scope_id) = match known {
            SocketAddr::V6(v6) => (v6.flowinfo(), v6.scope_id()),
            SocketAddr::V4(_) => (0, 0),
        };
        let (host, port) = (known.ip().to_string(), i32::from(known.port()));
        return Address { host, port, family, flowinfo, scope_id };
    }
    let path = system::local_path(address);
    Address { host: path.unwrap_or_default(), port: -1, family, flowinfo: 0, scope_id: 0 }
}

/// Looks up the addresses of a host. The system's resolver has no deadline, so a name is looked up on a separate thread,
/// which is abandoned when the deadline passes. None means that it passed.
pub fn resolve(host: &str, port: u16, deadline: Deadline) -> Option<std::io::Result<Vec<SocketAddr>>> {
    if let Ok(address) = host.parse() {
        return Some(Ok(vec![SocketAddr::new(address, port)]));
    }
    let name = host.to_string();
    let look_up = move || (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
    let Some(left) = deadline.left() else { return Some(look_up()) };
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::Builder::new().name("tlsock resolve".into());
    if let Err(error) = thread.spawn(move || sender.send(look_up())) {
        return Some(Err(error));
    }
    receiver.recv_timeout(left).ok()
}

/// The resolver's message, without the prefix that all such errors have.
pub fn look_up_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to lookup address information: ").unwrap_or(&text).to_string()
}
