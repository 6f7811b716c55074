//! What the fuzz targets share: calls with an oracle, owned handles, and two ends of a conversation.
//!
//! Everything goes through the C ABI of `tlsock.h`, so the border is fuzzed too.

pub mod api;
pub mod c;
pub mod call;
pub mod certificate;
pub mod certs;
pub mod client_hello;
pub mod conversation;
pub mod disturbance;
pub mod end;
pub mod file;
pub mod handle;
pub mod handshake;
pub mod libcrypto;
pub mod noise;
pub mod object;
pub mod peer;
pub mod pin;
pub mod queue;
pub mod reader;
pub mod sealed;
pub mod staple;
pub mod unconnected;
pub mod vouching;
pub mod waiting;
