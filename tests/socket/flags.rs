//! The flags of descriptors: those we make are closed in children, and block as their owner asked.

use super::certs;
use super::connect::unconnected;
use super::pair::*;
use rustix::fs::OFlags;
use rustix::io::FdFlags;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use tlsock::*;

fn lent(socket: &Socket) -> BorrowedFd<'_> {
    unsafe { BorrowedFd::borrow_raw(socket.fileno().unwrap()) }
}

fn is_private(socket: &Socket) -> bool {
    rustix::io::fcntl_getfd(lent(socket)).unwrap().contains(FdFlags::CLOEXEC)
}

fn waits(fd: BorrowedFd<'_>) -> bool {
    !rustix::fs::fcntl_getfl(fd).unwrap().contains(OFlags::NONBLOCK)
}

fn port(socket: &Socket) -> u16 {
    u16::try_from(socket.getsockname().unwrap().port).unwrap()
}

fn listener() -> Socket {
    server(TLS13).create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap()
}

/// Both ends, made with these timeouts of the listener and of the one who connects.
fn made(listening: Timeout, connecting: Timeout) -> (Socket, Socket) {
    let listener = listener();
    listener.settimeout(listening).unwrap();
    let port = port(&listener);
    let client = std::thread::spawn(move || client(TLS13).create_connection("127.0.0.1", port, connecting));
    let server = listener.accept().unwrap().0;
    (client.join().unwrap().unwrap(), server)
}

#[test]
fn descriptors_that_are_made_are_closed_in_children() {
    let (client, server) = made(Timeout::Never, Timeout::Never);
    for socket in [&client, &server, &listener()] {
        assert!(is_private(socket));
    }
    // While a thread is inside, the descriptor that is given away is a copy.
    let reader = server.clone();
    let reader = sleeper(move || reader.recv(&mut [0]).map(drop)).until_asleep();
    let copy = server.detach().unwrap();
    assert!(rustix::io::fcntl_getfd(&copy).unwrap().contains(FdFlags::CLOEXEC));
    rustix::net::shutdown(&copy, rustix::net::Shutdown::Both).unwrap();
    reader.join().unwrap_err();
}

#[test]
fn a_key_log_is_closed_in_children() {
    let path = certs::scratch().join("private-keylog");
    let context = client(TLS13);
    context.set_keylog_filename(Some(&path)).unwrap();
    let numbers = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| {
        let entry = entry.unwrap().path();
        let number = entry.file_name()?.to_str()?.parse().ok()?;
        (std::fs::read_link(&entry).ok()? == path).then_some(number)
    });
    let numbers: Vec<i32> = numbers.collect();
    assert_eq!(numbers.len(), 1);
    let lent = unsafe { BorrowedFd::borrow_raw(numbers[0]) };
    assert!(rustix::io::fcntl_getfd(lent).unwrap().contains(FdFlags::CLOEXEC));
}

/// Others may have the descriptor too, and read its mode.
#[test]
fn what_was_made_blocks_as_its_timeout_says() {
    for (timeout, blocks) in [(Timeout::Never, true), (seconds(20.0), false)] {
        let (client, server) = made(timeout, timeout);
        assert_eq!((waits(lent(&client)), client.gettimeout()), (blocks, timeout));
        // The listener's timeout is not the new socket's.
        assert_eq!((waits(lent(&server)), server.gettimeout()), (true, Timeout::Never));
    }
}

#[test]
fn connecting_leaves_the_mode_as_it_was() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    for (timeout, blocks) in [(Timeout::Never, true), (seconds(20.0), false), (Timeout::NonBlocking, false)] {
        for port in [address.port(), deaf_port()] {
            let socket = wrap_client(unconnected("127.0.0.1"), TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
            socket.settimeout(timeout).unwrap();
            let _ = socket.connect_host("127.0.0.1", port);
            assert_eq!(waits(lent(&socket)), blocks, "{timeout:?}");
        }
    }
}

/// What `wrap_socket` refuses comes back in the mode, and with the delay, that it had.
#[test]
fn a_descriptor_that_is_refused_is_as_it_was() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for delays in [true, false] {
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        stream.set_nodelay(!delays).unwrap();
        let number = stream.as_raw_fd();
        drop(listener.accept().unwrap());
        let context = client(TLS13);
        let fd: OwnedFd = stream.into();
        let refused = context.wrap_socket(fd, WrapFlags::default(), Some("localhost"), None);
        let fd = refused.map(drop).unwrap_err().fd;
        assert_eq!(fd.as_raw_fd(), number);
        let stream = TcpStream::from(fd);
        assert_eq!(stream.nodelay().unwrap(), !delays);
        assert!(waits(std::os::fd::AsFd::as_fd(&stream)));
    }
}
