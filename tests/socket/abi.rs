//! The C entries: what they refuse and what they fill.

// A test is one story of many calls on the same handle.
#![allow(clippy::multiple_unsafe_ops_per_block)]

use super::connect::unconnected;
use super::pair::*;
use std::ffi::{c_char, c_int, c_void};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};
use tlsock::{Error, Socket, Status, Timeout, WrapFlags};

#[repr(C)]
struct Part {
    data: *const c_void,
    len: usize,
}

type Failure = *mut *mut Error;

#[allow(improper_ctypes)]
unsafe extern "C" {
    fn tlsock_socket_bind(socket: *mut Socket, host: *const c_char, port: c_int, error: Failure) -> Status;
    fn tlsock_socket_bind_address(
        socket: *mut Socket,
        at: *const c_void,
        len: usize,
        error: Failure,
    ) -> Status;
    fn tlsock_socket_listen(socket: *mut Socket, backlog: c_int, error: Failure) -> Status;
    fn tlsock_socket_sendv(
        s: *mut Socket,
        p: *const Part,
        count: usize,
        sent: *mut usize,
        e: Failure,
    ) -> Status;
    fn tlsock_socket_sendfile(
        s: *mut Socket,
        file: c_int,
        at: u64,
        count: u64,
        sent: *mut u64,
        e: Failure,
    ) -> Status;
    fn tlsock_socket_makefile(
        s: *mut Socket,
        mode: *const c_char,
        file: *mut *mut tlsock::socket::File,
        e: Failure,
    ) -> Status;
    fn tlsock_socket_getsockopt(
        socket: *const Socket,
        level: c_int,
        name: c_int,
        value: *mut c_void,
        size: usize,
        len: *mut usize,
        error: Failure,
    ) -> Status;
    fn tlsock_socket_setsockopt(
        socket: *mut Socket,
        level: c_int,
        name: c_int,
        value: *const c_void,
        len: usize,
        error: Failure,
    ) -> Status;
    fn fclose(file: *mut tlsock::socket::File) -> c_int;
}

fn part(bytes: &[u8]) -> Part {
    Part { data: bytes.as_ptr().cast(), len: bytes.len() }
}

#[test]
fn listening() {
    let mut socket = wrap_server(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    let socket = &raw mut socket;
    unsafe {
        for port in [-1, 65_536] {
            assert_eq!(tlsock_socket_bind(socket, c"127.0.0.1".as_ptr(), port, null_mut()), Status::Value);
        }
        assert_eq!(tlsock_socket_bind(null_mut(), null(), 0, null_mut()), Status::Value);
        assert_eq!(tlsock_socket_bind_address(socket, null(), 16, null_mut()), Status::Value);
        assert_eq!(
            tlsock_socket_bind_address(socket, [0_u8; 1].as_ptr().cast(), 1, null_mut()),
            Status::Value
        );
        assert_eq!(tlsock_socket_bind(socket, null(), 0, null_mut()), Status::Ok);
        assert_eq!(tlsock_socket_listen(socket, -1, null_mut()), Status::Value);
        assert_eq!(tlsock_socket_listen(socket, 5, null_mut()), Status::Ok);
        assert_eq!((*socket).getsockname().unwrap().host, "0.0.0.0");
    }
}

#[test]
fn sending() {
    let (mut client, server) = pair();
    let file = File::open("/dev/zero").unwrap();
    let zeros = file.as_raw_fd();
    let socket = &raw mut client;
    let (mut sent, mut sent_of_file) = (77, 77);
    unsafe {
        let parts = [part(b"one"), Part { data: null(), len: 0 }, part(b"two")];
        assert_eq!(tlsock_socket_sendv(socket, parts.as_ptr(), 3, &mut sent, null_mut()), Status::Ok);
        assert_eq!(sent, 6);
        assert_eq!(receive(&server, 6), b"onetwo");
        let broken = [part(b"never sent"), Part { data: null(), len: 1 }];
        for (parts, count) in [(broken.as_ptr(), 2), (null(), 1)] {
            assert_eq!(tlsock_socket_sendv(socket, parts, count, &mut sent, null_mut()), Status::Value);
        }
        assert_eq!(sent, 6);
        assert_eq!(tlsock_socket_sendv(socket, null(), 0, null_mut(), null_mut()), Status::Ok);

        assert_eq!(tlsock_socket_sendfile(socket, -1, 0, 1, &mut sent_of_file, null_mut()), Status::Value);
        assert_eq!(tlsock_socket_sendfile(socket, zeros, 0, 1, null_mut(), null_mut()), Status::Value);
        client.settimeout(Timeout::NonBlocking).unwrap();
        let status = tlsock_socket_sendfile(socket, zeros, 0, 1, &mut sent_of_file, null_mut());
        assert_eq!((status, sent_of_file), (Status::Value, 0));
        client.settimeout(seconds(0.1)).unwrap();
        let status = tlsock_socket_sendfile(socket, zeros, 0, 0, &mut sent_of_file, null_mut());
        assert_eq!(status, Status::Timeout);
        assert!(sent_of_file > 0);
    }
}

#[test]
fn streams_and_options() {
    let (mut client, _server) = pair();
    let socket = &raw mut client;
    let (mut file, mut value, mut len) = (null_mut(), [0_u8; 8], 77);
    unsafe {
        for mode in [c"a".as_ptr(), null()] {
            assert_eq!(tlsock_socket_makefile(socket, mode, &mut file, null_mut()), Status::Value);
            assert!(file.is_null());
        }
        assert_eq!(tlsock_socket_makefile(socket, c"r".as_ptr(), &mut file, null_mut()), Status::Ok);
        assert_eq!(fclose(file), 0);

        let place = value.as_mut_ptr().cast();
        assert_eq!(tlsock_socket_getsockopt(socket, 1, 3, place, 8, &mut len, null_mut()), Status::Ok);
        assert_eq!((len, value[0]), (4, 1));
        assert_eq!(tlsock_socket_getsockopt(socket, 1, 3, place, 8, null_mut(), null_mut()), Status::Ok);
        assert_eq!(
            tlsock_socket_getsockopt(socket, 1, 3, null_mut(), 8, &mut len, null_mut()),
            Status::Value
        );
        assert_eq!(tlsock_socket_getsockopt(socket, 1, 9999, place, 8, &mut len, null_mut()), Status::Os);
        assert_eq!(len, 4);
        let on = 1_i32.to_ne_bytes();
        assert_eq!(tlsock_socket_setsockopt(socket, 1, 9, on.as_ptr().cast(), 4, null_mut()), Status::Ok);
        assert_eq!(tlsock_socket_setsockopt(socket, 1, 9, null(), 4, null_mut()), Status::Value);
        assert_eq!(tlsock_socket_setsockopt(socket, 1, 9, on.as_ptr().cast(), 1, null_mut()), Status::Os);
    }
}
