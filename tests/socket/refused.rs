//! What is refused changes nothing, and nothing of what comes is out of order.

use super::pair::{TLS12, TLS13, client, local, wrap, wrap_server};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use tlsock::context::{VerifyCallback, VerifyOverride};
use tlsock::*;

/// Also once TLS is over, and with it the connection that knows its context.
#[test]
fn a_context_that_was_refused_is_never_the_sockets() {
    for version in [TLS12, TLS13] {
        let (context, other) = (client(version), client(version));
        let refused = other.clone();
        let callback: VerifyCallback = Arc::new(move |connection, _| {
            let error = Socket::of(connection).unwrap().set_context(&refused).unwrap_err();
            assert_eq!(error.status(), Status::Value);
            Ok(())
        });
        context.set_verify_callback(VerifyOverride::Never, Some(callback));
        for taken in [false, true] {
            let (near, far) = local();
            let server = std::thread::spawn(move || {
                let server = wrap_server(far, version, WrapFlags::default()).unwrap();
                server.unwrap().unwrap();
            });
            let socket = wrap(&context, near, WrapFlags::default(), Some("localhost")).unwrap();
            assert!(socket.context().same(&context));
            if taken {
                socket.set_context(&other).unwrap();
            }
            socket.unwrap().unwrap();
            assert!(socket.context().same(if taken { &other } else { &context }), "{version:x} {taken}");
            server.join().unwrap();
        }
    }
}

/// What was received ahead comes first, in any thread: it is there before the socket is plain.
#[test]
fn plain_bytes_come_in_order_after_unwrap() {
    for version in [TLS12, TLS13] {
        let (near, far) = local();
        let mut raw = UnixStream::from(far.try_clone().unwrap());
        let server = std::thread::spawn(move || wrap_server(far, version, WrapFlags::default()).unwrap());
        let socket = wrap(&client(version), near, WrapFlags::default(), Some("localhost")).unwrap();
        let server = server.join().unwrap();
        socket.set_read_ahead(true);
        server.close_write().unwrap();
        let plain: Vec<u8> = (0..100_000_u32).map(|number| (number % 251) as u8).collect();
        raw.write_all(&plain).unwrap();
        assert_eq!(socket.recv(&mut [0; 10]).unwrap(), 0);
        assert_eq!(socket.recv(&mut [0; 10]).unwrap(), 0);
        let mut early = None;
        socket
            .unwrap_giving(|ahead| {
                early = Some((socket.recv(&mut [0; 10]), ahead.len()));
                ahead
            })
            .unwrap();
        let (received, ahead) = early.unwrap();
        let told = received.unwrap_err().status();
        assert_eq!(told, Status::ZeroReturn, "TLS is over, and nothing else has begun");
        assert!(ahead > 0 && ahead < plain.len(), "{ahead}");
        let mut got = Vec::new();
        while got.len() < plain.len() {
            let mut part = [0; 4096];
            let count = socket.recv(&mut part).unwrap();
            got.extend_from_slice(&part[..count]);
        }
        assert!(got == plain);
    }
}
