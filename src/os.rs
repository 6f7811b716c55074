//! Descriptors, waiting with a deadline and the system's errors: the only user of system calls. No TLS here.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags, SocketType};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The result of a system call: its error number where it failed.
pub type Result<T> = std::result::Result<T, i32>;

/// The error numbers that the layers above ask for by name.
pub mod errno {
    use rustix::io::Errno;
    /// No such file or directory.
    pub const NOENT: i32 = Errno::NOENT.raw_os_error();
    /// The file is too large.
    pub const FBIG: i32 = Errno::FBIG.raw_os_error();
    /// The socket is not connected.
    pub const NOTCONN: i32 = Errno::NOTCONN.raw_os_error();
    /// The socket does not fit the call.
    pub const INVAL: i32 = Errno::INVAL.raw_os_error();
    /// Nothing to be had now.
    pub const AGAIN: i32 = Errno::AGAIN.raw_os_error();
    /// The connection is being made.
    pub const INPROGRESS: i32 = Errno::INPROGRESS.raw_os_error();
    /// The connection is still being made.
    pub const ALREADY: i32 = Errno::ALREADY.raw_os_error();
    /// The connection is made.
    pub const ISCONN: i32 = Errno::ISCONN.raw_os_error();
    /// No address of this family.
    pub const AFNOSUPPORT: i32 = Errno::AFNOSUPPORT.raw_os_error();
    /// The time is up.
    pub const TIMEDOUT: i32 = Errno::TIMEDOUT.raw_os_error();
    /// Reading or writing failed.
    pub const IO: i32 = Errno::IO.raw_os_error();
    /// The system has no such thing.
    pub const NOSYS: i32 = Errno::NOSYS.raw_os_error();
    /// The connection was given up.
    pub const CONNABORTED: i32 = Errno::CONNABORTED.raw_os_error();
    /// Not an open descriptor.
    pub const BADF: i32 = Errno::BADF.raw_os_error();
}

mod descriptor;
mod file;
mod option;
mod signal;
mod stream;
#[cfg(windows)]
pub mod store;

pub use descriptor::{LentSocket, OwnedSocket, RawSocket, lend, number, own, release};
pub use file::{LentFile, lend_file, read_at, seek};
pub use option::{get_option, set_option};
pub use signal::without_sigpipe;
pub use stream::{File, Transfer, open as open_stream};

/// The system's text for an error number.
pub fn error_text(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

/// When an operation has to be done; None for never.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline.
    pub const NEVER: Deadline = Deadline(None);

    /// A deadline from now on. One that is too far for the clock is none.
    pub fn after(time: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(time))
    }

    /// The time that is left; None without a deadline.
    pub fn left(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Tells whether there is one.
    pub fn is_some(self) -> bool {
        self.0.is_some()
    }
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// Bytes, a connection or the end.
    Read,
    /// Room to send.
    Write,
    /// Either.
    Both,
}

/// Waits until a descriptor is ready; false when the deadline passed first.
pub fn wait(fd: LentSocket<'_>, ready: Ready, deadline: Deadline) -> Result<bool> {
    let flags = match ready {
        Ready::Read => PollFlags::IN,
        Ready::Write => PollFlags::OUT,
        Ready::Both => PollFlags::IN | PollFlags::OUT,
    };
    loop {
        let left = deadline.left();
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        let mut fds = [PollFd::from_borrowed_fd(fd, flags)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(0) if left.is_some() => return Ok(false),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) if fds[0].revents().contains(PollFlags::NVAL) => return Err(errno::BADF),
            Ok(_) => return Ok(true),
            Err(error) => return Err(error.raw_os_error()),
        }
    }
}

fn retried<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result.map_err(Errno::raw_os_error),
        }
    }
}

/// Receives; `blocking` may wait, else `AGAIN` says that there is nothing now.
pub fn recv(fd: LentSocket<'_>, buffer: &mut [u8], blocking: bool) -> Result<usize> {
    let flags = if blocking { RecvFlags::empty() } else { RecvFlags::DONTWAIT };
    retried(|| net::recv(fd, &mut *buffer, flags).map(|(count, _)| count))
}

/// Receives bytes that are there without taking them.
pub fn peek(fd: LentSocket<'_>, buffer: &mut [u8]) -> Result<usize> {
    retried(|| net::recv(fd, &mut *buffer, RecvFlags::DONTWAIT | RecvFlags::PEEK).map(|(count, _)| count))
}

/// Sends what there is room for, without ever raising SIGPIPE. Never waits.
pub fn send(fd: LentSocket<'_>, data: &[u8]) -> Result<usize> {
    // Apple's systems have `refuse_sigpipe` instead.
    #[cfg(target_vendor = "apple")]
    const FLAGS: SendFlags = SendFlags::DONTWAIT;
    #[cfg(not(target_vendor = "apple"))]
    const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);
    retried(|| net::send(fd, data, FLAGS))
}

/// Makes a socket of Apple's never raise SIGPIPE; elsewhere each `send` says so.
pub fn refuse_sigpipe(fd: LentSocket<'_>) {
    #[cfg(target_vendor = "apple")]
    let _ = net::sockopt::set_socket_nosigpipe(fd, true);
    let _ = fd;
}

/// Tells whether a descriptor is a stream socket.
pub fn is_stream(fd: LentSocket<'_>) -> Result<bool> {
    retried(|| net::sockopt::socket_type(fd)).map(|kind| kind == SocketType::STREAM)
}

/// Tells whether a socket has a peer.
pub fn is_connected(fd: LentSocket<'_>) -> Result<bool> {
    match retried(|| net::getpeername(fd)) {
        Ok(_) => Ok(true),
        Err(errno::NOTCONN) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Tells whether a descriptor is in non-blocking mode.
pub fn is_nonblocking(fd: LentSocket<'_>) -> Result<bool> {
    let flags = retried(|| rustix::fs::fcntl_getfl(fd))?;
    Ok(flags.contains(rustix::fs::OFlags::NONBLOCK))
}

/// Changes the mode of a descriptor, if it has to be.
pub fn set_nonblocking(fd: LentSocket<'_>, on: bool) -> Result<()> {
    let mut flags = retried(|| rustix::fs::fcntl_getfl(fd))?;
    if flags.contains(rustix::fs::OFlags::NONBLOCK) == on {
        return Ok(());
    }
    flags.set(rustix::fs::OFlags::NONBLOCK, on);
    retried(|| rustix::fs::fcntl_setfl(fd, flags))
}

/// Which half of a connection to shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Receiving.
    Read,
    /// Sending.
    Write,
    /// Both.
    Both,
}

/// Shuts a connection down. Threads that wait for it wake.
pub fn shutdown(fd: LentSocket<'_>, half: Half) -> Result<()> {
    let how = match half {
        Half::Read => net::Shutdown::Read,
        Half::Write => net::Shutdown::Write,
        Half::Both => net::Shutdown::Both,
    };
    retried(|| net::shutdown(fd, how))
}

/// Sends small pieces at once: Nagle's algorithm holds back the end of a handshake for 40 ms. Sockets that are
/// not TCP have no such option.
pub fn set_nodelay(fd: LentSocket<'_>, on: bool) {
    let _ = net::sockopt::set_tcp_nodelay(fd, on);
}

/// Tells whether small pieces are sent at once.
pub fn is_nodelay(fd: LentSocket<'_>) -> bool {
    net::sockopt::tcp_nodelay(fd).unwrap_or(false)
}

/// Finds the addresses of a host. A name is looked up on a thread of its own, which is left behind when the
/// deadline passes: the system's resolver knows no deadline. None means that it passed.
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

/// Makes a TCP socket for an address, closed in children.
pub fn tcp_socket(address: &SocketAddr) -> Result<OwnedSocket> {
    let family = if address.is_ipv4() { net::AddressFamily::INET } else { net::AddressFamily::INET6 };
    retried(|| net::socket_with(family, SocketType::STREAM, net::SocketFlags::CLOEXEC, None))
}

/// A socket address of any family.
#[derive(Clone, Debug)]
pub struct Endpoint(net::SocketAddrAny);

impl Endpoint {
    const LARGEST: usize = size_of::<net::addr::SocketAddrStorage>();

    /// Reads a struct sockaddr; None if it is too short or too long for one.
    pub fn read(bytes: &[u8]) -> Option<Endpoint> {
        let fits = (2..=Endpoint::LARGEST).contains(&bytes.len());
        let len = u32::try_from(bytes.len()).ok().filter(|_| fits)?;
        // SAFETY: copies that many bytes, of which there are no more than it has room for.
        Some(Endpoint(unsafe { net::SocketAddrAny::read(bytes.as_ptr().cast(), len) }))
    }

    /// The system's number of the address family.
    pub fn family(&self) -> i32 {
        i32::from(self.0.address_family().as_raw())
    }

    /// All addresses of this machine in a family; None where it is no internet's.
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

/// Connects within a deadline. True when connected, false when the deadline passed.
pub fn connect(fd: LentSocket<'_>, address: &Endpoint, deadline: Deadline) -> Result<bool> {
    set_nonblocking(fd, true)?;
    match start_connect(fd, address) {
        Err(errno::INPROGRESS) => {}
        done => return done.map(|()| true),
    }
    finish_connect(fd, deadline)
}

/// Waits for a connection that is being made. True when connected, false when the deadline passed. What comes
/// to nothing is forgotten, so that another attempt is possible.
pub fn finish_connect(fd: LentSocket<'_>, deadline: Deadline) -> Result<bool> {
    let result = connection_made(fd, deadline);
    if result != Ok(true) {
        let _ = net::connect_unspec(fd);
    }
    result
}

fn connection_made(fd: LentSocket<'_>, deadline: Deadline) -> Result<bool> {
    if !wait(fd, Ready::Write, deadline)? {
        return Ok(false);
    }
    retried(|| net::sockopt::socket_error(fd))?.map_err(Errno::raw_os_error)?;
    Ok(true)
}

/// Connects as far as the descriptor's mode allows.
pub fn start_connect(fd: LentSocket<'_>, address: &Endpoint) -> Result<()> {
    let attempt = || net::connect(fd, &address.0).map_err(Errno::raw_os_error);
    match attempt() {
        // What Linux says once about an attempt before this one that failed.
        Err(errno::CONNABORTED) => attempt(),
        first => first,
    }
}

/// Makes a socket that listens; `backlog` 0 is the system's choice, `both` takes IPv4 on an IPv6 socket too.
pub fn listen(address: &SocketAddr, backlog: u32, both: bool) -> Result<OwnedSocket> {
    let fd = tcp_socket(address)?;
    retried(|| net::sockopt::set_socket_reuseaddr(&fd, true))?;
    if address.is_ipv6() {
        retried(|| net::sockopt::set_ipv6_v6only(&fd, !both))?;
    }
    retried(|| net::bind(&fd, address))?;
    start_listening(lend(&fd), backlog)?;
    Ok(fd)
}

/// Binds a socket.
pub fn bind(fd: LentSocket<'_>, address: &Endpoint) -> Result<()> {
    retried(|| net::bind(fd, &address.0))
}

/// Starts listening; `backlog` 0 is the system's choice.
pub fn start_listening(fd: LentSocket<'_>, backlog: u32) -> Result<()> {
    const SYSTEM_CHOICE: i32 = 128;
    let backlog = if backlog == 0 { SYSTEM_CHOICE } else { i32::try_from(backlog).unwrap_or(i32::MAX) };
    retried(|| net::listen(fd, backlog))
}

/// Accepts a connection; `AGAIN` when a non-blocking listener has none.
pub fn accept(fd: LentSocket<'_>) -> Result<OwnedSocket> {
    retried(|| net::accept_with(fd, net::SocketFlags::CLOEXEC))
}

/// An address as text: numeric host, or the path of a local socket, whose port is -1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The host or path.
    pub host: String,
    /// The port.
    pub port: i32,
    /// The system's number of the address family.
    pub family: i32,
    /// IPv6: the flow.
    pub flowinfo: u32,
    /// IPv6: the interface.
    pub scope_id: u32,
}

/// The address of this end.
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
    let path = net::SocketAddrUnix::try_from(address.clone())
        .ok()
        .and_then(|local| local.path().map(|path| path.to_string_lossy().into_owned()));
    Address { host: path.unwrap_or_default(), port: -1, family, flowinfo: 0, scope_id: 0 }
}

/// Tells whether a file can be told from one read before: device, file, size and time of change.
pub fn file_identity(path: &std::path::Path) -> Result<[i128; 4]> {
    let stat = retried(|| rustix::fs::stat(path))?;
    let changed = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
    Ok([stat.st_dev.into(), stat.st_ino.into(), stat.st_size.into(), changed])
}

/// What the resolver said, without the words that every such error begins with.
pub fn look_up_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to lookup address information: ").unwrap_or(&text).to_string()
}

/// Resets a connection at once: threads that wait for it wake, the peer gets a reset. A socket that cannot do so
/// is shut down.
pub fn reset(fd: LentSocket<'_>) {
    let _ = net::sockopt::set_socket_linger(fd, Some(Duration::ZERO));
    if net::connect_unspec(fd).is_err() {
        let _ = net::shutdown(fd, net::Shutdown::Both);
    }
}
