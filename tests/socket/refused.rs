//! What is refused changes nothing.

use super::pair::{TLS12, TLS13, client, local, wrap, wrap_server};
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
