//! Callbacks of the handshake that have no answer yet: what stops, and what goes on when they have one.
#![allow(clippy::print_stderr)]

mod certs;
mod pair;
#[path = "certs/sign.rs"]
mod sign;
#[path = "waiting/answer.rs"]
mod answer;
#[path = "waiting/client.rs"]
mod client;
#[path = "waiting/deadline.rs"]
mod deadline;
#[path = "waiting/judges.rs"]
mod judges;
#[path = "waiting/memory.rs"]
mod memory;
#[path = "waiting/never.rs"]
mod never;
#[path = "waiting/over.rs"]
mod over;
#[path = "waiting/pump.rs"]
mod pump;
#[path = "waiting/raised.rs"]
mod raised;
#[path = "waiting/renegotiation.rs"]
mod renegotiation;
#[path = "waiting/signature.rs"]
mod signature;
#[path = "waiting/sockets.rs"]
mod sockets;
#[path = "waiting/threads.rs"]
mod threads;
