//! What a socket tells of its peer, and of the reason for a failed call.

use super::certs;
use super::connect::unconnected;
use super::pair::*;
use super::scenes::FULL;
use socket::{Half, Ready};
use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;
use tlsock::*;

#[test]
fn a_socket_tells_of_its_peer_what_its_connection_tells() {
    each(|client, server| {
        for (end, peer) in [(&client, &server), (&server, &client)] {
            assert_eq!(end.server_name(), Some(c"localhost"));
            let own = end.finished(true).expect("a finished handshake");
            assert!(!own.is_empty() && own != end.finished(false).expect("a finished handshake"));
            assert_eq!(peer.finished(false), Some(own));
            assert_eq!(end.verify_result().unwrap(), 0);
        }
        let chain = |list: CertificateList| -> Vec<Vec<u8>> {
            list.as_slice().iter().map(|certificate| certificate.der().to_vec()).collect()
        };
        let again = chain(client.verify_again().unwrap());
        assert_eq!((again.len(), chain(server.verify_again().unwrap()).len()), (3, 0));
        assert_eq!(again, chain(client.connection().unwrap().get_verified_chain().unwrap()));
    });
    let alone = wrap_client(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    assert_eq!((alone.server_name(), alone.finished(true)), (None, None));
    assert_eq!(alone.verify_result().unwrap_err().os_errno(), 107);
    assert_eq!(status(alone.verify_again()), Status::Os);
}

#[test]
fn only_objects_report_verification() {
    for flags in [WrapFlags::default(), WrapFlags::SERVER_SIDE] {
        let context = if flags.has(WrapFlags::SERVER_SIDE) { server(TLS13) } else { client(TLS13) };
        let refused = wrap(&context, local().0, flags | WrapFlags::REPORT_VERIFICATION, None);
        assert_eq!(message(refused.map(drop)), "only objects report verification");
    }
}

/// A writer that has read the goodbye of a peer, which has gone since, is told of the end and not of a pipe alone.
#[test]
fn a_write_to_a_peer_that_said_goodbye_tells_of_the_end() {
    for version in [TLS12, TLS13] {
        let (client, server) = pair_over(local(), version, WrapFlags::default());
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        server.close_write().unwrap();
        server.close().unwrap();
        // Data that is not read yet is not reported.
        let unread = client.send(b"x").unwrap_err();
        assert_eq!((unread.status(), unread.os_errno()), (Status::Os, 32));
        assert_eq!(client.recv(&mut [0; 8]).unwrap(), 0);
        let told = client.send(b"x").unwrap_err();
        assert_eq!(told.status(), Status::ZeroReturn);
        let cause = told.detail().and_then(|detail| detail.cause.as_ref()).expect("a cause");
        assert_eq!((cause.status(), cause.os_errno()), (Status::Os, 32));
    }
}

/// A connect that is under way ends with both halves: nobody takes what is left for a connection.
#[test]
fn a_connect_under_way_ends_when_both_halves_are_shut() {
    let fd = unconnected("127.0.0.1");
    let socket = wrap_client(fd, TLS13, WrapFlags::default()).unwrap();
    socket.settimeout(Timeout::NonBlocking).unwrap();
    assert_eq!(status(socket.connect_host("127.0.0.1", FULL.1.port())), Status::WantWrite);
    let _ = socket.shutdown(Half::Both);
    assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 0);
    assert_eq!(socket.send(b"x").unwrap_err().os_errno(), 32);
    assert!(status(socket.connect_host("127.0.0.1", FULL.1.port())) != Status::WantWrite);
}

/// Large records that were received ahead wait in the buffer they came in.
#[test]
fn large_records_that_were_received_ahead_are_read_in_order() {
    each(|client, server| {
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        let data: Vec<u8> = (0..40_000_u32).map(|number| (number * 7 % 253) as u8).collect();
        client.set_read_ahead(true);
        server.sendall(&data).unwrap();
        // SAFETY: the socket is open until the end of the test.
        let raw = unsafe { BorrowedFd::borrow_raw(client.fileno().unwrap()) };
        while rustix::io::ioctl_fionread(raw).unwrap() < 40_000 {}
        let mut got = receive(&client, 100);
        got.extend(receive(&client, 20_000));
        client.wait(Ready::Read, seconds(0.0)).unwrap();
        got.extend(receive(&client, 19_900));
        assert!(got == data);
    });
}

/// As a library takes it that knows the traits alone.
fn echoed<S: Read + Write>(mut stream: S, words: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(words)?;
    stream.flush()?;
    let mut back = vec![0; words.len()];
    stream.read_exact(&mut back)?;
    Ok(back)
}

#[test]
fn whoever_owns_a_socket_has_a_stream() {
    let (client, server) = pair();
    let echo = std::thread::spawn(move || server.sendall(&receive(&server, 5)).unwrap());
    assert_eq!(echoed(client, b"hello").unwrap(), b"hello");
    echo.join().unwrap();
    // Plain bytes take the same way.
    let (client, server) = pair_over(local(), TLS13, WrapFlags::default());
    let other = std::thread::spawn(move || {
        server.unwrap().unwrap();
        server.sendall(&receive(&server, 5)).unwrap();
    });
    client.unwrap().unwrap();
    assert_eq!(echoed(client, b"plain").unwrap(), b"plain");
    other.join().unwrap();
}

#[test]
fn each_failure_has_the_nearest_kind_of_the_standard_library() {
    use io::ErrorKind;
    let (one, other) = local();
    let peer = std::thread::spawn(move || wrap_server(other, TLS13, WrapFlags::default()).map(drop));
    let refused = wrap(&client(TLS13), one, WrapFlags::default(), Some("other.example")).err().unwrap();
    let _ = peer.join().unwrap();
    let not_a_stream = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let unsupported = wrap(&client(TLS13), not_a_stream.into(), WrapFlags::default(), None).err().unwrap();
    let context = client(TLS13);
    for (error, kind) in [
        (refused, ErrorKind::PermissionDenied),
        (unsupported, ErrorKind::Unsupported),
        (context.set_verify_mode(7).unwrap_err(), ErrorKind::InvalidInput),
        (Error::type_error("of a callback"), ErrorKind::InvalidInput),
        (context.set_ciphers("no such cipher").unwrap_err(), ErrorKind::Other),
        (ended(), ErrorKind::ConnectionAborted),
    ] {
        let words = error.message().to_string();
        let error = io::Error::from(error);
        assert_eq!(error.kind(), kind, "{words}");
        assert!(error.to_string().contains(&words));
    }
}

/// What a read tells once all of TLS is over.
fn ended() -> Error {
    let (client, server) = pair_over(local(), TLS13, WrapFlags::default());
    server.close_write().unwrap();
    server.close().unwrap();
    assert_eq!(client.recv(&mut [0; 8]).unwrap(), 0);
    client.send(b"x").unwrap_err()
}

/// The deadline counts for the resolver as well, which is never waited for beyond it.
#[test]
fn looking_up_is_within_the_deadline() {
    let context = client(TLS13);
    for name in ["localhost", "no-such-name.invalid"] {
        let late = context.create_connection(name, 1, seconds(1e-9)).err().expect("no time");
        // It may be faster than the clock.
        assert!(matches!(late.status(), Status::Timeout | Status::Os), "{late}");
    }
    assert!(certs::folder().exists());
}

/// A context that is copied for a connection which exists keeps its groups.
#[test]
fn groups_stay_when_callbacks_come_late() {
    let (context, serving) = (client(TLS13), server(TLS13));
    context.set_groups("P-384").unwrap();
    serving.set_groups("X25519:P-256:P-384").unwrap();
    let object = |context: &Context, bios: (&MemoryBio, &MemoryBio), flags, name| {
        context.wrap_bio(Some(bios), flags, name, None).unwrap()
    };
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let near = object(&context, (&down, &up), WrapFlags::default(), Some("localhost"));
    let far = object(&serving, (&up, &down), WrapFlags::SERVER_SIDE, None);
    for context in [&context, &serving] {
        context.set_keylog_callback(Some(std::sync::Arc::new(|_, _| Ok(())))).unwrap();
        context.set_session_callback(Some(std::sync::Arc::new(|_, _| Ok(())))).unwrap();
    }
    for _ in 0..4 {
        let _ = (near.do_handshake(), far.do_handshake());
    }
    assert_eq!((near.group(), far.group()), (Some(c"secp384r1"), Some(c"secp384r1")));
}

#[test]
fn a_call_that_is_late_names_its_phase() {
    each(|client, server| {
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        client.settimeout(Timeout::NonBlocking).unwrap();
        while client.send(&[7; 100_000]).is_ok() {}
        client.settimeout(seconds(1e-9)).unwrap();
        let phase = |error: Error| (error.status(), error.detail().map(|detail| detail.phase));
        // The system may take a little more at each, but not for ever.
        let late = |call: &dyn Fn() -> Result<()>| (0..10_000).find_map(|_| call().err()).map(phase);
        assert_eq!(late(&|| client.close_write()), Some((Status::Timeout, Some(Phase::Shutdown))));
        assert_eq!(late(&|| client.unwrap().map(drop)), Some((Status::Timeout, Some(Phase::Shutdown))));
        assert_eq!(late(&|| client.recv(&mut [0; 8]).map(drop)), Some((Status::Timeout, Some(Phase::Read))));
    });
}
