//! An honest handshake, for what only a handshake shows.

use crate::c::*;
use crate::end::End;
use crate::handle::Handle;
use std::ffi::CStr;

/// Does the handshake and sends a few bytes both ways; what happened is in the ends.
pub fn shake(
    client: &Handle<tlsock_context>,
    server: &Handle<tlsock_context>,
    hostname: Option<&CStr>,
    session: Option<&Handle<tlsock_session>>,
) -> Option<(End, End)> {
    let mut client = End::new(client, WRAP_INSECURE_NO_HOSTNAME, hostname, session, true).ok()?;
    let mut server = End::new(server, WRAP_SERVER_SIDE, None, None, true).ok()?;
    client.write(b"from the client");
    server.write(b"from the server");
    for _ in 0..10 {
        let up = client.step();
        server.deliver(&up);
        let down = server.step();
        client.deliver(&down);
        if up.is_empty() && down.is_empty() {
            break;
        }
    }
    let stuck = client.failure.is_none() && server.failure.is_none();
    assert!(
        !stuck || (client.received == server.sent && server.received == client.sent),
        "a handshake hangs"
    );
    Some((client, server))
}
