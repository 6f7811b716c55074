//! The callbacks of contexts, between a client and a server of ours, and compared with Python's ssl.

// What cannot be tested or compared here is said.
#![allow(clippy::print_stdout)]

#[path = "callbacks/abi.rs"]
mod abi;
mod certs;
#[path = "callbacks/entries.rs"]
mod entries;
#[path = "callbacks/keylog.rs"]
mod keylog;
#[path = "callbacks/message.rs"]
mod message;
#[path = "callbacks/pair.rs"]
mod pair;
#[path = "callbacks/post_handshake.rs"]
mod post_handshake;
#[path = "callbacks/psk.rs"]
mod psk;
#[path = "callbacks/queue.rs"]
#[cfg(feature = "openssl")] // It calls functions of OpenSSL.
mod queue;
mod reference;
#[path = "callbacks/session.rs"]
mod session;
#[path = "callbacks/sni.rs"]
mod sni;
#[path = "callbacks/sockets.rs"]
mod sockets;
#[path = "callbacks/switched.rs"]
mod switched;
mod version;
